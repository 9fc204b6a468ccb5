"""What becomes of credentials that were right when they were checked, and are not any more when they take effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.mail import queue_mail
from accounts.models import OutgoingMail, PinEnrolment, Session, User
from accounts.tests.builders import PASSWORD, PIN, newest_token, signed_in
from groups.models import Group, Status
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once, behind_lock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_servers]
NEW = "Another2horse"
Change = Callable[[], object]


def sign_in(user: User, password: str = PASSWORD) -> Any:
    return APIClient().post("/api/v1/auth/login", {"email": user.email, "password": password})


def behind(user: User, change: Change, call: Callable[[], Any]) -> Any:
    """The answer to a call that found the password right before `change`, and came to act on it afterwards."""
    return behind_lock(User.objects.filter(pk=user.pk), change, call).result()


@pytest.fixture
def reset(alice: User, mailoutbox: list[Any]) -> Change:
    """Resets Alice's password by a mailed link."""
    queue_mail(kind="reset-password", email=alice.email)
    body = {"token": newest_token(mailoutbox), "newPassword": NEW}
    return lambda: data_of(APIClient().post("/api/v1/auth/reset-password", body))


def test_a_reset_password_signs_nobody_in_with_the_old_one(alice: User, reset: Change) -> None:
    refusal_of(behind(alice, reset, lambda: sign_in(alice)), 401, "INVALID_CREDENTIALS")
    assert not Session.objects.exists()
    data_of(sign_in(alice, NEW))


def test_nor_does_a_changed_one(alice: User) -> None:
    client = signed_in(alice)
    wanted = {"currentPassword": PASSWORD, "newPassword": NEW}
    late = behind(alice, lambda: data_of(client.post("/api/v1/auth/change-password", wanted)), lambda: sign_in(alice))
    refusal_of(late, 401, "INVALID_CREDENTIALS")
    assert Session.objects.count() == 1


def test_nor_is_a_deactivated_person_signed_in(alice: User) -> None:
    late = behind(alice, lambda: User.objects.filter(pk=alice.pk).update(is_active=False), lambda: sign_in(alice))
    refusal_of(late, 401, "INVALID_CREDENTIALS")
    assert not Session.objects.exists()


def test_nor_one_who_is_gone(alice: User) -> None:
    late = behind(alice, lambda: User.objects.filter(pk=alice.pk).delete(), lambda: sign_in(alice))
    refusal_of(late, 401, "INVALID_CREDENTIALS")
    assert not Session.objects.exists()


def test_a_change_of_password_does_not_undo_a_reset(alice: User, reset: Change) -> None:
    client = signed_in(alice)
    wanted = {"currentPassword": PASSWORD, "newPassword": "Third3horse"}

    late = behind(alice, reset, lambda: client.post("/api/v1/auth/change-password", wanted))

    assert refused_fields(late) == {"currentPassword"}
    assert User.objects.get().check_password(NEW)
    assert OutgoingMail.objects.filter(kind="password-changed").count() == 1


def test_no_pin_is_set_up_with_a_password_that_was_reset(alice: User, reset: Change) -> None:
    client = signed_in(alice)
    wanted = {"pin": PIN, "password": PASSWORD}
    late = behind(alice, reset, lambda: client.post("/api/v1/auth/pin", wanted))
    assert refused_fields(late) == {"password"}
    assert not PinEnrolment.objects.exists()


def test_nobody_is_erased_with_a_password_that_was_reset(alice: User, porch: Group, reset: Change) -> None:
    client, body = signed_in(alice), {"password": PASSWORD}
    answer = behind(alice, reset, lambda: client.delete("/api/v1/users/account", body))
    assert refused_fields(answer) == {"password"}
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert porch.memberships.filter(user=alice, status=Status.ACTIVE).exists()


def test_the_renewal_of_an_old_hash_does_not_undo_a_reset(alice: User, reset: Change) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))

    late = behind(alice, reset, lambda: sign_in(alice))

    refusal_of(late, 401, "INVALID_CREDENTIALS")
    assert User.objects.get().check_password(NEW)
    assert not Session.objects.exists()


def test_of_many_sign_ins_at_once_with_an_old_hash_each_succeeds(alice: User) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))

    for answer in at_once(4, lambda number: sign_in(alice)):
        data_of(answer)

    assert User.objects.get().password.startswith("argon2$argon2id$")
    assert Session.objects.count() == 4
