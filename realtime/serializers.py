"""The JSON of the event log."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from hucares.serializers import InputSerializer, OutputSerializer

GREATEST_SEQ = 2**63 - 1


class EventsQuery(InputSerializer):
    """After which event to go on, of which life of the log, and how many to read."""

    since = serializers.IntegerField(default=0, min_value=0, max_value=GREATEST_SEQ)
    epoch = serializers.CharField(required=False, default=None, max_length=64)
    limit = serializers.IntegerField(default=200, min_value=1, max_value=200)


class GroupEventOutput(OutputSerializer):
    """One event, as the socket sends it."""

    seq = serializers.IntegerField()
    event = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()


@extend_schema_serializer(many=False)
class EventsOutput(OutputSerializer):
    """Events in order, and where the log stands. With `resync` there are none: read the state, go on from `head`."""

    events = GroupEventOutput(many=True)
    head = serializers.IntegerField()
    epoch = serializers.UUIDField()
    resync = serializers.BooleanField()
