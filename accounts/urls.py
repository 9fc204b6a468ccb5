"""Addresses of accounts, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.views import AuthViewSet, ProfileViewSet

router = SimpleRouter(trailing_slash=False)
router.register("auth", AuthViewSet, basename="auth")

urlpatterns = [
    path("users/profile", ProfileViewSet.as_view({"get": "retrieve"}), name="profile"),
    *router.urls,
]
