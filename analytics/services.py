"""What people ask for, worked out once and remembered.

What an answer is made from is all in the key under which it is remembered: the counters of the person and the groups,
which every change moves in its own transaction, and the periods that are open. The counters are read before the rows,
so an answer may be newer than its key says, but never older; a replica that has not come as far is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from analytics.comparison import comparison_of
from analytics.group import group_figures
from analytics.insights.history import history_of
from analytics.insights.rephrasing import rephrased
from analytics.insights.search import findings_in
from analytics.personal import personal_figures
from analytics.places import Place, places_of
from analytics.serializers import ComparisonOutput, GroupFiguresOutput, InsightOutput, PersonalOutput
from analytics.weeks import Weeks
from checkins.current import active_groups
from groups.access import membership_of, visit
from groups.models import Group
from hucares.remembering import remembered
from hucares.replica import read

REMEMBERED_SECONDS = 3600

Document = dict[str, Any]


def personal_answer(*, user: User, weeks: int, group_id: UUID | None = None) -> Document:
    """How somebody has been, over all their groups or in one. Raises `NotFound`."""
    if group_id is not None:
        membership_of(user, group_id)
    now = timezone.now()
    places = places_of(user, group_id)
    asked = Weeks.until(now, user.timezone, weeks)

    def work_out() -> Document:
        return PersonalOutput(personal_figures(user, asked, now, places, group_id)).data

    made_from = [*about(user), asked, group_id, *(about_place(place, now) for place in places)]
    return dict(remembered("personal", made_from, REMEMBERED_SECONDS, lambda: read(work_out, [user])))


def group_answer(*, user: User, group_id: UUID, weeks: int) -> Document:
    """How a group has been, for its members. Raises `NotFound`."""
    group = visit(user, group_id).group
    asked = Weeks.until(timezone.now(), group.timezone, weeks)

    def work_out() -> Document:
        return GroupFiguresOutput(group_figures(group, asked)).data

    made_from = [*about_groups([group]), asked]
    return dict(remembered("group", made_from, REMEMBERED_SECONDS, lambda: read(work_out, [group])))


def comparison_answer(*, user: User, weeks: int, group_id: UUID | None = None) -> Document:
    """How somebody compares with the others in all their groups, or in one. Raises `NotFound`."""
    groups = [membership_of(user, group_id).group] if group_id else active_groups(user)
    asked = Weeks.until(timezone.now(), user.timezone, weeks)

    def work_out() -> Document:
        return ComparisonOutput(comparison_of(user, groups, asked)).data

    made_from = [*about(user), asked, *about_groups(groups)]
    return dict(remembered("comparison", made_from, REMEMBERED_SECONDS, lambda: read(work_out, [user, *groups])))


def insights_answer(*, user: User, weeks: int, group_id: UUID | None = None) -> list[Document]:
    """What somebody's history shows beyond chance, the strongest first. Raises `NotFound`."""
    groups = [membership_of(user, group_id).group] if group_id else []
    now = timezone.now()
    places = places_of(user, group_id)
    asked = Weeks.until(now, user.timezone, weeks)

    def work_out() -> list[Document]:
        return list(InsightOutput(findings_in(history_of(user, asked, now, places, group_id)), many=True).data)

    made_from = [*about(user), asked, *about_groups(groups), *(about_place(place, now) for place in places)]
    found = remembered("insights", made_from, REMEMBERED_SECONDS, lambda: read(work_out, [user, *groups]))
    return rephrased(user, list(found))


def about(user: User) -> tuple[UUID, int, str]:
    """What figures of a person are made from, as the row said when the request came in."""
    return user.pk, user.version, user.timezone


def about_groups(groups: Iterable[Group]) -> list[tuple[UUID, int]]:
    """What figures of groups are made from."""
    return sorted((group.pk, group.version) for group in groups)


def about_place(place: Place, now: datetime) -> list[Any]:
    """What somebody's participation in a group is made from: their stays, and which period is open."""
    return [place.group_id, place.frequency, place.zone, place.stays, place.open_since(now)]
