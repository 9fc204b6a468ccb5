"""DELETE /auth/pin, and what else ends every device's enrolment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from accounts import pin_sign_in
from accounts.mail import queue_mail
from accounts.models import PinEnrolment, Session, User
from accounts.staff import deactivate, reactivate
from accounts.tests.builders import PASSWORD, PIN, make_enrolment, newest_token, signed_in
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import behind_lock, is_waited_for

URL = "/api/v1/auth/pin"
NEW = "Another2horse"


def sign_in(token: str) -> Any:
    return APIClient().post("/api/v1/auth/pin/login", {"deviceToken": token, "pin": PIN})


def test_no_device_of_the_person_may_sign_in_by_pin_any_more(alice: User, bob: User) -> None:
    tokens, bobs = [make_enrolment(alice), make_enrolment(alice)], make_enrolment(bob)

    assert signed_in(alice).delete(URL).status_code == 204

    for token in tokens:
        refusal_of(sign_in(token), 401, "INVALID_CREDENTIALS")
    data_of(sign_in(bobs))


def test_sessions_go_on_and_a_second_time_changes_nothing(alice: User) -> None:
    make_enrolment(alice)
    client = signed_in(alice)
    for _ in range(2):
        assert client.delete(URL).status_code == 204
    data_of(client.get("/api/v1/users/profile"))


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    token = make_enrolment(alice)
    refusal_of(anonymous.delete(URL), 401, "NOT_AUTHENTICATED")
    data_of(sign_in(token))


def test_a_changed_password_ends_them(alice: User) -> None:
    make_enrolment(alice)
    client = signed_in(alice)
    wanted = {"currentPassword": "Wrong1password", "newPassword": NEW}
    refused_fields(client.post("/api/v1/auth/change-password", wanted))
    assert PinEnrolment.objects.exists()

    data_of(client.post("/api/v1/auth/change-password", {**wanted, "currentPassword": PASSWORD}))
    assert not PinEnrolment.objects.exists()


def test_a_reset_password_ends_them(anonymous: APIClient, alice: User, bob: User, mailoutbox: list[Any]) -> None:
    make_enrolment(alice)
    make_enrolment(bob)
    queue_mail(kind="reset-password", email=alice.email)
    reset = {"token": newest_token(mailoutbox), "newPassword": NEW}
    data_of(anonymous.post("/api/v1/auth/reset-password", reset))
    assert PinEnrolment.objects.get().user == bob


def test_signing_out_everywhere_ends_them_and_signing_out_here_does_not(alice: User) -> None:
    token = make_enrolment(alice)
    data_of(signed_in(alice).post("/api/v1/auth/logout"))
    data_of(sign_in(token))

    data_of(signed_in(alice).post("/api/v1/auth/logout", {"everywhere": True}))
    refusal_of(sign_in(token), 401, "INVALID_CREDENTIALS")


def test_a_deactivated_person_has_none_when_they_come_back(alice: User) -> None:
    token = make_enrolment(alice)
    deactivate(user=alice)
    reactivate(user=alice)

    refusal_of(sign_in(token), 401, "INVALID_CREDENTIALS")


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "end",
    [
        lambda client: client.delete(URL),
        lambda client: client.post("/api/v1/auth/logout", {"everywhere": True}),
        lambda client: client.post("/api/v1/auth/change-password", {"currentPassword": PASSWORD, "newPassword": NEW}),
    ],
)
def test_whoever_was_about_to_sign_in_by_pin_comes_too_late(alice: User, end: Callable[[APIClient], Any]) -> None:
    token = make_enrolment(alice)
    client = signed_in(alice)
    before = Session.objects.count()

    late = behind_lock(User.objects.filter(pk=alice.pk), lambda: end(client), lambda: sign_in(token))

    refusal_of(late.result(), 401, "INVALID_CREDENTIALS")
    assert Session.objects.count() == before
    assert not PinEnrolment.objects.exists()


@pytest.mark.needs_servers
@pytest.mark.django_db(transaction=True)
def test_signing_out_everywhere_waits_for_whoever_is_signing_in_by_pin_and_signs_them_out_too(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, compare = make_enrolment(alice), pin_sign_in.check_password
    client = signed_in(alice)
    data_of(client.get("/api/v1/users/profile"))  # so that no activity is to be noted, which waits for the lock too
    with ThreadPoolExecutor(1) as threads:
        ending: list[Future[Any]] = []

        def sign_out() -> Any:
            try:
                return client.post("/api/v1/auth/logout", {"everywhere": True})
            finally:
                connections.close_all()

        def compare_meanwhile(pin: str, encoded: str) -> bool:
            ending.append(threads.submit(sign_out))
            while not is_waited_for() and not ending[0].done():
                pass
            return compare(pin, encoded)

        monkeypatch.setattr(pin_sign_in, "check_password", compare_meanwhile)
        data_of(sign_in(token))
        data_of(ending[0].result())

    assert Session.objects.count() == 2
    assert not Session.objects.filter(revoked_at=None).exists()
    assert not PinEnrolment.objects.exists()
