"""POST /users/push-subscriptions, DELETE /users/push-subscriptions/:id."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from hucares.public_keys import PRIME, from_base64url, to_base64url
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from notifications.models import PushSubscription
from notifications.tests.builders import ENDPOINT, KEYS, make_subscription

URL = "/api/v1/users/push-subscriptions"
BODY = {"endpoint": ENDPOINT, "expirationTime": None, "keys": KEYS}
POINT = from_base64url(KEYS["p256dh"])
OTHER_KEYS = {
    # The same point, mirrored: on the curve too.
    "p256dh": to_base64url(POINT[:33] + (PRIME - int.from_bytes(POINT[33:], "big")).to_bytes(32, "big")),
    "auth": to_base64url(b"sixteen bytes of"),
}


def the_row() -> dict[str, Any]:
    return PushSubscription.objects.values("id", "user", "endpoint", "p256dh", "auth", "user_agent", "expires_at").get()


def test_it_is_kept(alice: User) -> None:
    answer = signed_in(alice).post(URL, BODY, HTTP_USER_AGENT="Firefox")

    sent = data_of(answer, 201)
    assert the_row() == {
        "id": UUID(sent["id"]),
        "user": alice.pk,
        "endpoint": ENDPOINT,
        **KEYS,
        "user_agent": "Firefox",
        "expires_at": None,
    }
    assert sent.keys() == {"id"}


def test_the_same_endpoint_again_is_the_same_row(alice: User) -> None:
    client = signed_in(alice)
    first = data_of(client.post(URL, BODY), 201)
    again = client.post(URL, {**BODY, "keys": OTHER_KEYS, "expirationTime": 1_800_000_000_000}, HTTP_USER_AGENT="New")

    assert data_of(again, 201) == first
    row = the_row()
    assert {"p256dh": row["p256dh"], "auth": row["auth"]} == OTHER_KEYS
    assert row["expires_at"] == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert row["user_agent"] == "New"


def test_a_browser_that_another_person_signs_in_to_is_theirs(alice: User, bob: User) -> None:
    first = data_of(signed_in(alice).post(URL, BODY), 201)
    second = data_of(signed_in(bob).post(URL, {**BODY, "keys": OTHER_KEYS}), 201)

    assert second == first
    assert (the_row()["user"], the_row()["auth"]) == (bob.pk, OTHER_KEYS["auth"])
    refusal_of(signed_in(alice).delete(f"{URL}/{first['id']}"), 404, "NOT_FOUND")
    assert PushSubscription.objects.exists()


def test_a_person_may_have_several(alice: User, bob: User) -> None:
    for user, endpoint in ((alice, "https://push.example/1"), (alice, "https://push.example/2"), (bob, ENDPOINT)):
        data_of(signed_in(user).post(URL, {**BODY, "endpoint": endpoint}), 201)

    assert PushSubscription.objects.for_user(alice).count() == 2
    assert PushSubscription.objects.for_user(bob).count() == 1


def test_keys_that_nobody_knows_are_ignored_and_padding_is_dropped(alice: User) -> None:
    padded = {"p256dh": KEYS["p256dh"] + "=", "auth": KEYS["auth"] + "==", "more": 1}
    body = {**BODY, "keys": padded, "id": str(uuid4()), "user": str(uuid4()), "userAgent": "x"}

    sent = data_of(signed_in(alice).post(URL, body), 201)

    row = the_row()
    assert (row["id"], row["user"], row["user_agent"]) == (UUID(sent["id"]), alice.pk, "")
    assert {"p256dh": row["p256dh"], "auth": row["auth"]} == KEYS


def test_an_expiration_time_need_not_be_there_and_may_have_a_fraction(alice: User) -> None:
    client = signed_in(alice)
    data_of(client.post(URL, {"endpoint": ENDPOINT, "keys": KEYS}), 201)
    assert the_row()["expires_at"] is None

    data_of(client.post(URL, {**BODY, "expirationTime": 1_800_000_000_000.5}), 201)
    assert the_row()["expires_at"] == datetime(2027, 1, 15, 8, microsecond=500, tzinfo=UTC)


def test_the_longest_endpoint_is_kept(alice: User) -> None:
    start = "https://push.example/"
    longest = start + secrets.token_urlsafe(2048)[: 2048 - len(start)]  # random, so that no index can compress it
    client = signed_in(alice)

    data_of(client.post(URL, {**BODY, "endpoint": longest}), 201)
    assert the_row()["endpoint"] == longest
    assert refused_fields(client.post(URL, {**BODY, "endpoint": f"{longest}a"})) == {"endpoint"}


def test_the_one_sent_longest_ago_makes_room_for_the_twenty_first(alice: User, bob: User) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    kept = [
        make_subscription(alice, f"https://push.example/{number}", created_at=long_ago + timedelta(hours=number))
        for number in range(20)
    ]
    theirs = make_subscription(bob, "https://push.example/bob", created_at=long_ago - timedelta(days=9))
    client = signed_in(alice)
    data_of(client.post(URL, {**BODY, "endpoint": kept[0].endpoint}), 201)  # sent again: not the oldest any more

    new = data_of(client.post(URL, BODY), 201)

    left = set(PushSubscription.objects.values_list("pk", flat=True))
    assert left == {row.pk for row in (kept[0], *kept[2:], theirs)} | {UUID(new["id"])}


def test_an_old_row_that_becomes_somebodys_twenty_first_stays(alice: User, bob: User) -> None:
    for number in range(20):
        make_subscription(alice, f"https://push.example/{number}")
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        row = make_subscription(bob)
    data_of(signed_in(alice).post(URL, BODY), 201)

    assert PushSubscription.objects.for_user(alice).filter(pk=row.pk).exists()
    assert PushSubscription.objects.for_user(alice).count() == 20


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_row_remains(alice: User, bob: User) -> None:
    clients = [signed_in((alice, bob)[number % 2]) for number in range(20)]

    answers = at_once(20, lambda number: clients[number].post(URL, BODY))

    ids = {data_of(answer, 201)["id"] for answer in answers}
    assert ids == {str(the_row()["id"])}


@pytest.mark.django_db(transaction=True)
def test_twenty_remain_however_many_come_at_once(alice: User) -> None:
    for number in range(15):
        make_subscription(alice, f"https://push.example/before/{number}")
    client = signed_in(alice)

    answers = at_once(12, lambda number: client.post(URL, {**BODY, "endpoint": f"https://push.example/{number}"}))

    ids = {UUID(data_of(answer, 201)["id"]) for answer in answers}
    left = set(PushSubscription.objects.values_list("pk", flat=True))
    assert len(left) == 20
    assert ids < left


@pytest.mark.parametrize("endpoint", [None, "", 5, [ENDPOINT], "push", "http://push.example/a", "https://127.0.0.1/a"])
def test_an_endpoint_that_nothing_may_be_sent_to_is_refused(alice: User, endpoint: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**BODY, "endpoint": endpoint})) == {"endpoint"}
    assert not PushSubscription.objects.exists()


NO_KEYS: dict[str, Any] = {
    "none": None,
    "a number": 5,
    "empty": "",
    "a byte short": to_base64url(POINT[:64]),
    "a byte long": to_base64url(POINT + b"\0"),
    "compressed": to_base64url(b"\2" + POINT[1:33]),
    "another first byte": to_base64url(b"\5" + POINT[1:]),
    "off the curve": to_base64url(POINT[:64] + bytes([POINT[64] ^ 1])),
    "zeros": to_base64url(b"\4" + bytes(64)),
    "beyond the prime": to_base64url(b"\4" + b"\xff" * 64),
    "base64 that is not url-safe": KEYS["p256dh"].replace("_", "/").replace("-", "+"),
    "with a blank in it": KEYS["p256dh"].replace("_", " "),
    "cut": KEYS["p256dh"][:-2],
}


@pytest.mark.parametrize("key", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_public_key_is_refused(alice: User, key: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**BODY, "keys": {**KEYS, "p256dh": key}})) == {"keys.p256dh"}
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("auth", [None, 5, "", "short", to_base64url(bytes(15)), to_base64url(bytes(17)), "ä" * 22])
def test_what_is_no_auth_secret_is_refused(alice: User, auth: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**BODY, "keys": {**KEYS, "auth": auth}})) == {"keys.auth"}
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("time", ["2027-01-15T08:00:00Z", "1800000000000", True, -1, 1e300, 32_503_680_000_000, []])
def test_what_is_no_time_is_refused(alice: User, time: Any) -> None:
    assert refused_fields(signed_in(alice).post(URL, {**BODY, "expirationTime": time})) == {"expirationTime"}
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"endpoint", "keys"}),
        ({"endpoint": ENDPOINT, "keys": {}}, {"keys.p256dh", "keys.auth"}),
        ({"endpoint": ENDPOINT, "keys": None}, {"keys"}),
        ({"endpoint": ENDPOINT, "keys": "x"}, {"keys"}),
        ({"endpoint": ENDPOINT, **KEYS}, {"keys"}),
    ],
)
def test_what_is_missing_is_told(alice: User, body: Any, fields: set[str]) -> None:
    assert refused_fields(signed_in(alice).post(URL, body)) == fields
    assert not PushSubscription.objects.exists()


def test_a_refusal_leaves_the_row_of_the_endpoint_as_it_was(alice: User, bob: User) -> None:
    make_subscription(bob)
    before = the_row()

    refused_fields(signed_in(alice).post(URL, {**BODY, "keys": {**KEYS, "auth": "short"}}))

    assert the_row() == before


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    row = make_subscription(alice)

    refusal_of(anonymous.post(URL, BODY), 401, "NOT_AUTHENTICATED")
    refusal_of(anonymous.delete(f"{URL}/{row.pk}"), 401, "NOT_AUTHENTICATED")
    assert PushSubscription.objects.get() == row


def test_a_deleted_one_is_gone(alice: User) -> None:
    row, other = make_subscription(alice), make_subscription(alice, "https://push.example/other")
    client = signed_in(alice)

    response = client.delete(f"{URL}/{row.pk}")

    assert (response.status_code, response.content) == (204, b"")
    assert PushSubscription.objects.get() == other
    refusal_of(client.delete(f"{URL}/{row.pk}"), 404, "NOT_FOUND")


def test_that_of_somebody_else_gets_the_answer_of_one_that_does_not_exist(alice: User, bob: User) -> None:
    row = make_subscription(alice)
    client = signed_in(bob)

    others = refusal_of(client.delete(f"{URL}/{row.pk}"), 404, "NOT_FOUND")
    assert others == refusal_of(client.delete(f"{URL}/{uuid4()}"), 404, "NOT_FOUND")
    assert PushSubscription.objects.get() == row


def test_they_go_when_their_person_goes(alice: User, bob: User) -> None:
    make_subscription(alice)
    theirs = make_subscription(bob, "https://push.example/bob")

    alice.delete()

    assert PushSubscription.objects.get() == theirs


def test_the_admin_shows_where_a_browser_is_told_but_neither_endpoint_nor_keys(db: None, alice: User) -> None:
    row = make_subscription(alice, "https://push.example/a-secret-path")
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))

    for page in ("", f"{row.pk}/change/"):
        text = staff.get(f"/admin/notifications/pushsubscription/{page}").content.decode()
        assert "push.example" in text
        assert not [secret for secret in ("a-secret-path", *KEYS.values()) if secret in text]
