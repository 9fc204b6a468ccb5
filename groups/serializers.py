"""The JSON of groups."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.fields import AddressField
from accounts.serializers import UserBriefOutput
from groups.discovery import Stranger
from groups.models import SETTABLE_STATUSES, Frequency, Membership, Role, Status
from hucares.serializers import (
    BooleanField,
    CharField,
    InputSerializer,
    IntegerField,
    LineField,
    OutputSerializer,
    TimezoneField,
    UUIDField,
    camelize,
)


class GroupInput(InputSerializer):
    """A group's settings."""

    name = LineField(max_length=100)
    description = CharField(max_length=1000, required=False, allow_null=True, allow_blank=True)
    is_private = BooleanField(required=False)
    max_members = IntegerField(required=False, min_value=2, max_value=100)
    allow_member_invite = BooleanField(required=False)
    check_in_frequency = serializers.ChoiceField(choices=Frequency.choices, required=False)
    timezone = TimezoneField(required=False)


class JoinInput(InputSerializer):
    """An access code, or the id of a public group."""

    access_code = CharField(required=False, max_length=10)
    group_id = UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if len(attrs) != 1:
            raise serializers.ValidationError("Send either accessCode or groupId.")
        return attrs


class InviteInput(InputSerializer):
    """Whom to ask in: a person by id or username, or whoever has an e-mail address."""

    user_id = UUIDField(required=False, source="invited_id")
    username = CharField(required=False, max_length=20)
    email = AddressField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the three."""
        if len(attrs) != 1:
            raise serializers.ValidationError("Send one of userId, username and email.")
        return attrs


class PermissionsInput(InputSerializer):
    """What a plain member may do beside checking in; what is left out stays."""

    can_invite = BooleanField(required=False)
    can_kick = BooleanField(required=False)


class MemberInput(InputSerializer):
    """What an admin changes about a member."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    permissions = PermissionsInput(required=False)
    status = serializers.ChoiceField(choices=SETTABLE_STATUSES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A banned person has no role."""
        if attrs.get("status") == Status.BANNED and len(attrs) > 1:
            raise serializers.ValidationError({"status": ["Whoever is banned gets no role or permissions."]})
        return attrs


class OwnMembershipInput(InputSerializer):
    """Whether to hear of the group."""

    notification_enabled = BooleanField()


class DiscoverQuery(InputSerializer):
    """What a public group's name or description contains."""

    q = CharField(required=False, allow_blank=True, default="", max_length=100)


class SearchQuery(InputSerializer):
    """How a username begins."""

    q = CharField(min_length=2, max_length=20)


class PeriodOutput(OutputSerializer):
    """A period: its first and last day, and the instant at which it closes."""

    start = serializers.DateField()
    end = serializers.DateField()
    ends_at = serializers.DateTimeField(source="closes_at")


class GroupOutput(OutputSerializer):
    """A group, as the caller sees it; `myRole` is null for somebody who is not in it."""

    # Read from the caller's `Membership` with its group, or from a `Stranger`.

    id = serializers.UUIDField(source="group.id")
    name = serializers.CharField(source="group.name")
    description = serializers.CharField(source="group.description", allow_null=True)
    access_code = serializers.SerializerMethodField()
    is_private = serializers.BooleanField(source="group.is_private")
    max_members = serializers.IntegerField(source="group.max_members")
    allow_member_invite = serializers.BooleanField(source="group.allow_member_invite")
    check_in_frequency = serializers.ChoiceField(choices=Frequency.choices, source="group.check_in_frequency")
    timezone = serializers.CharField(source="group.timezone")
    created_by = serializers.UUIDField(source="group.created_by_id", allow_null=True)
    created_at = serializers.DateTimeField(source="group.created_at")
    updated_at = serializers.DateTimeField(source="group.updated_at")
    is_active = serializers.BooleanField(source="group.is_active")
    member_count = serializers.IntegerField(source="group.member_count")
    total_check_ins = serializers.IntegerField(source="group.total_check_ins")
    average_participation_rate = serializers.FloatField(source="group.average_participation_rate")
    my_role = serializers.ChoiceField(choices=Role.choices, source="role", allow_null=True)
    current_period = serializers.SerializerMethodField()

    def get_access_code(self, membership: Membership | Stranger) -> str | None:
        """Null for whoever may not invite."""
        return membership.group.access_code if membership.may_invite else None

    @extend_schema_field(PeriodOutput)
    def get_current_period(self, membership: Membership | Stranger) -> dict[str, Any]:
        """The period that is open now."""
        return PeriodOutput().to_representation(membership.group.current_period)


class AccessCodeOutput(OutputSerializer):
    """A group's access code."""

    access_code = serializers.CharField()


class PermissionsOutput(OutputSerializer):
    """What a plain member may do beside checking in."""

    can_invite = serializers.BooleanField()
    can_kick = serializers.BooleanField()


class MemberOutput(OutputSerializer):
    """A member, as the other members see them."""

    user = UserBriefOutput()
    role = serializers.ChoiceField(choices=Role.choices)
    permissions = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=Status.choices)
    joined_at = serializers.DateTimeField()
    last_active_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(PermissionsOutput)
    def get_permissions(self, membership: Membership) -> dict[str, bool]:
        """`{canInvite, canKick}`."""
        return {camelize(name): allowed for name, allowed in membership.permissions.items()}


class OwnMembershipOutput(MemberOutput):
    """A member, as that member sees it."""

    notification_enabled = serializers.BooleanField()
