"""What `/analytics` takes and gives."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analytics.insights.findings import KINDS, Finding
from analytics.insights.wording import words_for
from analytics.measures import MEASURES
from analytics.personal import PersonalFigures, PersonalWeek
from analytics.trends import DIRECTIONS, LEAST_WEEKS, SURE
from hucares.serializers import InputSerializer, OutputSerializer, UUIDField, camelize

MOST_WEEKS = 104
MEASURE_NAMES = [camelize(name) for name in MEASURES]
STATISTICS, MODEL = "statistics", "model"
SOURCES = [STATISTICS, MODEL]

AnyField = serializers.Field[Any, Any, Any, Any]


class WeeksQuery(InputSerializer):
    """How far back to look."""

    weeks = serializers.IntegerField(
        default=12, min_value=1, max_value=MOST_WEEKS, help_text="How many ISO weeks, with the open one."
    )


class OwnQuery(WeeksQuery):
    """How far back to look, and where."""

    group_id = UUIDField(required=False, help_text="In this group alone; default in all groups.")


def average(help_text: str | None = None) -> serializers.FloatField:
    """A number, or null where there is too little to tell it from."""
    return serializers.FloatField(allow_null=True, help_text=help_text)


def begins_with_from(serializer: type[OutputSerializer], field: AnyField) -> None:
    """Give a serializer a field `from`, which is a word of Python and cannot be declared in the class."""
    serializer._declared_fields = {"from": field, **serializer._declared_fields}


class RangeOutput(OutputSerializer):
    """The weeks that figures are about."""

    to = serializers.DateField(source="last", help_text="The Sunday of the open week.")
    weeks = serializers.IntegerField(source="count")


begins_with_from(RangeOutput, serializers.DateField(source="first", help_text="The first week's Monday."))


class AveragesOutput(OutputSerializer):
    """The average of each measure; all null where `enoughData` is false."""

    productive = average()
    satisfied = average()
    body = average()
    care = average()
    hu_cares = average()
    n = serializers.IntegerField(help_text="How many check-ins they are built on.")
    enough_data = serializers.BooleanField()


class TrendOutput(OutputSerializer):
    """Which way a measure has been going."""

    slope_per_week = average("Points per week: the Theil-Sen estimate over the weekly averages.")
    direction = serializers.ChoiceField(
        choices=DIRECTIONS, allow_null=True, help_text=f"`up` or `down` where `pValue` is below {SURE}."
    )
    p_value = average("Of going up or down at all: the Mann-Kendall test.")
    n = serializers.IntegerField(help_text=f"How many weeks it is built on; below {LEAST_WEEKS} nothing is said.")
    enough_data = serializers.BooleanField()


class TrendsOutput(OutputSerializer):
    """The trend of each measure."""

    productive = TrendOutput()
    satisfied = TrendOutput()
    body = TrendOutput()
    care = TrendOutput()
    hu_cares = TrendOutput()


class PersonalWeekOutput(OutputSerializer):
    """One week of the caller's, the averages over the check-ins made in it."""

    week_start = serializers.DateField()
    productive = average()
    satisfied = average()
    body = average()
    care = average()
    hu_cares = average()
    check_ins = serializers.IntegerField()


class StreakOutput(OutputSerializer):
    """Periods with a check-in in a row; the open one counts once checked in, and is not missed before it closes."""

    current = serializers.IntegerField()
    longest = serializers.IntegerField()


def shown_week(week: PersonalWeek | None) -> dict[str, Any] | None:
    """A row of the series, or null."""
    return PersonalWeekOutput().to_representation(week) if week else None


