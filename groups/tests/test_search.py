"""GET /users/search."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.members import join_group
from groups.models import Group, Membership, Status
from groups.people import PersonQuerySet
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields

URL = "/api/v1/users/search"
PUBLIC = {"profile": "public", "scores": "group"}
PRIVATE = {"profile": "private", "scores": "group"}


def search(searcher: User, q: str, **query: Any) -> Any:
    return signed_in(searcher).get(URL, {"q": q, **query})


def found(searcher: User, q: str) -> list[str]:
    return [row["username"] for row in data_of(search(searcher, q))]


def test_a_person_is_found_with_nothing_more_than_others_may_see(alice: User, bob: User, porch: Group) -> None:
    User.objects.filter(pk=bob.pk).update(avatar_name="avatars/x.webp")

    (row,) = data_of(search(alice, "bo"))

    assert row == {"id": str(bob.pk), "username": "bob", "avatarUrl": "http://testserver/media/avatars/x.webp"}


def test_it_is_the_beginning_that_counts_without_regard_to_case(alice: User) -> None:
    for name in ("Annabel", "ANNA", "anna_lena", "hanna", "joanna"):
        make_user(name, privacy_settings=PUBLIC)

    assert found(alice, "aNN") == ["ANNA", "anna_lena", "Annabel"]
    assert found(alice, "nna") == []


def test_an_exact_match_comes_first_then_the_alphabet(alice: User) -> None:
    for name in ("samuel", "Sam", "samantha", "SAMSON"):
        make_user(name, privacy_settings=PUBLIC)

    assert found(alice, "sam") == ["Sam", "samantha", "SAMSON", "samuel"]


@pytest.mark.parametrize("q", ["a%", "%%", "a_", "__", "a\\", "\\%", "_b", "%", "a*", "a'"])
def test_wildcards_stand_for_themselves(alice: User, q: str) -> None:
    make_user("abc", privacy_settings=PUBLIC)

    if len(q) < 2:
        refused_fields(search(alice, q))
    else:
        assert found(alice, q) == []


def test_an_underscore_finds_an_underscore(alice: User) -> None:
    for name in ("a_b", "axb", "_ab", "__c"):
        make_user(name, privacy_settings=PUBLIC)

    assert (found(alice, "a_"), found(alice, "__"), found(alice, "_a")) == (["a_b"], ["__c"], ["_ab"])


def test_who_shows_the_profile_to_friends_is_found_in_a_common_group(
    alice: User, bob: User, charlie: User, porch: Group
) -> None:
    assert found(alice, "bo") == ["bob"]
    assert found(charlie, "bo") == []


@pytest.mark.parametrize("q", ["bob", "BOB"])
def test_and_by_anybody_who_knows_the_whole_username(charlie: User, bob: User, q: str) -> None:
    make_user("bobby")

    assert found(charlie, q) == ["bob"]


@pytest.mark.parametrize("settings_of_old", [{}, {"scores": "private"}])
def test_who_has_not_chosen_shows_it_to_friends(
    alice: User, bob: User, charlie: User, porch: Group, settings_of_old: dict[str, str]
) -> None:
    User.objects.filter(pk=bob.pk).update(privacy_settings=settings_of_old)

    assert (found(alice, "bo"), found(charlie, "bo"), found(charlie, "bob")) == (["bob"], [], ["bob"])


def test_who_is_public_is_found_by_everybody(charlie: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(privacy_settings=PUBLIC)

    assert found(charlie, "bo") == ["bob"]


def test_who_is_private_is_found_by_nobody(alice: User, bob: User, charlie: User, porch: Group) -> None:
    User.objects.filter(pk=bob.pk).update(privacy_settings=PRIVATE)

    assert [found(searcher, q) for searcher in (alice, charlie) for q in ("bo", "bob")] == [[]] * 4


@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_who_has_left_shares_the_group_no_more(alice: User, bob: User, porch: Group, status: Status, who: str) -> None:
    Membership.objects.filter(user__username=who).update(status=status)

    assert (found(alice, "bo"), found(bob, "al")) == ([], [])


def test_an_archived_group_brings_nobody_together(alice: User, bob: User, porch: Group) -> None:
    Group.objects.update(is_active=False)

    assert found(alice, "bo") == []


def test_somebody_in_several_common_groups_is_found_once(alice: User, bob: User, porch: Group) -> None:
    make_group(alice, bob, name="The Attic")

    assert found(alice, "bo") == ["bob"]


@pytest.mark.parametrize("privacy", [PUBLIC, {}])
def test_neither_oneself_nor_the_inactive_are_found(
    alice: User, bob: User, porch: Group, privacy: dict[str, str]
) -> None:
    User.objects.update(privacy_settings=privacy)
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert [found(alice, q) for q in ("al", "alice", "bo", "bob")] == [[]] * 4


def test_an_e_mail_address_finds_nobody(alice: User, bob: User, porch: Group) -> None:
    assert found(alice, "bob@example.com") == []


@pytest.mark.parametrize("q", ["", " ", "a", " a ", "a" * 21, "a\0b"])
def test_too_little_and_too_much_is_refused(alice: User, q: str) -> None:
    assert refused_fields(search(alice, q)) == {"q"}


def test_without_a_text_it_is_refused(alice: User) -> None:
    assert refused_fields(signed_in(alice).get(URL)) == {"q"}


@pytest.mark.parametrize("q", ["é" * 20, "İİ", "\U0001f600\U0001f600", "ﬀ" * 20])
def test_letters_that_no_username_has_find_nobody(alice: User, q: str) -> None:
    assert found(alice, q) == []


def test_it_comes_in_pages(alice: User) -> None:
    for number in range(5):
        make_user(f"guest_{number}", privacy_settings=PUBLIC)

    answer = search(alice, "guest", limit=2, page=2).json()

    assert [row["username"] for row in answer["data"]] == ["guest_2", "guest_3"]
    assert answer["meta"]["pagination"] == {"page": 2, "limit": 2, "total": 5, "totalPages": 3}
    assert refused_fields(search(alice, "guest", limit=101)) == {"limit"}


def test_more_people_take_no_more_statements(alice: User, porch: Group) -> None:
    client = signed_in(alice)
    statements = []
    for expected in (2, 12):
        while Membership.objects.count() < 2 + expected:
            join_group(user=make_user(f"guest_{Membership.objects.count()}"), access_code=porch.access_code)
        client.get(URL, {"q": "guest"})
        with CaptureQueriesContext(connection) as captured:
            assert len(data_of(client.get(URL, {"q": "guest"}))) == expected
        statements.append(len(captured))

    assert statements == [3, 3]  # who asks, how many there are, and these


def test_thirty_a_minute_are_allowed(bob: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 0.1
    searcher, client = bob, signed_in(bob)

    assert [client.get(URL, {"q": "al"}).status_code for _ in range(3)] == [200] * 3
    answer = signed_in(searcher).get(URL, {"q": "bo"})
    refusal_of(answer, 429, "RATE_LIMITED")
    assert 1 <= int(answer["Retry-After"]) <= 60
    data_of(search(make_user(f"somebody_{uuid4().hex[:8]}"), "al"))


@pytest.mark.needs_servers
def test_the_beginning_is_looked_up_in_an_index(alice: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'users_username_prefix'")
        assert "lower((username)::text) text_pattern_ops" in cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = PersonQuerySet(User).found_by(alice, "a_b").order_by().explain()

    assert "using users_username_" in plan
    assert "lower((username)::text) ~>=~ 'a_b'::text" in plan or "lower((username)::text) >= 'a_b'::text" in plan


def test_without_credentials_it_is_refused(anonymous: APIClient, bob: User) -> None:
    refusal_of(anonymous.get(URL, {"q": "bob"}), 401, "NOT_AUTHENTICATED")
