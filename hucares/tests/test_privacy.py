"""Private check-ins are told twice, with other numbers: nobody else can tell the two tellings apart.

They are told with the same ids and at the same instants, so that answers can be compared to the byte. What sockets
are sent is compared in the tests of realtime.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.mail import deliver_due_mails
from checkins.closing import close_next_period
from hucares.tests.cast import World, credentials
from hucares.tests.forgetting import forget_figures
from hucares.tests.loaded_dice import loaded_dice
from hucares.tests.matrix import ROWS, Row, ask, is_write
from hucares.tests.private_stories import (
    NEVER_SHOWN,
    ONE,
    OTHER,
    SECRET_COLUMNS,
    SHOWN_FOR_A_WHILE,
    SHOWN_NOW,
    Say,
    Story,
)
from hucares.tests.readings import readings
from hucares.tests.secrets_search import text_of_mail
from hucares.tests.snapshots import Changes, Snapshot, changes, snapshot

AUTHORS = ("plain", "neighbour", "inviter", "kicker", "second_moderator", "second_admin")
VIEWERS = ("outsider", "member", "moderator", "admin")

# What shows a score that is not private.
SHOWN_IN = {
    "GET /checkins/group/{}",
    "GET /groups/{}/events",
    "GET /analytics/group/{}",
    "GET /analytics/comparison",
}


@dataclass(frozen=True)
class Telling:
    """What others can get after stories were told: answers by call and caller, mails, and the database as it stands."""

    answers: dict[tuple[str, str], bytes]
    mails: list[str]
    rows: Snapshot

    def text(self) -> str:
        """All that others can get."""
        return "\n".join([*(answer.decode() for answer in self.answers.values()), *self.mails])


def doings() -> Iterator[Row]:
    """Every call that changes something about a group, its members or somebody else's belongings."""
    for row in ROWS:
        if is_write(row.call) and any(word in f"{row.call} {row.body}" for word in ("{group}", "{code}", "{other_")):
            yield row


def tell(world: World, stories: list[Story], answers: dict[str, Any], mailoutbox: list[Any], weeks: int) -> Telling:
    """Have stories told in the garden, each by its author, look at it with others' eyes weeks later, and undo it."""
    mailoutbox.clear()
    forget_figures()
    with transaction.atomic(), loaded_dice():
        group_id = str(world.groups["garden"].pk)
        for author, story in zip(AUTHORS, stories, strict=False):
            check_in_id = story(speaker(world, author), group_id, answers)
        with time_machine.travel(timezone.now() + timedelta(weeks=weeks), tick=False):
            while close_next_period():
                pass
            deliver_due_mails()
            rows = snapshot()
            seen = dict(looks(world, check_in_id))
        transaction.set_rollback(True)
    authors = {world.people[author].email for author in AUTHORS}
    return Telling(seen, [text_of_mail(mail) for mail in mailoutbox if not authors.intersection(mail.to)], rows)


def speaker(world: World, author: str) -> Say:
    """An author's way to make calls."""
    client = APIClient()
    client.credentials(**credentials(world, author))

    def say(method: str, path: str, body: Any) -> Any:
        response = getattr(client, method.lower())(f"/api/v1{path}", body)
        assert response.status_code < 300, response.content
        return response.json()["data"] if response.content else None

    return say


def looks(world: World, check_in_id: str) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Who asks what, and the answer: all viewers read, a member in every way, and an admin does everything, too."""
    reading = [(row, viewer) for viewer in VIEWERS for row in ROWS if not is_write(row.call)]
    in_every_way = [(row, "member") for row in readings()]
    for row, viewer in [*reading, *in_every_way, *((row, "admin") for row in doings())]:
        words = {**world.words(viewer, "garden"), "other_check_in": check_in_id}
        with transaction.atomic():
            response = ask(row.call, row.body, words, **credentials(world, viewer))
            transaction.set_rollback(True)
        yield (row.title, viewer), response.content


def differing(one: Telling, other: Telling) -> set[tuple[str, str]]:
    """Which calls of whom are answered otherwise."""
    assert one.answers.keys() == other.answers.keys()
    return {call for call, answer in one.answers.items() if other.answers[call] != answer}


def secret(changed: Changes) -> Changes:
    """The same changes without the columns of check-ins that are the author's own."""
    for row in [*changed.get("check_ins", {}).get("gone", []), *changed.get("check_ins", {}).get("new", [])]:
        for column in SECRET_COLUMNS:
            del row[column]
    return {table: rows for table, rows in changed.items() if rows["gone"] != rows["new"]}


@pytest.mark.parametrize("weeks", [0, 1])
def test_nobody_else_can_tell_what_private_check_ins_say(world: World, mailoutbox: list[Any], weeks: int) -> None:
    stories = NEVER_SHOWN + SHOWN_FOR_A_WHILE
    assert len(stories) == len(AUTHORS)
    one, other = (tell(world, stories, answers, mailoutbox, weeks) for answers in (ONE, OTHER))

    assert differing(one, other) == set()
    assert one.mails == other.mails
    assert secret(changes(one.rows, other.rows)) == {}
    for answers, telling in ((ONE, one), (OTHER, other)):
        assert answers["reflectionNote"] not in telling.text()
        assert answers["moodEmoji"] not in telling.text()


def test_the_group_can_tell_what_those_say_that_are_public_again(world: World, mailoutbox: list[Any]) -> None:
    one, other = (tell(world, SHOWN_NOW, answers, mailoutbox, 0) for answers in (ONE, OTHER))

    found = differing(one, other)
    assert {Row(call, "").shape for call, _ in found} == SHOWN_IN
    assert {viewer for _, viewer in found} == {"member", "moderator", "admin"}
    assert one.text().count(ONE["reflectionNote"]) >= len(SHOWN_NOW)
    changed = changes(one.rows, other.rows)
    assert len(changed["check_ins"]["new"]) == len(SHOWN_NOW)
    assert secret(changed) == {}
