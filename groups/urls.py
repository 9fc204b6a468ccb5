"""Addresses of groups, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from groups.views import GroupViewSet, PersonViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("groups", GroupViewSet, basename="group")

urlpatterns = [
    path("users/search", PersonViewSet.as_view({"get": "list"}), name="search"),
    *router.urls,
]
