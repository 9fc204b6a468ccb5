"""Signing in by PIN, on a device that was enrolled with the password.

A person's enrolments change only while that person's row is locked.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidCredentials, WrongPassword
from accounts.letters import shown_user_agent
from accounts.limits import sign_in_attempt, spend_enrolment
from accounts.mail import queue_mail
from accounts.mailed_tokens import hashed
from accounts.metrics import BY_PIN, counting_failed
from accounts.models import MOST_WRONG_PINS, PinEnrolment, Session, User
from accounts.passwords import lock_unless_changed, require_own
from accounts.services import sign_in
from accounts.sessions import Device
from hucares.ids import uuid7

WRONG_PIN = "The PIN is wrong, or this device may not sign in by PIN any more."
MOST_ENROLMENTS = 10  # of a person; the one used longest ago makes room


def peppered(pin: str, enrolment_id: UUID) -> str:
    """What is hashed in place of a PIN: without the pepper, trying every PIN on a stolen hash finds nothing."""
    return hmac.new(settings.PIN_PEPPER.encode(), f"{enrolment_id}:{pin}".encode(), hashlib.sha256).hexdigest()


def enrol(*, user: User, pin: str, password: str, device: Device) -> str:
    """Let this device sign the person in by PIN; the token by which it is known, which is stored only as a hash.

    Raises `WrongPassword` or `RateLimited`.
    """
    spend_enrolment(user.pk)
    require_own(user, password)
    enrolment = PinEnrolment(id=uuid7(), user=user, user_agent=device.kept_user_agent)
    enrolment.pin_hash = make_password(peppered(pin, enrolment.pk))
    token = secrets.token_urlsafe(32)
    enrolment.token_hash = hashed(token)
    with transaction.atomic():
        locked = lock_unless_changed(user)
        if locked is None:
            raise WrongPassword
        make_room(locked)
        enrolment.save(force_insert=True)
        told = shown_user_agent(device.user_agent)
        queue_mail(kind="pin-set-up", email=locked.email, user=locked, userAgent=told, ipAddress=device.ip_address)
    return token


def make_room(user: User) -> None:
    """End as many of the person's enrolments as must go before one more."""
    by_use = PinEnrolment.objects.filter(user=user).order_by("-last_used_at", "-pk")
    surplus = list(by_use.values_list("pk", flat=True)[MOST_ENROLMENTS - 1 :])
    PinEnrolment.objects.filter(pk__in=surplus).delete()


def log_in_by_pin(*, device_token: str, pin: str, device: Device) -> Session:
    """Sign in with an enrolled device's token and its PIN.

    Raises `InvalidCredentials`, after the same work, for any fault; `RateLimited` after too many of them.
    """
    with counting_failed(BY_PIN), sign_in_attempt(device.ip_address):
        enrolment = PinEnrolment.objects.filter(token_hash=hashed(device_token)).first()
        if enrolment is None:
            make_password(pin)
            raise InvalidCredentials(WRONG_PIN)
        session = try_pin(enrolment, pin, device)
        if session is None:
            raise InvalidCredentials(WRONG_PIN)
        return session


@transaction.atomic
def try_pin(enrolment: PinEnrolment, pin: str, device: Device) -> Session | None:
    """A session if the PIN is right; else None, and the failure is counted.

    The PIN is compared under the lock, slow as that is (and on SQLite everybody who writes waits meanwhile): of many
    guesses at once each waits for what the one before it has come to, so that none is compared after the last that may
    be wrong. Only whoever holds a device's token gets here.
    """
    user = User.objects.select_for_update(no_key=True).filter(pk=enrolment.user_id).first()
    current = PinEnrolment.objects.filter(pk=enrolment.pk).first()
    if user is None or current is None:  # ended while this one waited
        make_password(pin)
        return None
    if not check_password(peppered(pin, current.pk), current.pin_hash) or not user.is_active:
        count_wrong(current)
        return None
    current.failures, current.last_used_at = 0, timezone.now()
    current.save(update_fields=["failures", "last_used_at"])
    return sign_in(user=user, device=device)


def count_wrong(enrolment: PinEnrolment) -> None:
    """Count a wrong PIN; the last that may be wrong ends the enrolment."""
    enrolment.failures += 1
    if enrolment.failures < MOST_WRONG_PINS:
        enrolment.save(update_fields=["failures"])
    else:
        enrolment.delete()
