"""Accounts that are closed to strangers after a hundred failed sign-ins in a row, until the password is reset.

The rate limits slow guessing down; this ends it. It is counted in the database, so that it outlives them, and alike
for accounts that do not exist, so that nothing tells which do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import InvalidCredentials
from accounts.limits import hashed_account
from accounts.mail import queue_mail
from accounts.models import FailedSignIns, Session, User

MOST = 100  # failures in a row that leave an account open is one less


def is_closed(account: str) -> bool:
    """Whether a hashed account is closed to strangers."""
    return FailedSignIns.objects.filter(account=account, failures__gte=MOST).exists()


def has_signed_in_from(user: User | None, address: str | None) -> bool:
    """Whether this person has signed in from this address before. For nobody the database is asked as well."""
    user_id: UUID = user.pk if user else uuid4()
    return Session.objects.filter(user_id=user_id, ip_address=address).exists() and address is not None


@contextlib.contextmanager
def counting_in_a_row(email: str) -> Iterator[None]:
    """Count the block against the account if it ends in `InvalidCredentials`. Not to be used inside a transaction.

    At the hundredth its owner is told. Whether there is one is found out when the mail is sent, not here, where it
    could be told from the time that it takes.
    """
    try:
        yield
    except InvalidCredentials:
        with transaction.atomic(durable=True):
            if count_failure(hashed_account(email)) == MOST:
                queue_mail(kind="sign-in-closed", email=email)
        raise


def count_failure(account: str) -> int:
    """Count one more failure in a row, in one statement; how many there are now."""
    moment = FailedSignIns._meta.get_field("last_at").get_db_prep_value(timezone.now(), connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO failed_sign_ins (account, failures, last_at) VALUES (%s, 1, %s) ON CONFLICT (account)"
            " DO UPDATE SET failures = failed_sign_ins.failures + 1, last_at = excluded.last_at RETURNING failures",
            [account, moment],
        )
        return int(cursor.fetchone()[0])


def end_row(account: str) -> bool:
    """Begin counting anew after a success. False, and the count stays, if the account is closed to strangers."""
    FailedSignIns.objects.filter(account=account, failures__lt=MOST).delete()
    return not is_closed(account)


def reopen(email: str) -> None:
    """Forget every failure: whoever reads the mails of this address has chosen another password, or begins here."""
    FailedSignIns.objects.filter(account=hashed_account(email)).delete()
