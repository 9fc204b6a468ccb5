"""What staff do to groups and members in the admin: told as if the group's admins had, and kept in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client

from accounts.audit import AuditEntry
from accounts.models import User
from accounts.tests.builders import PASSWORD, make_user
from groups.models import Group, Membership, Role, Status
from hucares.tests.snapshots import changes, snapshot
from realtime.models import GroupEvent

WHY = "The group asked for it."
OF_SIGNING_IN = {"django_session", "users"}  # to the admin itself


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", PASSWORD)


def act(staff: User, action: str, *rows: models.Model, **form: str) -> list[str]:
    """What the admin says of it."""
    client = Client()
    client.force_login(staff)
    form = {"reason": WHY, "confirmed": "yes", **form}
    form["action"] = action
    page: Any = client.post(
        f"/admin/groups/{rows[0]._meta.model_name}/",
        {**form, "_selected_action": [str(row.pk) for row in rows]},
        follow=True,
    )
    return [str(message) for message in page.context["messages"]]


def entries() -> list[tuple[Any, ...]]:
    return list(
        AuditEntry.objects.order_by("at").values_list("action", "subject_type", "subject_id", "before", "after")
    )


def events(group: Group) -> list[str]:
    return list(GroupEvent.objects.filter(group=group).order_by("seq").values_list("event", flat=True))


def test_an_archived_group_has_ended_for_its_members(boss: User, alice: User, porch: Group) -> None:
    act(boss, "archive", porch)

    assert not Group.objects.get(pk=porch.pk).is_active
    assert events(porch)[-1] == "group-deleted"
    assert entries() == [("archive", "groups", porch.pk, {"is_active": True}, {"is_active": False})]

    assert act(boss, "archive", porch) == ["Archive, The Porch: The group has ended already."]
    assert act(boss, "renew_access_code", porch) == ["New access code, The Porch: The group has ended already."]
    assert len(entries()) == 1


def test_a_new_access_code_is_in_no_log(boss: User, porch: Group) -> None:
    former = porch.access_code
    act(boss, "renew_access_code", porch)

    porch.refresh_from_db()
    assert porch.access_code != former
    client = Client()
    client.force_login(boss)
    for page in ("", f"?q={porch.pk}", f"{porch.pk}/change/"):
        shown = client.get(f"/admin/groups/group/{page}").content.decode()
        assert "The Porch" in shown
        assert porch.access_code not in shown
    assert entries() == [("renew access code", "groups", porch.pk, None, None)]


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
    assert entries() == [
        (f"{action} member", "users", bob.pk, {**place, "status": "active"}, {**place, "status": status})
    ]

    (told,) = act(boss, action, membership)
    assert told.endswith(("They are not in the group any more.", "They are banned already."))
    assert len(entries()) == 1


def test_a_group_whose_admin_is_taken_out_gets_another_one(boss: User, alice: User, bob: User, porch: Group) -> None:
    act(boss, "remove", Membership.objects.get(user=alice, group=porch))

    assert Membership.objects.get(user=bob, group=porch).role == Role.ADMIN


@pytest.mark.parametrize("action", ["archive", "renew_access_code", "remove", "ban"])
def test_who_may_only_look_or_does_not_confirm_changes_nothing(
    boss: User, bob: User, porch: Group, action: str
) -> None:
    looker = make_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=("view_group", "view_membership")))
    row = porch if action in {"archive", "renew_access_code"} else Membership.objects.get(user=bob, group=porch)
    before = snapshot()

    act(looker, action, row)
    act(boss, action, row, reason=" ")

    assert changes(before, snapshot()).keys() <= OF_SIGNING_IN
