"""The JSON of accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts import pins
from accounts.fields import AddressField, ClockField, PinField, UsernameField
from accounts.mailed_tokens import owner_of_reset_token
from accounts.models import ROLES, Session, User
from accounts.preferences import whole_notification_preferences, whole_privacy_settings
from hucares.serializers import (
    BooleanField,
    CharField,
    ClosedInputSerializer,
    InputSerializer,
    OutputSerializer,
    TimezoneField,
)


def check_strength(field: str, password: str, owner: User) -> None:
    """Raises `ValidationError` for `field` if the password is weak, common or like its owner's name or address."""
    try:
        validate_password(password, owner)
    except ValidationError as error:
        raise serializers.ValidationError({field: error.messages}) from error


class RegisterInput(InputSerializer):
    """A new account."""

    username = UsernameField(help_text="3 to 20 letters, digits and underscores.")
    email = AddressField()
    password = CharField(
        trim_whitespace=False,
        max_length=128,
        help_text="8 to 128 characters with an upper-case letter, a lower-case letter and a digit; not a common one.",
    )
    timezone = TimezoneField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The password must be strong, not common and not like the name or address."""
        check_strength("password", attrs["password"], User(username=attrs["username"], email=attrs["email"]))
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


class ChangePasswordInput(InputSerializer):
    """The password as it is, and as it shall be."""

    current_password = CharField(trim_whitespace=False, max_length=128)
    new_password = CharField(trim_whitespace=False, max_length=128)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The new password must be as strong as at registration. `context["user"]` is its owner."""
        check_strength("newPassword", attrs["new_password"], self.context["user"])
        return attrs


class MailedTokenInput(InputSerializer):
    """The token of a mailed link."""

    token = CharField(max_length=200)


class EnrolInput(InputSerializer):
    """The PIN that this device shall sign in with, and the password."""

    pin = PinField(help_text="4 to 8 digits; not 1234, 0000 and the like.")
    password = CharField(trim_whitespace=False, max_length=128)

    def validate_pin(self, pin: str) -> str:
        """Not one that would be guessed early."""
        if pins.is_guessable(pin):
            raise serializers.ValidationError("Is too easy to guess.")
        return pin


class PinLoginInput(InputSerializer):
    """What an enrolled device was given, and its PIN."""

    device_token = CharField(max_length=200)
    pin = PinField()


class ForgotPasswordInput(InputSerializer):
    """The address of an account."""

    email = AddressField()


class ResetPasswordInput(MailedTokenInput):
    """The token of a mailed link, and the password as it shall be."""

    new_password = CharField(trim_whitespace=False, max_length=128)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The password must be as strong as at registration. Raises `MailedTokenInvalid`: it depends on the owner."""
        check_strength("newPassword", attrs["new_password"], owner_of_reset_token(attrs["token"]))
        return attrs


class ChangeEmailInput(InputSerializer):
    """The address as it shall be, and the password."""

    new_email = AddressField()
    password = CharField(trim_whitespace=False, max_length=128)


class ErasureInput(InputSerializer):
    """The password of the account that is to go."""

    password = CharField(trim_whitespace=False, max_length=128)


class ChannelsInput(ClosedInputSerializer):
    """Ways in which one kind of notification may come. Stored as it is sent, hence the names."""

    inApp = BooleanField(required=False)
    email = BooleanField(required=False)
    push = BooleanField(required=False)


class QuietHoursInput(ClosedInputSerializer):
    """When nothing is to be delivered, as times of day in the person's zone; the end may be on the next day."""

    start = ClockField()
    end = ClockField()


class NotificationPreferencesInput(ClosedInputSerializer):
    """How somebody wants to hear of what."""

    friendCheckIn = ChannelsInput(required=False)
    groupInvitation = ChannelsInput(required=False)
    weeklyReminder = ChannelsInput(required=False)
    quietHours = QuietHoursInput(required=False, allow_null=True)


class PrivacySettingsInput(ClosedInputSerializer):
    """What others may see, and whether a language model may word the person's insights."""

    profile = serializers.ChoiceField(choices=["public", "friends", "private"], required=False)
    scores = serializers.ChoiceField(choices=["group", "private"], required=False)
    modelInsights = BooleanField(required=False)


class ProfileInput(InputSerializer):
    """What somebody may change about themselves; keys left out stay as they are."""

    username = UsernameField(required=False)
    timezone = TimezoneField(required=False)
    notification_preferences = NotificationPreferencesInput(required=False)
    privacy_settings = PrivacySettingsInput(required=False)


class AvatarInput(InputSerializer):
    """A picture as a file of a multipart form: JPEG, PNG, WebP or GIF, at most 5 MiB."""

    avatar = serializers.FileField()


class AvatarOutput(OutputSerializer):
    """Where the picture is."""

    avatar_url = serializers.CharField()


class SessionOutput(OutputSerializer):
    """A place where the caller is signed in; `context["current"]` is the one that asks."""

    id = serializers.UUIDField()
    user_agent = serializers.CharField()
    ip_address = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    current = serializers.SerializerMethodField()

    def get_current(self, session: Session) -> bool:
        """Whether the request came with this session's token."""
        return bool(session.pk == self.context["current"].pk)


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


class DeviceTokenOutput(OutputSerializer):
    """What an enrolled device keeps, and signs in with."""

    device_token = serializers.CharField()


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
