"""How many passwords are hashed at a time."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from rest_framework.test import APIClient

from accounts import hashers
from accounts.hashers import slots_per_process
from accounts.models import Session, User
from accounts.tests.builders import PASSWORD, hashed_password
from hucares.slots import Slots
from hucares.tests.answers import data_of, refusal_of


@pytest.fixture
def no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which as many passwords are being hashed as may be, and one more waits."""
    hashed_password()  # of the cast, before nothing can be hashed any more
    monkeypatch.setattr(hashers, "SLOTS", Slots(0, waiting=0))


@pytest.mark.usefixtures("no_slot")
@pytest.mark.parametrize("password", [PASSWORD, "Wrong1password"])
def test_a_full_process_answers_a_sign_in_with_503(anonymous: APIClient, alice: User, password: str) -> None:
    answer = anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": password})

    refusal_of(answer, 503, "SERVICE_UNAVAILABLE")
    assert answer["Retry-After"] == "1"
    assert not Session.objects.exists()


@pytest.mark.usefixtures("no_slot")
@pytest.mark.django_db
def test_an_unknown_address_is_answered_alike(anonymous: APIClient) -> None:
    answer = anonymous.post("/api/v1/auth/login", {"email": "nobody@example.com", "password": PASSWORD})
    refusal_of(answer, 503, "SERVICE_UNAVAILABLE")


@pytest.mark.usefixtures("no_slot")
@pytest.mark.django_db
def test_nobody_is_registered_meanwhile(anonymous: APIClient) -> None:
    body = {"username": "dana", "email": "dana@example.com", "password": PASSWORD}
    refusal_of(anonymous.post("/api/v1/auth/register", body), 503, "SERVICE_UNAVAILABLE")
    assert not User.objects.exists()


@pytest.mark.usefixtures("no_slot")
@pytest.mark.django_db
def test_the_admin_says_so_too(anonymous: APIClient) -> None:
    body = {"username": "nobody@example.com", "password": PASSWORD}
    answer = anonymous.post("/admin/login/", body, format="multipart")
    assert answer.status_code == 503
    assert "try again" in answer.content.decode()


def test_former_hashes_wait_for_a_slot_as_well(
    anonymous: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    User.objects.filter(pk=alice.pk).update(password=former)
    with monkeypatch.context() as patch:
        patch.setattr(hashers, "SLOTS", Slots(0, waiting=0))
        refusal_of(
            anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD}),
            503,
            "SERVICE_UNAVAILABLE",
        )
    data_of(anonymous.post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD}))
    assert make_password(PASSWORD).startswith("argon2$argon2id$")


@pytest.mark.parametrize(("processes", "threads", "most"), [(1, 4, 2), (64, 4, 1), (1, 3, 1), (1, 1, 1)])
def test_sign_ins_never_take_all_the_threads(settings: LazySettings, processes: int, threads: int, most: int) -> None:
    settings.WEB_CONCURRENCY, settings.HTTP_THREADS = processes, threads
    assert 1 <= slots_per_process() <= most
