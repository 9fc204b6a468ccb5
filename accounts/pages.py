"""The pages behind mailed links. They show a form; the token stays in the browser until the form is sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def mailed_link(request: HttpRequest, template: str) -> HttpResponse:
    """One of the pages. The server never sees the token here: browsers keep what stands behind `#` to themselves."""
    return render(request, f"accounts/pages/{template}.html")
