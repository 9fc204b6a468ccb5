"""What admin pages share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

admin.site.site_header = admin.site.site_title = "HuCares"
admin.site.index_title = "What happens"


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
