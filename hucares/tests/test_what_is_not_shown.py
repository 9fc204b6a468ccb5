"""What nobody is shown, whatever they read: codes that are not theirs to give, addresses, secrets, groups they left."""

from __future__ import annotations

import pytest

from accounts.models import PinEnrolment, User
from checkins.services import change_check_in
from groups.members import change_member, leave_group
from groups.services import archive_group, renew_access_code, update_group
from hucares.tests.cast import CALLERS, GONE, World, credentials
from hucares.tests.loaded_dice import loaded_dice
from hucares.tests.matrix import ask
from hucares.tests.readings import readings
from notifications.models import PushSubscription

MAY_INVITE = {"inviter", "moderator", "admin"}
SECRET_COLUMNS = {
    User: ("password", "password_reset_token", "email_verification_token"),
    PinEnrolment: ("token_hash", "pin_hash"),
    PushSubscription: ("p256dh", "auth"),
}


def read_everything(world: World, caller: str, group: str = "porch") -> dict[str, str]:
    """Every reading as somebody: call → the answer."""
    words, headers = world.words(caller, group), credentials(world, caller)
    return {row.title: ask(row.call, None, words, **headers).content.decode() for row in readings()}


def in_which(answers: dict[str, str], text: str) -> set[str]:
    """The calls whose answers contain a text."""
    return {call for call, answer in answers.items() if text in answer}


def secrets() -> set[str]:
    """Every value of every secret column."""
    rows = [row for model, columns in SECRET_COLUMNS.items() for row in model._default_manager.values_list(*columns)]
    return {value for row in rows for value in row if value}


@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_reads_what_is_not_theirs_to_know(world: World, caller: str) -> None:
    answers = read_everything(world, caller)

    whole = "\n".join(answers.values())
    assert in_which(answers, world.groups["attic"].access_code) == set()
    shown = {"GET /groups", "GET /groups?limit=100", "GET /groups/{group}"} if caller in MAY_INVITE else set()
    assert in_which(answers, world.groups["porch"].access_code) == shown
    assert [person.email for name, person in world.people.items() if name != caller and person.email in whole] == []
    assert world.people[caller].email in whole
    assert len(secrets()) > len(world.people)
    assert [secret for secret in secrets() if secret in whole] == []


def a_lot_happens(world: World) -> None:
    """A private group is renamed, gets another code, has an answer changed, loses one and promotes one, and ends."""
    chief, group_id = world.people["admin"], world.groups["porch"].pk
    update_group(user=chief, group_id=group_id, name="Renamed", description="Since they went.", timezone="Asia/Tokyo")
    renew_access_code(user=chief, group_id=group_id)
    own = world.belongings["plain"]["check_in_porch"]
    change_check_in(user=world.people["plain"], check_in_id=own, care_score=1, reflection_note="Since they went.")
    leave_group(user=world.people["neighbour"], group_id=group_id)
    change_member(user=chief, group_id=group_id, member_id=world.people["member"].pk, role="admin")
    archive_group(user=chief, group_id=group_id)


@pytest.mark.parametrize("caller", ["outsider", *GONE])
def test_what_happens_in_a_private_group_is_nothing_to_those_who_are_gone(world: World, caller: str) -> None:
    with loaded_dice():
        before = read_everything(world, caller)
    a_lot_happens(world)
    with loaded_dice():
        after = read_everything(world, caller)

    assert {call for call, answer in before.items() if after[call] != answer} == set()


def test_members_see_it(world: World) -> None:
    before = read_everything(world, "moderator")
    a_lot_happens(world)
    after = read_everything(world, "moderator")

    differing = {call for call, answer in before.items() if after[call] != answer}
    assert {"GET /groups", "GET /groups/{group}", "GET /groups/{group}/events"} <= differing
