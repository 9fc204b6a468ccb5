"""POST /groups/join."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group, Membership, MembershipSpan, Role, Status
from groups.tests.builders import make_group
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from notifications.models import Notification

URL = "/api/v1/groups/join"


def standing(group: Group) -> tuple[int, int, int]:
    """(the group's count, its active members, its spans)."""
    group.refresh_from_db()
    members = Membership.objects.filter(group=group, status=Status.ACTIVE).count()
    return group.member_count, members, MembershipSpan.objects.filter(membership__group=group).count()


@pytest.mark.parametrize("written", [str.upper, str.lower, lambda code: f" {code} "])
def test_a_code_lets_one_in_however_it_is_written(charlie: User, porch: Group, written: Any) -> None:
    group = data_of(signed_in(charlie).post(URL, {"accessCode": written(porch.access_code)}))

    assert (group["id"], group["myRole"], group["memberCount"]) == (str(porch.pk), "member", 3)
    membership = Membership.objects.get(user=charlie)
    assert (membership.role, membership.status, membership.group) == (Role.MEMBER, Status.ACTIVE, porch)
    span = membership.spans.get()
    assert (span.joined_at, span.left_at) == (membership.joined_at, None)
    assert standing(porch) == (3, 3, 3)


def test_the_others_are_told_in_the_log_and_nobody_by_a_notification(charlie: User, porch: Group) -> None:
    data_of(signed_in(charlie).post(URL, {"accessCode": porch.access_code}))

    assert events_of(porch) == [("member-joined", "charlie", {"role": "member"})]
    assert not Notification.objects.exists()
    assert Group.objects.get().version > porch.version


def test_who_comes_back_is_told_of_as_a_plain_member(alice: User, bob: User, porch: Group) -> None:
    data_of(signed_in(alice).put(f"/api/v1/groups/{porch.pk}/members/{bob.pk}", {"role": "admin"}))
    data_of(signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave"))

    data_of(signed_in(bob).post(URL, {"accessCode": porch.access_code}))

    assert events_of(porch)[1:] == [
        ("member-left", "bob", {"reason": "left"}),
        ("member-joined", "bob", {"role": "member"}),
    ]
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.BANNED])
def test_a_refusal_leaves_no_trace(bob: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    before = traces()

    assert signed_in(bob).post(URL, {"accessCode": porch.access_code}).status_code in {403, 409}
    assert traces() == before


def test_a_public_group_is_open_by_its_id(alice: User, charlie: User) -> None:
    group = make_group(alice, is_private=False)

    assert data_of(signed_in(charlie).post(URL, {"groupId": str(group.pk)}))["myRole"] == "member"
    assert standing(group) == (2, 2, 2)


def test_a_private_group_is_not_found_by_its_id(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)

    private = refusal_of(client.post(URL, {"groupId": str(porch.pk)}), 404, "NOT_FOUND")
    assert private == refusal_of(client.post(URL, {"groupId": str(uuid4())}), 404, "NOT_FOUND")
    assert standing(porch) == (2, 2, 2)


def test_an_archived_public_group_is_not_found_by_its_id(alice: User, charlie: User) -> None:
    group = make_group(alice, is_private=False)
    Group.objects.update(is_active=False)

    refusal_of(signed_in(charlie).post(URL, {"groupId": str(group.pk)}), 404, "NOT_FOUND")
    assert standing(group) == (1, 1, 1)


def test_a_wrong_code_is_refused(charlie: User, porch: Group) -> None:
    refusal_of(signed_in(charlie).post(URL, {"accessCode": "22222222"}), 404, "INVALID_ACCESS_CODE")
    assert standing(porch) == (2, 2, 2)


def test_the_code_of_an_archived_group_is_refused(charlie: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    refusal_of(signed_in(charlie).post(URL, {"accessCode": porch.access_code}), 404, "INVALID_ACCESS_CODE")
    assert standing(porch) == (2, 2, 2)


def test_a_banned_person_is_refused(bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.BANNED)
    before = standing(porch)

    refusal_of(signed_in(bob).post(URL, {"accessCode": porch.access_code}), 403, "BANNED")
    assert Membership.objects.get(user=bob).status == Status.BANNED
    assert standing(porch) == before


def test_a_banned_person_is_told_so_though_the_group_is_full(bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.BANNED)
    Group.objects.update(max_members=2)

    refusal_of(signed_in(bob).post(URL, {"accessCode": porch.access_code}), 403, "BANNED")


def test_a_member_is_refused(alice: User, porch: Group) -> None:
    refusal_of(signed_in(alice).post(URL, {"accessCode": porch.access_code}), 409, "ALREADY_MEMBER")

    assert Membership.objects.get(user=alice).role == Role.ADMIN
    assert standing(porch) == (2, 2, 2)


def test_a_full_group_is_refused(charlie: User, porch: Group) -> None:
    Group.objects.update(max_members=2)

    refusal_of(signed_in(charlie).post(URL, {"accessCode": porch.access_code}), 409, "GROUP_FULL")
    assert not Membership.objects.filter(user=charlie).exists()
    assert standing(porch) == (2, 2, 2)


def test_who_comes_back_is_a_plain_member_with_a_new_span(bob: User, porch: Group) -> None:
    left = timezone.now()
    Membership.objects.filter(user=bob).update(
        status=Status.INACTIVE, role=Role.ADMIN, permissions={"can_invite": True, "can_kick": True}
    )
    MembershipSpan.objects.filter(membership__user=bob).update(left_at=left)
    Group.objects.update(member_count=1)
    before = Membership.objects.get(user=bob)

    data_of(signed_in(bob).post(URL, {"accessCode": porch.access_code}))

    membership = Membership.objects.get(user=bob)
    assert (membership.pk, membership.role, membership.status) == (before.pk, Role.MEMBER, Status.ACTIVE)
    assert membership.permissions == {"can_invite": False, "can_kick": False}
    assert membership.joined_at > before.joined_at
    first, second = membership.spans.order_by("joined_at")
    assert (first.joined_at, first.left_at) == (before.joined_at, left)
    assert (second.joined_at, second.left_at) == (membership.joined_at, None)
    assert standing(porch)[:2] == (2, 2)


def test_who_comes_back_finds_a_full_group_full(bob: User, porch: Group) -> None:
    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    Group.objects.update(max_members=2)

    refusal_of(signed_in(bob).post(URL, {"accessCode": porch.access_code}), 409, "GROUP_FULL")
    assert Membership.objects.get(user=bob).status == Status.INACTIVE


def test_neither_code_nor_id_is_refused(charlie: User, porch: Group) -> None:
    assert refused_fields(signed_in(charlie).post(URL, {})) == {"nonFieldErrors"}
    assert standing(porch) == (2, 2, 2)


def test_both_code_and_id_are_refused(alice: User, charlie: User) -> None:
    group = make_group(alice, is_private=False)
    body = {"accessCode": group.access_code, "groupId": str(group.pk)}

    assert refused_fields(signed_in(charlie).post(URL, body)) == {"nonFieldErrors"}
    assert standing(group) == (1, 1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accessCode", ""),
        ("accessCode", None),
        ("accessCode", 34679346),
        ("accessCode", "x" * 11),
        ("accessCode", "nul\x00"),
        ("groupId", "porch"),
        ("groupId", None),
        ("groupId", 7),
    ],
)
def test_what_does_not_fit_is_refused_by_name(charlie: User, porch: Group, field: str, value: Any) -> None:
    assert refused_fields(signed_in(charlie).post(URL, {field: value})) == {field}
    assert standing(porch) == (2, 2, 2)


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    refusal_of(anonymous.post(URL, {"accessCode": porch.access_code}), 401, "NOT_AUTHENTICATED")
    assert standing(porch) == (2, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_fifty_who_want_five_places_at_once_get_five(alice: User) -> None:
    group = make_group(alice, max_members=6)
    clients = [signed_in(make_user(f"guest_{number}")) for number in range(50)]

    answers = at_once(50, lambda number: clients[number].post(URL, {"accessCode": group.access_code}))

    admitted = [data_of(answer) for answer in answers if answer.status_code == 200]
    assert sorted(joined["memberCount"] for joined in admitted) == [2, 3, 4, 5, 6]
    for answer in answers:
        if answer.status_code != 200:
            refusal_of(answer, 409, "GROUP_FULL")
    assert standing(group) == (6, 6, 6)
    joined = {who for event, who, _ in events_of(group) if event == "member-joined"}
    assert joined == set(roles_in(group)) - {"alice"}


@pytest.mark.django_db(transaction=True)
def test_one_person_who_joins_ten_times_at_once_joins_once(charlie: User, porch: Group) -> None:
    client = signed_in(charlie)
    answers = at_once(10, lambda number: client.post(URL, {"accessCode": porch.access_code}))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert standing(porch) == (3, 3, 3)
