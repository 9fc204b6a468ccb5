"""What admin pages share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse

admin.site.site_header = admin.site.site_title = "HuCares"
admin.site.index_title = "What happens"


def no_password_change(request: HttpRequest) -> HttpResponse:
    """In place of Django's own page, which would end no session, call nothing off and tell nobody. Raises `Http404`."""
    raise Http404


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at. They are made, changed and removed by services, which keep counts and events right."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
