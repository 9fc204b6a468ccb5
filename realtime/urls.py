"""Addresses of the event log and of the socket's document, below `/api/v1/`."""

from django.urls import path

from realtime import pages
from realtime.views import GroupEventViewSet

urlpatterns = [
    path("groups/<uuid:group_id>/events", GroupEventViewSet.as_view({"get": "list"}), name="group-events"),
    path("realtime/asyncapi.json", pages.document, name="asyncapi"),
    path("realtime/docs", pages.page, name="socket-docs"),
]
