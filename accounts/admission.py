"""Who comes in with an address and a password, to the API and to the admin alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from accounts.errors import InvalidCredentials
from accounts.failed_sign_ins import counting_in_a_row, end_row, has_signed_in_from, is_closed
from accounts.limits import hashed_account, sign_in_attempt
from accounts.metrics import BY_PASSWORD, counting_failed
from accounts.models import User
from accounts.passwords import is_right, lock_unless_changed

Result = TypeVar("Result")


def admit(*, email: str, password: str, address: str | None, begin: Callable[[User], Result]) -> Result:
    """Do `begin` with the person who has this e-mail address and password, in the transaction that locks them.

    Raises `InvalidCredentials`, after the same work, for any fault; `RateLimited` after too many of them.
    """
    user = User.objects.by_email(email).first()
    email = user.email if user else email  # the two may look alike to the database alone
    account = hashed_account(email)
    with counting_failed(BY_PASSWORD), sign_in_attempt(address, account), counting_in_a_row(email):
        closed, known = is_closed(account), has_signed_in_from(user, address)
        expected = None if closed and not known else user  # one who is shut out is answered like nobody
        if not is_right(expected, password) or expected is None:
            raise InvalidCredentials
        with transaction.atomic():
            locked = lock_unless_changed(expected)
            if locked is None or not (end_row(account) or known):  # things may have changed meanwhile
                raise InvalidCredentials
            return begin(locked)
