"""POST /groups/:id/access-code."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.access_codes import ALPHABET
from groups.models import Group, Membership, Role, Status
from groups.tests.traces import events_of, roles_in, traces
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once

JOIN = "/api/v1/groups/join"


def url(group: Group) -> str:
    return f"/api/v1/groups/{group.pk}/access-code"


def test_the_new_code_lets_one_in_and_the_old_one_does_not(alice: User, charlie: User, porch: Group) -> None:
    answer = data_of(signed_in(alice).post(url(porch)))

    assert answer.keys() == {"accessCode"}
    code = answer["accessCode"]
    assert code != porch.access_code
    assert (len(code), set(code) <= set(ALPHABET)) == (8, True)
    assert data_of(signed_in(alice).get(f"/api/v1/groups/{porch.pk}"))["accessCode"] == code
    refusal_of(signed_in(charlie).post(JOIN, {"accessCode": porch.access_code}), 404, "INVALID_ACCESS_CODE")
    assert roles_in(porch) == {"alice": "admin", "bob": "member"}
    data_of(signed_in(charlie).post(JOIN, {"accessCode": code}))


def test_nothing_else_changes_and_nobody_is_told(alice: User, porch: Group) -> None:
    before = traces()

    data_of(signed_in(alice).post(url(porch)))

    after = traces()
    for moment in (before, after):
        for row in moment["Group"]:
            del row["access_code"], row["updated_at"]
    assert after == before
    assert events_of(porch) == []


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
def test_other_members_are_refused(bob: User, porch: Group, role: Role) -> None:
    Membership.objects.filter(user=bob).update(role=role, permissions={"can_invite": True, "can_kick": True})
    before = traces()

    refusal_of(signed_in(bob).post(url(porch)), 403, "FORBIDDEN")
    assert traces() == before


def test_an_outsider_gets_the_answer_of_a_group_that_does_not_exist(charlie: User, porch: Group) -> None:
    before = traces()

    outside = refusal_of(signed_in(charlie).post(url(porch)), 404, "NOT_FOUND")
    assert outside == refusal_of(signed_in(charlie).post(f"/api/v1/groups/{uuid4()}/access-code"), 404, "NOT_FOUND")
    assert traces() == before


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_a_former_admin_is_an_outsider(alice: User, porch: Group, status: Status) -> None:
    Membership.objects.filter(user=alice).update(status=status)
    before = traces()

    refusal_of(signed_in(alice).post(url(porch)), 404, "NOT_FOUND")
    assert traces() == before


def test_an_archived_group_is_left_as_it_was(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    before = traces()

    refusal_of(signed_in(alice).post(url(porch)), 404, "NOT_FOUND")
    assert traces() == before


def test_it_is_only_posted(alice: User, porch: Group) -> None:
    refusal_of(signed_in(alice).get(url(porch)), 405, "METHOD_NOT_ALLOWED")


def test_without_credentials_it_is_refused(anonymous: APIClient, porch: Group) -> None:
    before = traces()

    refusal_of(anonymous.post(url(porch)), 401, "NOT_AUTHENTICATED")
    assert traces() == before


@pytest.mark.django_db(transaction=True)
def test_of_several_codes_at_once_one_opens_the_group(alice: User, charlie: User, porch: Group) -> None:
    admin = signed_in(alice)

    codes = {data_of(answer)["accessCode"] for answer in at_once(6, lambda number: admin.post(url(porch)))}

    assert len(codes) == 6
    guest = signed_in(charlie)
    statuses = [guest.post(JOIN, {"accessCode": code}).status_code for code in codes]
    assert sorted(statuses) == [200, 404, 404, 404, 404, 404]


@pytest.mark.django_db(transaction=True)
def test_who_joins_while_the_code_changes_is_in_or_is_not(alice: User, charlie: User, porch: Group) -> None:
    calls = [
        lambda: signed_in(alice).post(url(porch)),
        lambda: signed_in(charlie).post(JOIN, {"accessCode": porch.access_code}),
    ]

    renewed, joined = at_once(2, lambda who: calls[who]())

    assert renewed.status_code == 200
    if joined.status_code != 200:
        refusal_of(joined, 404, "INVALID_ACCESS_CODE")
    assert ("charlie" in roles_in(porch)) == (joined.status_code == 200)
