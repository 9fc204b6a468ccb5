"""The JSON of notifications."""

from __future__ import annotations

from rest_framework import serializers

from hucares.serializers import OutputSerializer
from notifications.kinds import KINDS


class NotificationOutput(OutputSerializer):
    """A notification."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(KINDS))
    title = serializers.CharField()
    message = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]
    is_read = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class UpdatedOutput(OutputSerializer):
    """How many rows were changed."""

    updated = serializers.IntegerField()
