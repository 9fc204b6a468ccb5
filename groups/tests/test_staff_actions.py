"""What staff do to groups and members in the admin: told as if the group's admins had, and kept in the audit log."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.erasure import erase_person
from accounts.models import User
from accounts.roles import MODERATOR, SUPPORT
from accounts.tests.builders import signed_in
from accounts.tests.staff import OF_SIGNING_IN, act, browser, entries, make_staff, told
from checkins.tests.builders import make_check_in
from groups.members import leave_group
from groups.models import Group, Membership, Role, Status
from hucares.tests.snapshots import changes, snapshot
from realtime.models import GroupEvent


@pytest.fixture
def boss(db: None) -> User:
    return make_staff(MODERATOR)


def noted() -> list[tuple[Any, ...]]:
    return entries("action", "subject_type", "subject_id", "before", "after")


def events(group: Group) -> list[str]:
    return list(GroupEvent.objects.filter(group=group).order_by("seq").values_list("event", flat=True))


def test_an_archived_group_has_ended_for_its_members(boss: User, alice: User, porch: Group) -> None:
    act(boss, "archive", porch)

    assert not Group.objects.get(pk=porch.pk).is_active
    assert events(porch)[-1] == "group-deleted"
    assert noted() == [("archive", "groups", porch.pk, {"is_active": True}, {"is_active": False})]

    assert told(act(boss, "archive", porch)) == ["Archive, The Porch: The group has ended already."]
    assert told(act(boss, "renew_access_code", porch)) == ["New access code, The Porch: The group has ended already."]
    assert len(noted()) == 1


def test_a_new_access_code_is_in_no_log(boss: User, porch: Group) -> None:
    former = porch.access_code
    act(boss, "renew_access_code", porch)

    porch.refresh_from_db()
    assert porch.access_code != former
    client = browser(boss)
    for page in ("", f"?q={porch.pk}", f"{porch.pk}/change/"):
        shown = client.get(f"/admin/groups/group/{page}").content.decode()
        assert "The Porch" in shown
        assert porch.access_code not in shown
    assert noted() == [("renew access code", "groups", porch.pk, None, None)]


@pytest.mark.parametrize(("action", "status"), [("remove", Status.INACTIVE), ("ban", Status.BANNED)])
def test_a_member_who_is_taken_out_hears_of_it(
    boss: User, alice: User, bob: User, porch: Group, action: str, status: str
) -> None:
    membership = Membership.objects.get(user=bob, group=porch)
    act(boss, action, membership)

    membership.refresh_from_db()
    assert membership.status == status
    assert events(porch)[-1] == "member-left"
    assert Group.objects.get(pk=porch.pk).member_count == 1
    place = {"group_id": str(porch.pk)}
    assert noted() == [
        (f"{action} member", "users", bob.pk, {**place, "status": "active"}, {**place, "status": status})
    ]

    (sentence,) = told(act(boss, action, membership))
    assert sentence.endswith(("They are not in the group any more.", "They are banned already."))
    assert len(noted()) == 1


def test_a_group_whose_admin_is_taken_out_gets_another_one(boss: User, alice: User, bob: User, porch: Group) -> None:
    act(boss, "remove", Membership.objects.get(user=alice, group=porch))

    assert Membership.objects.get(user=bob, group=porch).role == Role.ADMIN


def test_a_group_that_is_restored_goes_on_for_its_members(boss: User, alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    act(boss, "archive", porch)
    assert signed_in(bob).get(f"/api/v1/groups/{porch.pk}").status_code == 404

    act(boss, "restore", porch)

    assert signed_in(bob).get(f"/api/v1/groups/{porch.pk}").json()["data"]["memberCount"] == 2
    assert make_check_in(bob, porch).group_id == porch.pk
    assert noted()[-1] == ("restore", "groups", porch.pk, {"is_active": False}, {"is_active": True})


def test_a_group_that_has_lost_its_admin_meanwhile_gets_another_one(
    boss: User, alice: User, bob: User, porch: Group
) -> None:
    act(boss, "archive", porch)
    erase_person(alice)

    act(boss, "restore", porch)

    assert Membership.objects.get(user=bob, group=porch).role == Role.ADMIN


def test_what_cannot_be_restored_stays_as_it_is(boss: User, alice: User, bob: User, porch: Group) -> None:
    assert told(act(boss, "restore", porch)) == ["Restore, The Porch: The group has not ended."]
    leave_group(user=alice, group_id=porch.pk)
    leave_group(user=bob, group_id=porch.pk)

    (sentence,) = told(act(boss, "restore", porch))

    assert sentence == "Restore, The Porch: Nobody is in the group any more who could go on with it."
    assert not Group.objects.get(pk=porch.pk).is_active
    assert noted() == []


@pytest.mark.parametrize("action", ["archive", "restore", "renew_access_code", "remove", "ban"])
def test_who_may_not_or_does_not_confirm_changes_nothing(boss: User, bob: User, porch: Group, action: str) -> None:
    if action == "restore":
        Group.objects.filter(pk=porch.pk).update(is_active=False)
    row = Membership.objects.get(user=bob, group=porch) if action in {"remove", "ban"} else porch
    support = make_staff(SUPPORT)
    before = snapshot()

    if action != "renew_access_code":
        act(support, action, row)
    act(boss, action, row, reason=" ")

    assert changes(before, snapshot()).keys() <= OF_SIGNING_IN


def test_support_renews_access_codes(porch: Group) -> None:
    former = porch.access_code
    act(make_staff(SUPPORT), "renew_access_code", porch)
    assert Group.objects.get(pk=porch.pk).access_code != former
