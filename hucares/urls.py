"""All addresses."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from hucares import docs
from hucares.admin import no_password_change

api: list[URLPattern | URLResolver] = [
    path("schema", docs.schema, name="schema"),
    path("docs", docs.swagger, name="docs"),
    path("redoc", docs.redoc, name="redoc"),
    path("", include("accounts.urls")),
    path("", include("groups.urls")),
    path("", include("checkins.urls")),
    path("", include("analytics.urls")),
    path("", include("notifications.urls")),
    path("", include("realtime.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api)),
    path("admin/password_change/", no_password_change),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="docs")),
    path("", include("accounts.page_urls")),
    path("", include("groups.page_urls")),
    path("", include("notifications.page_urls")),
]
