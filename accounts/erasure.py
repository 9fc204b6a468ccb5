"""How a person is removed with everything that names them."""

from __future__ import annotations

import functools
from contextlib import ExitStack

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.audit import AuditEntry
from accounts.avatars import discard
from accounts.errors import SessionRevoked, WrongPassword
from accounts.failed_sign_ins import reopen
from accounts.limits import hashed_account
from accounts.mail import mails_to
from accounts.models import RefusedAddress, Session, User
from accounts.passwords import require_own
from accounts.personal_data import ERASERS
from accounts.sessions import end_sessions
from accounts.staff import end_admin_sessions


def erase_account(*, user: User, password: str) -> None:
    """Erase somebody who asks for it. Raises `WrongPassword` or `RateLimited`.

    A password that was changed while it was checked is wrong too: then nothing is erased.
    """
    require_own(user, password)
    with transaction.atomic():
        if erase_person(user).password != user.password:
            raise WrongPassword


@transaction.atomic
def erase_person(user: User) -> User:
    """Remove somebody and everything that names them; their groups live on without them.

    Returns the person as they were. Raises `SessionRevoked` if they are gone already.
    """
    with ExitStack() as erasing:
        for eraser in ERASERS:
            erasing.enter_context(eraser(user))
        person = User.objects.select_for_update().filter(pk=user.pk).first()
        if person is None:
            raise SessionRevoked
        end_sessions(Session.objects.filter(user=person, revoked_at=None))
        forget_addresses(person)
        forget_in_admin(person)
        if person.avatar_name:
            transaction.on_commit(functools.partial(discard, person.avatar_name))
        User.objects.filter(pk=person.pk).delete()
    return person


def forget_addresses(person: User) -> None:
    """Remove failed sign-ins at the person's addresses, and what is kept about an address that was theirs for certain.

    That is the mails asked for by address alone, and that it is left alone. At one that they have not confirmed both
    may be somebody else's, and so only the person's own mails go, with the person.
    """
    if person.email_verified:
        RefusedAddress.objects.filter(address=hashed_account(person.email)).delete()
        mails_to(person.email).delete()
    for email in filter(None, (person.email, person.pending_email)):
        reopen(email)


def forget_in_admin(person: User) -> None:
    """Remove what the admin noted about the person, whose name is in it, and their own sign-ins to it.

    The audit log keeps what was done, by ids, and nothing that it says of them.
    """
    AuditEntry.objects.about(person.pk).blank()
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=about, object_id=str(person.pk)).delete()
    end_admin_sessions(person)
