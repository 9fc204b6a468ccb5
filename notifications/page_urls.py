"""Addresses of pages that notifications link to. A web app in front of the server may answer them itself."""

from django.urls import path

from notifications.pages import group

urlpatterns = [path("groups/<uuid:group_id>", group, name="group-page")]
