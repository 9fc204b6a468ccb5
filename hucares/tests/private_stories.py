"""How a check-in comes to be private, or public after all: told twice, with other numbers and another note.

What other people can get must be the same to the byte in both tellings. That finds any number that leaks, also one
that shows only in an average, an order or a sentence, and no number turns up by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[..., Any]  # (method, path, body): the author makes a call, and gets its data

ONE: dict[str, Any] = {
    "productive": 10,
    "satisfied": 9,
    "body": 10,
    "care": 1,
    "reflectionNote": "A kingfisher over the weir.",
    "moodEmoji": "🦊",
    "energyLevel": 5,
}
OTHER: dict[str, Any] = {
    "productive": 2,
    "satisfied": 1,
    "body": 3,
    "care": 10,
    "reflectionNote": "Lanterns in the fog.",
    "moodEmoji": "🐢",
    "energyLevel": 1,
}
NEUTRAL = {"productive": 5, "satisfied": 5, "body": 5, "care": 5}
# The columns of a check-in that say them: all that may be otherwise between the two tellings.
SECRET_COLUMNS = {
    "productive_score",
    "satisfied_score",
    "body_score",
    "care_score",
    "hu_cares_score",
    "reflection_note",
    "mood_emoji",
    "energy_level",
}


def check_in(say: Say, group_id: str, answers: dict[str, Any], **more: Any) -> str:
    """The id of a new check-in."""
    return str(say("POST", "/checkins", {"groupId": group_id, **answers, **more})["id"])


def keep_scores(say: Say, whose: str) -> None:
    """Choose who sees one's scores: `private`, or the `group`."""
    say("PUT", "/users/profile", {"privacySettings": {"scores": whose}})


def private_from_the_start(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    return check_in(say, group_id, answers, isPrivate=True)


def of_somebody_who_keeps_scores_private(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    keep_scores(say, "private")
    return check_in(say, group_id, answers)


def private_and_then_changed(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    check_in_id = check_in(say, group_id, NEUTRAL, isPrivate=True)
    say("PUT", f"/checkins/{check_in_id}", answers)
    return check_in_id


def private_and_then_deleted(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    check_in_id = check_in(say, group_id, answers, isPrivate=True)
    say("DELETE", f"/checkins/{check_in_id}", None)
    return check_in_id


def made_private_later(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    check_in_id = check_in(say, group_id, answers)
    say("PUT", f"/checkins/{check_in_id}", {"isPrivate": True})
    return check_in_id


def of_somebody_who_keeps_scores_private_later(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    check_in_id = check_in(say, group_id, answers)
    keep_scores(say, "private")
    return check_in_id


def made_public_again(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    check_in_id = check_in(say, group_id, answers, isPrivate=True)
    say("PUT", f"/checkins/{check_in_id}", {"isPrivate": False})
    return check_in_id


def of_somebody_who_shows_scores_again(say: Say, group_id: str, answers: dict[str, Any]) -> str:
    keep_scores(say, "private")
    check_in_id = check_in(say, group_id, answers)
    keep_scores(say, "group")
    return check_in_id


Story = Callable[[Say, str, dict[str, Any]], str]
NEVER_SHOWN: list[Story] = [
    private_from_the_start,
    of_somebody_who_keeps_scores_private,
    private_and_then_changed,
    private_and_then_deleted,
]
SHOWN_FOR_A_WHILE: list[Story] = [made_private_later, of_somebody_who_keeps_scores_private_later]
SHOWN_NOW: list[Story] = [made_public_again, of_somebody_who_shows_scores_again]


def named(story: Story) -> str:
    """A story's name as words."""
    return story.__name__.replace("_", " ")
