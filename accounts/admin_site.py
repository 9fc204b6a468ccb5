"""The admin's site: Django's, behind a second factor, with a page of figures to begin with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from accounts import second_factor
from accounts.audit import AuditEntry
from hucares import dashboard

ENTRIES_SHOWN = 8


class StaffSite(AdminSite):
    """Lets in who is staff and, if a second factor is asked of them, has shown it in this browser."""

    site_header = site_title = "HuCares"
    index_title = "How it is"
    index_template = "admin/dashboard.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody is let in."""
        return super().has_permission(request) and not self.asks_for_code(request)

    def asks_for_code(self, request: HttpRequest) -> bool:
        """Whether somebody who has signed in as staff has yet to show their second factor, or to set one up."""
        if second_factor.is_passed(request):
            return False
        return settings.ADMIN_REQUIRE_2FA or second_factor.is_on(request.user)  # type: ignore[arg-type]  # staff

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The page to sign in at; whoever has done that much is led on to the second factor."""
        if request.method == "GET" and super().has_permission(request) and self.asks_for_code(request):
            query = urlencode({"next": request.GET.get("next", "")})
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{query}")
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """How it is today, the last weeks, and what staff did last."""
        context = {"figures": dashboard.figures(), "charts": dashboard.charts(), "entries": latest_entries(request)}
        return super().index(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's pages, and that of the second factor."""
        from accounts.second_factor_page import second_factor_page  # it needs the site

        return [path("second-factor/", second_factor_page, name="second_factor"), *super().get_urls()]


def latest_entries(request: HttpRequest) -> list[AuditEntry]:
    """The end of the audit log, for whoever may see it."""
    if not request.user.has_perm("accounts.view_auditentry"):
        return []
    return list(AuditEntry.objects.order_by("-at")[:ENTRIES_SHOWN])
