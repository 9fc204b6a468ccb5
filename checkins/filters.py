"""How lists of check-ins are narrowed and ordered."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from checkins.models import CheckIn
from groups.access import membership_of


class StableOrdering(filters.OrderingFilter):  # type: ignore[misc]
    """Orders by what is asked for, then by key, so that pages neither repeat nor skip a row."""

    def filter(self, qs: QuerySet[CheckIn], value: list[str] | None) -> QuerySet[CheckIn]:
        """The ordered rows."""
        ordered: QuerySet[CheckIn] = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "-pk")


class CheckInFilter(filters.FilterSet):  # type: ignore[misc]
    """`groupId`, `from` and `to` (first days of periods, inclusive), `ordering`."""

    groupId = filters.UUIDFilter(method="of_group")
    to = filters.DateFilter(field_name="week_start_date", lookup_expr="lte", input_formats=["%Y-%m-%d"])
    ordering = StableOrdering(
        fields=(
            ("week_start_date", "weekStartDate"),
            ("submitted_at", "submittedAt"),
            ("hu_cares_score", "huCaresScore"),
        )
    )

    class Meta:
        model = CheckIn
        fields: tuple[str, ...] = ()

    def of_group(self, check_ins: QuerySet[CheckIn], name: str, group_id: UUID) -> QuerySet[CheckIn]:
        """Those of one group. Raises `NotFound` unless the caller is in it."""
        return check_ins.filter(group=membership_of(self.request.user, group_id).group_id)


# `from` is a word of Python, so it cannot be declared in the class.
CheckInFilter.base_filters["from"] = filters.DateFilter(
    field_name="week_start_date", lookup_expr="gte", input_formats=["%Y-%m-%d"]
)
