"""`/notifications`."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller
from hucares.api import ApiResponse
from notifications import services
from notifications.filters import NotificationFilter
from notifications.models import Notification
from notifications.serializers import NotificationOutput, UpdatedOutput


class NotificationViewSet(GenericViewSet[Notification]):
    """The caller's own notifications."""

    queryset = Notification.objects.none()
    serializer_class = NotificationOutput
    filterset_class = NotificationFilter
    lookup_value_converter = "uuid"

    def list(self, request: Request) -> Response:
        """The newest first; `meta.unreadCount` counts the unread ones, whatever the filter."""
        mine = Notification.objects.for_user(caller(request))
        page = self.paginate_queryset(self.filter_queryset(mine.order_by("-created_at", "-pk")))
        response = cast(ApiResponse, self.get_paginated_response(NotificationOutput(page, many=True).data))
        response.meta["unreadCount"] = mine.unread().count()
        return response

    @extend_schema(request=None)
    @action(detail=True, methods=["put"])
    def read(self, request: Request, pk: UUID) -> Response:
        """Mark one as read."""
        notification = get_object_or_404(Notification.objects.for_user(caller(request)), pk=pk)
        return Response(NotificationOutput(services.mark_read(notification)).data)

    @extend_schema(request=None, responses=UpdatedOutput)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        return Response({"updated": services.mark_all_read(caller(request))})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Delete one."""
        get_object_or_404(Notification.objects.for_user(caller(request)), pk=pk).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
