"""The page behind the link of an invitation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the code to enter. It does not say whether a group has it: guessing codes is what `/groups/join` bounds."""
    return render(request, "groups/pages/join.html", {"code": code.upper()})
