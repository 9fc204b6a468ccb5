"""Addresses of notifications and push subscriptions, below `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from notifications.views import NotificationViewSet, PushKeyViewSet, PushSubscriptionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("notifications", NotificationViewSet, basename="notification")

urlpatterns = [
    path("users/push-key", PushKeyViewSet.as_view({"get": "retrieve"}), name="push-key"),
    path("users/push-subscriptions", PushSubscriptionViewSet.as_view({"post": "create"}), name="push-subscriptions"),
    path(
        "users/push-subscriptions/<uuid:id>",
        PushSubscriptionViewSet.as_view({"delete": "destroy"}),
        name="push-subscription",
    ),
    *router.urls,
]
