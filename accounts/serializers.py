"""The JSON of accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.models import ROLES, USERNAME_PATTERN, User
from accounts.preferences import whole_notification_preferences, whole_privacy_settings
from hucares.serializers import BooleanField, CharField, InputSerializer, OutputSerializer, TimezoneField


class UsernameField(CharField):
    """3 to 20 letters, digits and underscores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=3, max_length=20, **options)
        message = "May only contain letters, digits and underscores."
        self.validators.append(RegexValidator(USERNAME_PATTERN, message))


class RegisterInput(InputSerializer):
    """A new account."""

    username = UsernameField()
    email = serializers.EmailField(max_length=255)
    password = CharField(trim_whitespace=False, max_length=128)
    timezone = TimezoneField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The password must be strong, not common and not like the name or address."""
        try:
            validate_password(attrs["password"], User(username=attrs["username"], email=attrs["email"]))
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return attrs


class LoginInput(InputSerializer):
    """Address and password."""

    email = CharField(max_length=255)
    password = CharField(trim_whitespace=False, max_length=128)


class RefreshInput(InputSerializer):
    """The refresh token to spend."""

    refresh_token = CharField(max_length=2048)


class LogoutInput(InputSerializer):
    """Whether to end the person's other sessions too."""

    everywhere = BooleanField(default=False)


class ProfileOutput(OutputSerializer):
    """A person, as that person sees it. Never a password, hash or token."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    email = serializers.EmailField()
    email_verified = serializers.BooleanField()
    avatar_url = serializers.CharField(allow_null=True)
    timezone = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    notification_preferences = serializers.SerializerMethodField()
    privacy_settings = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    last_login_at = serializers.DateTimeField(source="last_login", allow_null=True)
    last_active_at = serializers.DateTimeField(allow_null=True)

    def get_notification_preferences(self, user: User) -> dict[str, Any]:
        """Answered whole."""
        return whole_notification_preferences(user.notification_preferences)

    def get_privacy_settings(self, user: User) -> dict[str, Any]:
        """Answered whole."""
        return whole_privacy_settings(user.privacy_settings)


class TokensOutput(OutputSerializer):
    """A pair of tokens."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()


class SignedInOutput(TokensOutput):
    """A person and a pair of tokens."""

    user = ProfileOutput()


class MessageOutput(OutputSerializer):
    """A sentence."""

    message = serializers.CharField()


class UserBriefOutput(OutputSerializer):
    """A person, as others see them."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
