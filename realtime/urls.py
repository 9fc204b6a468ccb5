"""Addresses of the event log, below `/api/v1/`."""

from django.urls import path

from realtime.views import GroupEventViewSet

urlpatterns = [
    path("groups/<uuid:group_id>/events", GroupEventViewSet.as_view({"get": "list"}), name="group-events"),
]
