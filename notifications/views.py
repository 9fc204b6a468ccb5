"""`/notifications` and `/users/push-*`."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.authentication import caller, session_of
from accounts.views import device_of
from hucares.api import ApiResponse
from hucares.errors import NotFound
from hucares.requests import validated
from notifications import push, services
from notifications.filters import NotificationFilter
from notifications.models import Notification
from notifications.serializers import (
    NotificationOutput,
    PushKeyOutput,
    PushSubscriptionInput,
    PushSubscriptionOutput,
    UpdatedOutput,
)


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


class PushSubscriptionViewSet(ViewSet):
    """Browsers in which the caller wants to be told."""

    @extend_schema(request=PushSubscriptionInput, responses={201: PushSubscriptionOutput})
    def create(self, request: Request) -> Response:
        """Send the browser's subscription, as its `toJSON()` writes it.

        Send it after every sign-in: it is forgotten when the session ends that sent it last, other than by itself.
        Sending it again changes nothing else but its keys. A browser that another person signs in to is theirs from
        then on. Somebody who has more than 20 loses those that were sent longest ago.
        """
        sent = validated(PushSubscriptionInput, request.data)
        row = push.subscribe(session=session_of(request), user_agent=device_of(request).kept_user_agent, **sent)
        return Response(PushSubscriptionOutput(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH)], responses={204: None})
    def destroy(self, request: Request, id: UUID) -> Response:
        """Send nothing more to this browser."""
        push.unsubscribe(user=caller(request), subscription_id=id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PushKeyViewSet(ViewSet):
    """The server's public key for pushes."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=PushKeyOutput)
    def retrieve(self, request: Request) -> Response:
        """What a browser needs to subscribe (`applicationServerKey`); 404 where push is not set up."""
        if not settings.VAPID_PUBLIC_KEY:
            raise NotFound
        return Response({"publicKey": settings.VAPID_PUBLIC_KEY})
