"""The page behind the link of a notification."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Leads to the app. It is the same for every group, whether or not there is one: nobody is signed in here."""
    return render(request, "notifications/pages/group.html")
