"""POST /admin/login/: the limits on guessing hold there too."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.failed_sign_ins import MOST
from accounts.limits import hashed_account
from accounts.models import FailedSignIns, User
from accounts.tests.builders import PASSWORD, make_session
from hucares.throttling import shared_storage


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("staff@example.com", PASSWORD)


def sign_in(password: str, address: str = "192.0.2.1", email: str = "staff@example.com") -> Any:
    return Client().post("/admin/login/?next=/admin/", {"username": email, "password": password}, REMOTE_ADDR=address)


def failures() -> list[int]:
    return list(FailedSignIns.objects.values_list("failures", flat=True))


def test_failures_count_for_the_account_and_a_success_begins_anew(staff: User) -> None:
    for _ in range(2):
        assert "correct email and password" in sign_in("Wrong1password").content.decode()
    assert failures() == [2]
    assert sign_in(PASSWORD).status_code == 302
    assert failures() == []


def test_an_account_that_is_closed_is_closed_here_too(staff: User) -> None:
    FailedSignIns.objects.create(account=hashed_account(staff.email), failures=MOST, last_at=timezone.now())
    assert sign_in(PASSWORD).status_code == 200
    make_session(staff)
    assert sign_in(PASSWORD, address="127.0.0.1").status_code == 302


def test_after_five_failures_from_an_address_the_account_waits(staff: User, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 1
    shared_storage().reset()
    for _ in range(5):
        assert sign_in("Wrong1password").status_code == 200
    assert sign_in(PASSWORD).status_code == 429
    assert sign_in(PASSWORD, address="192.0.2.2").status_code == 302


def test_somebody_who_is_no_staff_or_inactive_stays_outside(alice: User, staff: User) -> None:
    assert sign_in(PASSWORD, email=alice.email).status_code == 200
    User.objects.update(is_active=False)
    assert sign_in(PASSWORD).status_code == 200
