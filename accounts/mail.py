"""The outbox: a mail is a row written in the caller's transaction, and a worker sends it.

A mail server that is away loses nothing and slows nothing: sending is tried again, ever more rarely, for a week.
An app adds a kind of mail with `@letter_for("kind")` in a module that its `ready()` imports.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import OutgoingMail, User
from accounts.quiet_hours import quiet_until
from accounts.refusals import is_refused, unsubscribe_link
from accounts.signals import mail_sent
from hucares.leases import first_due, held, put_back, take_up
from hucares.request_id import because_of

PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
]
GIVE_UP_AFTER = timedelta(days=7)
LEASE = timedelta(minutes=10)  # after which a mail counts as not sent if its worker has said nothing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """That a mail is one which people may do without: which preference governs it, and whose, if it is a person's.

    Such a mail waits for the end of the person's quiet hours, and holds a link that ends mails of its kind.
    """

    preference: str  # `friendCheckIn`, …
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, and to whom.

    `template` names a text template without its `.txt`: the subject in its first line, then the paragraphs. A
    paragraph that is nothing but `link` becomes a button named `button` in the HTML. `told` are ids of what it tells
    of, for those who hear that it was sent. A mail about the safety of an account is no `choice`.
    """

    to: str
    template: str
    link: str = ""
    button: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    told: tuple[UUID, ...] = ()
    choice: Choice | None = None

    def quiet_until(self, moment: datetime) -> datetime | None:
        """Until when whoever is to get it wants to be left alone; None if it may be sent."""
        user = self.choice and self.choice.user
        return quiet_until(moment, user.notification_preferences, user.timezone) if user else None


Writer = Callable[[OutgoingMail], Letter | None]
WRITERS: dict[str, Writer] = {}
Objection = Callable[[OutgoingMail], bool]
OBJECTIONS: dict[str, Objection] = {}


def letter_for(kind: str) -> Callable[[Writer], Writer]:
    """Make the decorated function the writer of a kind of mail.

    It is called in a transaction right before sending, at every attempt anew, and returns None if there is no
    reason any more to send the mail. During quiet hours nothing is sent, and it is called again when they end.
    """

    def register(writer: Writer) -> Writer:
        if kind in WRITERS:
            raise ValueError(f"there is a kind of mail named {kind} already")
        WRITERS[kind] = writer
        return writer

    return register


def objection_to(kind: str) -> Callable[[Objection], Objection]:
    """Let a room above the one that writes a kind of mail say whether there is no reason any more to send it.

    The decorated function is called in the writer's transaction, after the writer.
    """

    def register(objection: Objection) -> Objection:
        if kind in OBJECTIONS:
            raise ValueError(f"there is an objection to mails named {kind} already")
        OBJECTIONS[kind] = objection
        return objection

    return register


def queue_mail(*, kind: str, email: str, user: User | None = None, **data: Any) -> OutgoingMail:
    """Have a mail sent once the caller's transaction commits. `data` is kept as JSON: never a secret."""
    mail = new_mail(kind=kind, email=email, user=user, data=data)
    mail.save(force_insert=True)
    return mail


def new_mail(*, kind: str, email: str, **columns: Any) -> OutgoingMail:
    """A mail for the outbox, not saved yet: for those who put in many at once."""
    if kind not in WRITERS:
        raise ValueError(f"there is no kind of mail named {kind}")
    return OutgoingMail(kind=kind, email=email, **columns)


def mails_to(email: str) -> QuerySet[OutgoingMail]:
    """Mails to an address, without regard to case, as far as they are still kept; uses the index on lower(email)."""
    return OutgoingMail.objects.alias(address=Lower("email")).filter(address=Lower(Value(email)))


def deliver_due_mails() -> int:
    """Send every mail that is due; how many were taken up."""
    count = 0
    while deliver_next_mail():
        count += 1
    return count


def deliver_next_mail(*kinds: str) -> bool:
    """Take up the mail that has been due longest, of some kinds or of any. False if none is due."""
    now = timezone.now()
    mail = first_due(OutgoingMail.objects.filter(kind__in=kinds) if kinds else OutgoingMail.objects.all(), now)
    if mail is None:
        return False
    ours = take_up(mail, OutgoingMail.objects.select_related("user"), now, LEASE)
    if ours is not None:
        with because_of(ours.request_id):
            attempt(ours)
    return True


def attempt(mail: OutgoingMail) -> None:
    """Write and send a mail that was taken up, and note in its row how that went."""
    try:
        with transaction.atomic():
            letter = written(mail)
            if letter is None:
                held(mail).delete()
                return
        until = letter.quiet_until(timezone.now())
        if until is not None:
            put_back(mail, until)
            return
        message_of(mail, letter).send()
    except Exception as error:
        # Only the name: a mail server's answer may repeat what was sent, and with it a link.
        name = type(error).__name__
        due_at = next_attempt(mail, timezone.now())
        logger.warning("The %s was not sent (%s) and will be tried again at %s.", mail, name, due_at or "no time")
        held(mail).update(due_at=due_at, last_error=name)
    else:
        held(mail).update(due_at=None, last_error="", sent_at=timezone.now())
        logger.info("The %s was sent.", mail)
        mail_sent.send_robust(sender=OutgoingMail, mail=mail, letter=letter)


def written(mail: OutgoingMail) -> Letter | None:
    """What a mail says; None if there is no reason any more to send it."""
    letter = WRITERS[mail.kind](mail)
    if letter is None or (letter.choice is not None and is_refused(letter.to, letter.choice.user)):
        return None
    objection = OBJECTIONS.get(mail.kind)
    return None if objection is not None and objection(mail) else letter


def next_attempt(mail: OutgoingMail, now: datetime) -> datetime | None:
    """When to try a mail again that just failed; None when it is to be given up."""
    due_at = now + PAUSES[min(mail.attempts, len(PAUSES)) - 1]
    return due_at if due_at < mail.created_at + GIVE_UP_AFTER else None


def message_of(mail: OutgoingMail, letter: Letter) -> EmailMultiAlternatives:
    """The mail as it travels. Every attempt has the same id, so that mailboxes can tell a repetition.

    One that people can do without says how to end such mails, to them and, by RFC 8058, to the program that shows it.
    """
    context = {**letter.context, "link": letter.link, "public_url": settings.PUBLIC_URL}
    subject, _, text = render_to_string(f"{letter.template}.txt", context).partition("\n")
    text = text.strip()
    # Each name is there, if only empty: Django logs a missing one with all the others, and one of them is the link.
    html = {**context, "subject": subject, "button": letter.button, "paragraphs": text.split("\n\n"), "unsubscribe": ""}
    domain = urlsplit(settings.PUBLIC_URL).hostname
    headers = {"Message-ID": f"<{mail.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
    if letter.choice is not None:
        html["unsubscribe"] = link = unsubscribe_link(letter.choice.preference, letter.to, letter.choice.user)
        headers |= {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        text += f"\n\nNo more mails like this one: {link}"
    message = EmailMultiAlternatives(subject, text + "\n", to=[letter.to], headers=headers)
    message.attach_alternative(render_to_string("accounts/mail/letter.html", html), "text/html")
    return message
