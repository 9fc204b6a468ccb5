"""What the database itself refuses of people."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.tests.builders import make_user
from hucares.database import violates


def violation(username: str, email: str) -> IntegrityError:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make_user(username, email=email)
    return refused.value


@pytest.mark.parametrize("email", ["alice@example.com", "Alice@EXAMPLE.com"])
def test_an_address_belongs_to_one_person_without_regard_to_case(alice: User, email: str) -> None:
    error = violation("somebody", email)

    assert violates(error, User, "users_email_unique")
    assert not violates(error, User, "users_username_unique")
    assert User.objects.get() == alice


@pytest.mark.parametrize("username", ["alice", "ALICE"])
def test_a_username_belongs_to_one_person_without_regard_to_case(alice: User, username: str) -> None:
    error = violation(username, "somebody@example.com")

    assert violates(error, User, "users_username_unique")
    assert not violates(error, User, "users_email_unique")
    assert User.objects.get() == alice


@pytest.mark.django_db
def test_names_and_addresses_keep_the_case_they_came_in() -> None:
    make_user("CamelCase", email="Camel@Example.com")

    assert User.objects.by_email("cAMEL@eXAMPLE.COM").get().username == "CamelCase"
    assert User.objects.get().email == "Camel@Example.com"
