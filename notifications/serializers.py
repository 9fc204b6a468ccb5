"""The JSON of notifications and push subscriptions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework import serializers

from hucares.public_keys import from_base64url, public_key, to_base64url
from hucares.serializers import CharField, InputSerializer, OutputSerializer
from notifications.kinds import KINDS
from notifications.push_endpoints import ENDPOINT_LENGTH, fault_of


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


class EndpointField(CharField):
    """An address that the server may send to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=ENDPOINT_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        """The address itself. Raises `ValidationError`."""
        endpoint = super().to_internal_value(data)
        fault = fault_of(endpoint)
        if fault:
            raise serializers.ValidationError(fault)
        return endpoint


class PublicKeyField(CharField):
    """A point of the curve P-256, uncompressed, in base64url."""

    default_error_messages = {"invalid_key": "Must be an uncompressed point of the curve P-256, in base64url."}

    def to_internal_value(self, data: Any) -> str:
        """The key as browsers write it. Raises `ValidationError`."""
        try:
            return public_key(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid_key")


class AuthSecretField(CharField):
    """16 bytes in base64url."""

    default_error_messages = {"invalid_secret": "Must be 16 bytes in base64url."}

    def to_internal_value(self, data: Any) -> str:
        """The secret as browsers write it. Raises `ValidationError`."""
        try:
            content = from_base64url(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid_secret")
        if len(content) != 16:
            self.fail("invalid_secret")
        return to_base64url(content)


class MillisecondsField(serializers.FloatField):
    """An instant up to the year 2999, in milliseconds since 1970, as browsers count time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=32_503_679_999_999, **options)

    def to_internal_value(self, data: Any) -> float:
        """The milliseconds. Raises `ValidationError`."""
        if type(data) not in (int, float):
            self.fail("invalid")
        return super().to_internal_value(data)


class PushKeysInput(InputSerializer):
    """What a push to this browser is encrypted with."""

    p256dh = PublicKeyField()
    auth = AuthSecretField()


class PushSubscriptionInput(InputSerializer):
    """A browser's `PushSubscription`, as its `toJSON()` writes it."""

    endpoint = EndpointField()
    expiration_time = MillisecondsField(required=False, allow_null=True)
    keys = PushKeysInput()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Flat, and with the time of expiry as an instant."""
        milliseconds = attrs.get("expiration_time")
        expires_at = None
        if milliseconds is not None:
            expires_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        return {"endpoint": attrs["endpoint"], "expires_at": expires_at, **attrs["keys"]}


class PushSubscriptionOutput(OutputSerializer):
    """A push subscription: never its endpoint or keys."""

    id = serializers.UUIDField()


class PushKeyOutput(OutputSerializer):
    """The key that a browser must be given to subscribe (`applicationServerKey`)."""

    public_key = serializers.CharField()
