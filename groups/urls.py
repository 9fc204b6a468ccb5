"""Addresses of groups, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from groups.views import GroupViewSet, MemberViewSet, PersonViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("groups", GroupViewSet, basename="group")

MEMBERS = "groups/<uuid:pk>/members"

urlpatterns = [
    path(MEMBERS, MemberViewSet.as_view({"get": "list"}), name="members"),
    path(f"{MEMBERS}/me", MemberViewSet.as_view({"put": "update_own"}), name="own-membership"),
    path(
        f"{MEMBERS}/<uuid:member_id>",
        MemberViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="member",
    ),
    path("users/search", PersonViewSet.as_view({"get": "list"}), name="search"),
    *router.urls,
]
