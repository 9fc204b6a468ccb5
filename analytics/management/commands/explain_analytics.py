"""`manage.py explain_analytics`: somebody's figures, and which check-ins are behind each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.operators import user_named
from analytics.explaining import LEAST_SHOWN, Explained, Section, explain
from analytics.serializers import MOST_WEEKS
from checkins.models import CheckIn
from groups.operators import group_id_in
from hucares.commands import add_json, as_json, indented, table
from hucares.errors import DomainError


class Command(BaseCommand):
    """Prints each figure with the rows behind it."""

    help = (
        "Prints every figure that somebody is shown under /analytics, worked out anew, with what it is built on and "
        "the check-ins behind it. Answers and notes are not printed, and a number that is made of answers is 'kept': "
        "two averages can be subtracted from one another. A direction is printed if it is built on at least "
        f"{LEAST_SHOWN} check-ins, none of them private. The exit code is 0, or 1 without such a person or group."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose figures, how far back, and where."""
        parser.add_argument("user", help="a username, e-mail address or id")
        parser.add_argument("--weeks", type=int, default=12, help=f"how many ISO weeks, 1 to {MOST_WEEKS}; default 12")
        parser.add_argument("--group", help="the id of a group of theirs; without it all of them")
        add_json(parser)

    def handle(self, *args: Any, user: str, weeks: int, group: str | None, json: bool, **options: Any) -> None:
        """Explain, or say in one sentence why not."""
        if not 1 <= weeks <= MOST_WEEKS:
            raise CommandError(f"--weeks must be from 1 to {MOST_WEEKS}.")
        person, group_id = user_named(user), group_id_in(group)
        try:
            sections = explain(person, weeks, timezone.now(), group_id)
        except DomainError as error:
            raise CommandError(error.message) from error
        if json:
            self.stdout.write(as_json({"sections": [document(section) for section in sections]}))
            return
        for section in sections:
            for line in as_text(section):
                self.stdout.write(line)


def about(row: CheckIn) -> dict[str, Any]:
    """That a check-in happened, and not what it says."""
    return {
        "id": row.pk,
        "userId": row.user_id,
        "groupId": row.group_id,
        "weekStartDate": row.week_start_date,
        "periodEnd": row.period_end,
        "checkInDate": row.check_in_date,
        "shared": not row.hides_numbers,
    }


def document(section: Section) -> dict[str, Any]:
    """A section for machines."""
    figures = [
        {"figure": one.figure, "value": one.value, "builtOn": one.built_on, "checkIns": one.rows}
        for one in section.figures
    ]
    return {"title": section.title, "figures": figures, "checkIns": [about(row) for row in section.rows]}


def as_text(section: Section) -> Iterator[str]:
    """A section for people: the figures, then the numbered rows that they refer to."""
    numbers = {row.pk: number for number, row in enumerate(section.rows, start=1)}
    yield section.title
    yield from indented(table(("figure", "value", "built on"), [cells_of(one, numbers) for one in section.figures]))
    rows = [(numbers[row.pk], *cells_about(row)) for row in section.rows]
    yield from indented(table(("row", "check-in", "period", "kind", "by", "in"), rows))
    yield ""


def cells_of(one: Explained, numbers: dict[UUID, int]) -> tuple[str, str, str]:
    """A figure, and the numbers of its rows."""
    rows = in_ranges(sorted(numbers[pk] for pk in one.rows))
    return one.figure, str(one.value), f"{one.built_on}{f'; rows {rows}' if rows else ''}"


def cells_about(row: CheckIn) -> tuple[str, str, str, str, str]:
    """That a check-in happened."""
    kind = "private" if row.hides_numbers else "shared"
    return str(row.pk), f"{row.week_start_date} to {row.period_end}", kind, row.user.username, row.group.name


def in_ranges(numbers: list[int]) -> str:
    """`1-3, 7` of 1, 2, 3 and 7."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)