class PersonalOutput(OutputSerializer):
    """How the caller has been."""

    range = RangeOutput()
    series = PersonalWeekOutput(many=True)
    averages = AveragesOutput()
    trends = TrendsOutput()
    best = serializers.SerializerMethodField(help_text="The week with the highest HuCares score.")
    worst = serializers.SerializerMethodField(help_text="The week with the lowest HuCares score.")
    streak = StreakOutput()
    participation_rate = average("Closed periods with a check-in, of those in which the caller was a member.")

    @extend_schema_field(PersonalWeekOutput(allow_null=True))
    def get_best(self, figures: PersonalFigures) -> dict[str, Any] | None:
        """The best week."""
        return shown_week(figures.best)

    @extend_schema_field(PersonalWeekOutput(allow_null=True))
    def get_worst(self, figures: PersonalFigures) -> dict[str, Any] | None:
        """The worst week."""
        return shown_week(figures.worst)


class GroupWeekOutput(OutputSerializer):
    """One week of a group's."""

    week_start = serializers.DateField()
    averages = AveragesOutput()
    participants = serializers.IntegerField(help_text="Members with a check-in, private or not.")
    members = serializers.IntegerField(help_text="Who was a member then.")
    participation_rate = average("Participants divided by members.")


class ScoreRangeOutput(OutputSerializer):
    """A range of the HuCares score."""

    to = serializers.IntegerField(source="most", help_text="The highest score in it.")
    count = serializers.IntegerField(allow_null=True, help_text="How many check-ins have a score in it.")


begins_with_from(ScoreRangeOutput, serializers.IntegerField(source="least", help_text="The lowest score in it."))


class GroupFiguresOutput(OutputSerializer):
    """How a group has been, over what its members share."""

    range = RangeOutput()
    series = GroupWeekOutput(many=True)
    averages = AveragesOutput()
    trends = TrendsOutput()
    distribution = ScoreRangeOutput(many=True)
    participation_rate = average("Over the closed weeks.")


class ComparedOutput(OutputSerializer):
    """The caller and the other members, by one measure."""

    you = average()
    group = average("The average of the others' check-ins; null unless two of them share theirs.")
    difference = average("`you` minus `group`.")
    percentile = average("How many per cent of the others have a lower average, and half of those with the same.")
    n = serializers.IntegerField(help_text="How many check-ins of the others it is built on.")


class ComparedMeasuresOutput(OutputSerializer):
    """Each measure compared."""

    productive = ComparedOutput()
    satisfied = ComparedOutput()
    body = ComparedOutput()
    care = ComparedOutput()
    hu_cares = ComparedOutput()


class ComparisonOutput(OutputSerializer):
    """The caller among the other members."""

    range = RangeOutput()
    measures = ComparedMeasuresOutput()


class EvidenceOutput(OutputSerializer):
    """What an insight rests on."""

    n = serializers.IntegerField(help_text="How many weeks, days or periods were looked at.")
    window = RangeOutput()
    method = serializers.CharField()
    value = serializers.FloatField(help_text="What the method gives, in its units.")
    p_value = average("How often chance alone would do as much, corrected for all that was tried; null for counts.")


class InsightOutput(OutputSerializer):
    """Something that the caller's history shows beyond chance."""

    kind = serializers.ChoiceField(choices=KINDS)
    measure = serializers.SerializerMethodField()
    direction = serializers.ChoiceField(choices=DIRECTIONS, allow_null=True)
    title = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    evidence = EvidenceOutput()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]

    @extend_schema_field(serializers.ChoiceField(choices=MEASURE_NAMES, allow_null=True))
    def get_measure(self, finding: Finding) -> str | None:
        """What it is about; of two measures that move together the first."""
        return camelize(finding.measure) if finding.measure else None

    def get_title(self, finding: Finding) -> str:
        """The finding in a few words."""
        return words_for(finding)[0]

    def get_message(self, finding: Finding) -> str:
        """The finding in a sentence or two."""
        return words_for(finding)[1]

    @extend_schema_field(serializers.ChoiceField(choices=SOURCES))
    def get_source(self, finding: Finding) -> str:
        """Who wrote the words: they come from the statistics unless a model has rephrased them."""
        return STATISTICS
