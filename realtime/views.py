"""`/groups/:id/events`."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.authentication import caller
from groups.access import visit
from hucares.requests import validated
from realtime import log
from realtime.metrics import REPLAYS_BY_HTTP
from realtime.serializers import EventsOutput, EventsQuery
from realtime.telling import Told, tell


class GroupEventViewSet(ViewSet):
    """What happened in a group, for clients that were away."""

    @extend_schema(operation_id="groups_events_list", parameters=[EventsQuery], responses=EventsOutput)
    def list(self, request: Request, group_id: UUID) -> Response:
        """The events after `since`, in order, as the group's sockets hear them."""
        user = caller(request)
        visit(user, group_id)
        missed = log.replay(group_id, **validated(EventsQuery, request.query_params))
        REPLAYS_BY_HTTP.inc()
        events = [event_for(user.pk, told) for told in tell(missed.events)]
        return Response({"events": events, "head": missed.head, "epoch": missed.epoch, "resync": missed.resync})


def event_for(user_id: UUID, told: Told) -> dict[str, object]:
    """One event as this person hears it."""
    event = told.event_for(user_id)
    return {"seq": told.seq, "event": event.name, "data": event.content(), "createdAt": told.created_at}
