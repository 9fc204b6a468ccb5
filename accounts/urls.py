"""Addresses of accounts, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.views import (
    AccountViewSet,
    AuthViewSet,
    AvatarViewSet,
    PinViewSet,
    ProfileViewSet,
    RecoveryViewSet,
    SessionViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("auth", AuthViewSet, basename="auth")
router.register("auth", RecoveryViewSet, basename="recovery")
router.register("auth", PinViewSet, basename="pin")

urlpatterns = [
    path("users/profile", ProfileViewSet.as_view({"get": "retrieve", "put": "update"}), name="profile"),
    path("users/export", AccountViewSet.as_view({"get": "export"}), name="export"),
    path("users/account", AccountViewSet.as_view({"delete": "destroy"}), name="account"),
    path("users/avatar", AvatarViewSet.as_view({"post": "create", "delete": "destroy"}), name="avatar"),
    path("auth/sessions", SessionViewSet.as_view({"get": "list"}), name="sessions"),
    path("auth/sessions/<uuid:id>", SessionViewSet.as_view({"delete": "destroy"}), name="session"),
    *router.urls,
]
