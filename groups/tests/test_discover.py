"""GET /groups/discover."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/groups/discover"


def make_public(admin: User, *members: User, name: str, **settings: Any) -> Group:
    return make_group(admin, *members, name=name, is_private=False, **settings)


def found(user: User, **query: Any) -> list[str]:
    return [row["name"] for row in data_of(signed_in(user).get(URL, query))]


def test_a_stranger_sees_a_public_group_without_its_code(alice: User, charlie: User) -> None:
    group = make_public(alice, name="The Garden", description="Weeds welcome.", allow_member_invite=True)

    (row,) = data_of(signed_in(charlie).get(URL))

    as_admin = data_of(signed_in(alice).get(f"/api/v1/groups/{group.pk}"))
    assert as_admin["accessCode"] == group.access_code
    assert row == {**as_admin, "accessCode": None, "myRole": None}


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.ACTIVE])
def test_a_member_sees_it_as_a_member_and_a_former_one_as_a_stranger(alice: User, bob: User, status: Status) -> None:
    group = make_public(alice, bob, name="The Garden")
    Membership.objects.filter(user=bob).update(status=status)

    (row,) = data_of(signed_in(bob).get(URL))

    inside = status == Status.ACTIVE
    assert (row["myRole"], row["accessCode"]) == (("member", group.access_code) if inside else (None, None))


def test_a_member_who_may_not_invite_sees_no_code(alice: User, bob: User) -> None:
    make_public(alice, bob, name="The Garden", allow_member_invite=False)

    (row,) = data_of(signed_in(bob).get(URL))
    assert (row["myRole"], row["accessCode"]) == ("member", None)


def test_private_and_archived_groups_are_hidden_from_members_too(alice: User, bob: User, porch: Group) -> None:
    make_public(alice, bob, name="The Attic")
    Group.objects.filter(name="The Attic").update(is_active=False)
    make_public(alice, name="The Garden")

    assert found(bob) == found(alice) == ["The Garden"]


def test_whoever_is_banned_does_not_see_it_and_others_do(alice: User, bob: User, charlie: User) -> None:
    make_public(alice, bob, charlie, name="The Garden")
    make_public(alice, bob, name="The Attic")
    Membership.objects.filter(user=bob, group__name="The Garden").update(status=Status.BANNED)

    assert found(bob) == ["The Attic"]
    assert found(charlie) == ["The Attic", "The Garden"]
    assert found(bob, q="garden") == []


def test_they_come_by_name_without_regard_to_case(alice: User, charlie: User) -> None:
    for name in ("beta", "Alpha", "gamma", "ALPHABET", "Beta 2"):
        make_public(alice, name=name)

    assert found(charlie) == ["Alpha", "ALPHABET", "beta", "Beta 2", "gamma"]


@pytest.mark.parametrize("q", ["garden", "GARDEN", "arde", "  Garden ", "e ga"])
def test_q_is_part_of_a_name_in_any_case(alice: User, charlie: User, q: str) -> None:
    make_public(alice, name="The Garden")
    make_public(alice, name="The Attic")

    assert found(charlie, q=q) == ["The Garden"]


def test_q_is_part_of_a_description_in_any_case(alice: User, charlie: User) -> None:
    make_public(alice, name="One", description="Weeds WELCOME.")
    make_public(alice, name="Two", description="")
    make_public(alice, name="Three", description=None)

    assert found(charlie, q="welcome") == ["One"]


@pytest.mark.parametrize("q", ["%", "_", "%arden", "G_rden", "The%", "\\", "'", "*"])
def test_wildcards_stand_for_themselves(alice: User, charlie: User, q: str) -> None:
    make_public(alice, name="The Garden", description="Weeds welcome.")

    assert found(charlie, q=q) == []


def test_a_wildcard_finds_itself(alice: User, charlie: User) -> None:
    make_public(alice, name="100 % us")
    make_public(alice, name="a_b")
    make_public(alice, name="axb")

    assert found(charlie, q="%") == ["100 % us"]
    assert found(charlie, q="a_") == ["a_b"]


@pytest.mark.parametrize("q", ["", "   "])
def test_an_empty_q_finds_every_public_group(alice: User, charlie: User, q: str) -> None:
    make_public(alice, name="The Garden")

    assert found(charlie, q=q) == ["The Garden"]


@pytest.mark.parametrize("q", ["x" * 101, "nul\x00"])
def test_what_does_not_fit_is_refused_by_name(charlie: User, q: str) -> None:
    assert refused_fields(signed_in(charlie).get(URL, {"q": q})) == {"q"}


def test_it_comes_in_pages(alice: User, charlie: User) -> None:
    for number in range(5):
        make_public(alice, name="The Garden" if number < 4 else "The Attic")
    client = signed_in(charlie)

    pages = [client.get(URL, {"limit": 2, "page": page}).json() for page in (1, 2, 3, 4)]

    ids = [row["id"] for page in pages for row in page["data"]]
    assert (len(ids), len(set(ids))) == (5, 5)
    assert pages[2]["meta"]["pagination"] == {"page": 3, "limit": 2, "total": 5, "totalPages": 3}
    assert pages[3]["data"] == []
    assert refused_fields(client.get(URL, {"limit": 101})) == {"limit"}


def test_more_groups_take_no_more_statements(alice: User, charlie: User) -> None:
    client = signed_in(charlie)
    statements = []
    for number in range(12):
        make_public(alice, *([charlie] if number % 2 else []), name=f"Group {number}")
        if number in {1, 11}:
            client.get(URL)
            with CaptureQueriesContext(connection) as captured:
                assert len(data_of(client.get(URL, {"q": "group"}))) == number + 1
            statements.append(len(captured))

    assert statements[0] == statements[1]


def test_looking_changes_nothing(alice: User, bob: User, settings: LazySettings) -> None:
    settings.ACTIVITY_STEP = settings.ACTIVITY_STEP * 0
    make_public(alice, bob, name="The Garden")

    found(bob)

    assert Membership.objects.get(user=bob).last_active_at is None


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    make_public(alice, name="The Garden")

    refusal_of(anonymous.get(URL), 401, "NOT_AUTHENTICATED")
