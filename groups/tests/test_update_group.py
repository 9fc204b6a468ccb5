"""PUT /groups/:id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields

SETTINGS = {
    "name": "Früh & spät 🌅",
    "description": "Before eight.",
    "isPrivate": False,
    "maxMembers": 3,
    "allowMemberInvite": False,
    "checkInFrequency": "daily",
    "timezone": "Pacific/Kiritimati",
}


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}"


def put(user: User, group: Group, **changes: Any) -> Any:
    return signed_in(user).put(url(group), changes)


def settings_of(group: Group) -> dict[str, Any]:
    """The group's columns, without those that every change moves."""
    row = Group.objects.filter(pk=group.pk).values().get()
    return {name: value for name, value in row.items() if name not in {"updated_at", "version", "period_closes_at"}}


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
def test_every_setting_can_be_changed(alice: User, porch: Group) -> None:
    group = data_of(put(alice, porch, **SETTINGS))

    assert {name: group[name] for name in SETTINGS} == SETTINGS
    assert group["currentPeriod"] == {"start": "2026-03-05", "end": "2026-03-05", "endsAt": "2026-03-05T10:00:00Z"}
    assert (group["myRole"], group["accessCode"], group["memberCount"]) == ("admin", porch.access_code, 2)
    assert data_of(signed_in(alice).get(url(porch))) == group
    assert events_of(porch) == [("settings-changed", None, {"fields": list(SETTINGS)})]
    stored = Group.objects.get()
    assert stored.version == porch.version + 1
    assert stored.period_closes_at is None


@pytest.mark.parametrize("field", SETTINGS)
def test_what_is_left_out_stays_as_it_is(alice: User, porch: Group, field: str) -> None:
    before = settings_of(porch)

    data_of(put(alice, porch, **{field: SETTINGS[field]}))

    after = settings_of(porch)
    (changed,) = [name for name in before if after[name] != before[name]]
    assert after[changed] == SETTINGS[field]
    assert events_of(porch) == [("settings-changed", None, {"fields": [field]})]


@time_machine.travel("2026-03-04T12:00:00Z", tick=False)
@pytest.mark.parametrize(("field", "moves"), [("checkInFrequency", True), ("timezone", True), ("name", False)])
def test_only_a_change_of_periods_makes_the_rate_due_at_once(
    alice: User, porch: Group, field: str, moves: bool
) -> None:
    assert Group.objects.get().period_closes_at is not None

    data_of(put(alice, porch, **{field: SETTINGS[field]}))

    assert (Group.objects.get().period_closes_at is None) == moves


@pytest.mark.parametrize(
    "body", [{}, {"name": "The Porch"}, {"name": "  The Porch ", "maxMembers": 20, "description": None}]
)
def test_what_changes_nothing_is_no_news(alice: User, porch: Group, body: dict[str, Any]) -> None:
    before = traces()

    assert data_of(put(alice, porch, **body))["name"] == "The Porch"
    assert traces() == before


def test_only_what_really_changes_is_told(alice: User, porch: Group) -> None:
    data_of(put(alice, porch, name="The Porch", description="Sit down.", maxMembers=20))

    assert events_of(porch) == [("settings-changed", None, {"fields": ["description"]})]


def test_a_description_can_be_taken_away(alice: User) -> None:
    group = make_group(alice, description="Sit down.")

    assert data_of(put(alice, group, description=None))["description"] is None
    assert data_of(put(alice, group, description=""))["description"] == ""


def test_as_many_places_as_there_are_members_are_enough(alice: User, porch: Group) -> None:
    assert data_of(put(alice, porch, maxMembers=2))["maxMembers"] == 2


def test_fewer_places_than_members_are_refused(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, charlie)
    before = traces()

    refusal_of(put(alice, group, maxMembers=2, name="The Garden"), 422, "MAX_MEMBERS_BELOW_COUNT")
    assert traces() == before


def test_who_has_left_takes_no_place(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, charlie)
    signed_in(charlie).post(f"{url(group)}/leave")

    assert data_of(put(alice, group, maxMembers=2))["maxMembers"] == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("name", "x" * 101),
        ("name", "nul\x00"),
        ("name", "two\nlines"),
        ("name", "two\rlines"),
        ("name", "two\u2028lines"),
        ("description", "x" * 1001),
        ("isPrivate", None),
        ("isPrivate", "false"),
        ("maxMembers", 1),
        ("maxMembers", 101),
        ("maxMembers", None),
        ("allowMemberInvite", 0),
        ("checkInFrequency", "monthly"),
        ("timezone", "Mars/Olympus"),
        ("timezone", None),
    ],
)
def test_what_does_not_fit_is_refused_by_name(alice: User, porch: Group, field: str, value: Any) -> None:
    before = traces()

    assert refused_fields(put(alice, porch, **{"description": "Sit down.", field: value})) == {field}
    assert traces() == before


def test_a_name_may_hold_joined_emoji(alice: User, porch: Group) -> None:
    assert data_of(put(alice, porch, name="👩‍👩‍👧 home"))["name"] == "👩‍👩‍👧 home"


def test_read_only_keys_are_ignored(alice: User, bob: User, porch: Group) -> None:
    before = traces()
    body = {
        "id": str(uuid4()),
        "accessCode": "AAAAAAAA",
        "createdBy": str(bob.pk),
        "memberCount": 50,
        "totalCheckIns": 50,
        "averageParticipationRate": 1,
        "isActive": False,
        "myRole": "member",
        "version": 9,
    }
    data_of(put(alice, porch, **body))

    assert traces() == before


@pytest.mark.parametrize(
    ("role", "permissions"),
    [(Role.MEMBER, {"can_invite": True, "can_kick": True}), (Role.MODERATOR, {"can_invite": False, "can_kick": False})],
)
def test_other_members_are_refused(bob: User, porch: Group, role: Role, permissions: dict[str, bool]) -> None:
    Membership.objects.filter(user=bob).update(role=role, permissions=permissions)
    before = traces()

    refusal_of(put(bob, porch, name="Bob's"), 403, "FORBIDDEN")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(put(charlie, porch, name="Charlie's"), 404, "NOT_FOUND")
    nowhere = refusal_of(signed_in(charlie).put(f"/api/v1/groups/{uuid4()}", {"name": "Nowhere"}), 404, "NOT_FOUND")
    assert outside == nowhere
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_a_former_admin_is_an_outsider(alice: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=alice).update(status=status)
    before = traces()

    refusal_of(put(alice, porch, name="Mine"), 404, "NOT_FOUND")
    assert traces() == before


def test_an_archived_group_is_left_as_it_was(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(put(alice, porch, name="Again"), 404, "NOT_FOUND")
    refusal_of(put(make_user("staff", is_staff=True), porch, name="Staff's"), 404, "NOT_FOUND")
    assert traces() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.put(url(porch), {"name": "Anybody's"}), 401, "NOT_AUTHENTICATED")
    assert traces() == before
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
