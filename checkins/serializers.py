"""The JSON of check-ins."""

from __future__ import annotations

from typing import Any

import emoji
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from checkins.current import Current
from checkins.models import CheckIn
from hucares.serializers import (
    BooleanField,
    CharField,
    DayField,
    InputSerializer,
    IntegerField,
    OutputSerializer,
    UUIDField,
)


class EmojiField(CharField):
    """One emoji."""

    default_error_messages = {"emoji": "Must be one emoji."}

    def to_internal_value(self, data: Any) -> str:
        """The emoji. Raises `ValidationError`."""
        text = super().to_internal_value(data)
        if not emoji.is_emoji(text):
            self.fail("emoji")
        return text


def answer(column: str, question: str) -> IntegerField:
    """The answer to one of the four questions."""
    return IntegerField(source=column, min_value=1, max_value=10, help_text=question)


class AnswersInput(InputSerializer):
    """The four answers and what may be added to them."""

    productive = answer("productive_score", "How productive was it?")
    satisfied = answer("satisfied_score", "How satisfied are you with it?")
    body = answer("body_score", "How good did your body feel?")
    care = answer("care_score", "How much did you care about things outside yourself?")
    reflection_note = CharField(required=False, allow_null=True, allow_blank=True, max_length=2000)
    mood_emoji = EmojiField(required=False, allow_null=True, max_length=10)
    energy_level = IntegerField(required=False, allow_null=True, min_value=1, max_value=5)
    is_private = BooleanField(required=False)


class CheckInInput(AnswersInput):
    """A check-in to a group."""

    group_id = UUIDField()


class CheckInChange(AnswersInput):
    """Other answers; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        """The same fields, none of them required."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class CheckInOutput(OutputSerializer):
    """A check-in as the caller sees it: what the caller may not see is null, and `hidden` says so."""

    # `context["viewer"]` is who looks at it.

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    group_id = serializers.UUIDField()
    week_start_date = serializers.DateField()
    check_in_date = serializers.DateTimeField()
    productive = serializers.IntegerField(source="productive_score", allow_null=True)
    satisfied = serializers.IntegerField(source="satisfied_score", allow_null=True)
    body = serializers.IntegerField(source="body_score", allow_null=True)
    care = serializers.IntegerField(source="care_score", allow_null=True)
    hu_cares_score = serializers.IntegerField(
        allow_null=True, help_text="productive + satisfied + body - care, from -7 to 29"
    )
    reflection_note = serializers.CharField(allow_null=True)
    mood_emoji = serializers.CharField(allow_null=True)
    energy_level = serializers.IntegerField(allow_null=True)
    is_private = serializers.BooleanField()
    submitted_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    hidden = serializers.SerializerMethodField()

    def get_hidden(self, check_in: CheckIn) -> bool:
        """Whether the numbers and the note are kept from the viewer."""
        return check_in.is_hidden_from(self.context["viewer"])

    def to_representation(self, instance: CheckIn) -> dict[str, Any]:
        """The row, or that it happened."""
        shown = super().to_representation(instance)
        if shown["hidden"]:
            shown.update(dict.fromkeys(KEPT_FROM_OTHERS))
        return shown


KEPT_FROM_OTHERS = (
    "productive",
    "satisfied",
    "body",
    "care",
    "huCaresScore",
    "reflectionNote",
    "moodEmoji",
    "energyLevel",
)


class CurrentQuery(InputSerializer):
    """Which groups' open periods to show."""

    group_id = UUIDField(required=False)


class GroupListQuery(InputSerializer):
    """Which check-ins of a group to list."""

    period = DayField(required=False, help_text="A day of the period; default today.")
    user_id = UUIDField(required=False)


class HistoryQuery(InputSerializer):
    """Which closed periods to list, by their first days."""

    group_id = UUIDField(required=False, help_text="The periods of this group; default ISO weeks over all groups.")
    to = DayField(required=False, help_text="The last first day.")

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which is a word of Python and cannot be declared."""
        since = DayField(required=False, source="since", help_text="The first first day.")
        return {**super().get_fields(), "from": since}


class HistoryAverageOutput(OutputSerializer):
    """The average of each answer, and of the score."""

    productive = serializers.FloatField()
    satisfied = serializers.FloatField()
    body = serializers.FloatField()
    care = serializers.FloatField()
    hu_cares = serializers.FloatField()


class HistoryOutput(OutputSerializer):
    """A closed period in which the caller checked in."""

    period_start = serializers.DateField()
    period_end = serializers.DateField()
    check_ins = serializers.IntegerField(help_text="How many there are.")
    average = HistoryAverageOutput()
    change = serializers.FloatField(
        allow_null=True, help_text="The average HuCares score minus that of the row before it in time."
    )


class CurrentOutput(OutputSerializer):
    """One group's open period, and the caller's check-in in it."""

    group_id = serializers.UUIDField()
    period_start = serializers.DateField(source="period.start")
    period_end = serializers.DateField(source="period.end")
    ends_at = serializers.DateTimeField(source="period.closes_at")
    check_in = serializers.SerializerMethodField()

    @extend_schema_field(CheckInOutput(allow_null=True))
    def get_check_in(self, current: Current) -> dict[str, Any] | None:
        """The caller's check-in, or null."""
        if current.check_in is None:
            return None
        return CheckInOutput(context=self.context).to_representation(current.check_in)
