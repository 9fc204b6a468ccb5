"""The second factor of staff: an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

django-otp keeps the devices, lets no code be used twice and makes whoever guesses wait twice as long after each wrong
one. Recovery codes are kept as hashes; an authenticator's key has to be kept as it is.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from binascii import unhexlify

from django.db import transaction
from django.http import HttpRequest
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.errors import WrongCode
from accounts.models import User

RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # of chance in each
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def is_on(user: User) -> bool:
    """Whether signing in to the admin takes a code."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_passed(request: HttpRequest) -> bool:
    """Whether this browser has shown a code since it signed in."""
    return bool(request.user.is_verified())  # type: ignore[union-attr]  # by django-otp's middleware


@transaction.atomic
def unconfirmed_device(user: User) -> TOTPDevice:
    """The authenticator that somebody is about to set up; the same until they have shown a code of it."""
    User.objects.select_for_update().get(pk=user.pk)  # one at a time
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "authenticator"})
    return device


def secret_of(device: TOTPDevice) -> str:
    """The authenticator's key as people type it: base32 (RFC 4648) in groups of four."""
    text = b32encode(unhexlify(device.key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@transaction.atomic
def turn_on(*, user: User, code: str) -> tuple[Device, list[str]]:
    """Take the authenticator that was set up into use; the device, and the recovery codes, shown this once.

    Raises `WrongCode` if the code is not its.
    """
    device = unconfirmed_device(user)
    if is_on(user) or not device.verify_token(plain(code)):
        raise WrongCode
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return device, renew_recovery_codes(user=user)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Other recovery codes, shown this once; those of before are good for nothing any more."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=hashed(code)) for code in codes)
    return codes


def check(*, user: User, code: str) -> Device:
    """The device that a code is of: the authenticator, or one of the recovery codes, which is used up by that.

    Raises `WrongCode`, also for a right one that comes sooner after wrong ones than is allowed.
    """
    text = plain(code)
    of_authenticator = text.isdecimal()
    devices = TOTPDevice if of_authenticator else StaticDevice
    with transaction.atomic():
        device = devices.objects.select_for_update().filter(user=user, confirmed=True).first()
        is_right = device is not None and device.verify_token(text if of_authenticator else hashed(text))
    if not is_right:  # after the transaction, which counts the wrong ones
        raise WrongCode
    return device


@transaction.atomic
def turn_off(*, user: User) -> None:
    """Ask somebody for no code any more."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def plain(code: str) -> str:
    """A code as it is compared: whatever blanks, hyphens and capitals it was typed with."""
    return code.replace(" ", "").replace("-", "").lower()


def new_recovery_code() -> str:
    """Such as `k3jx-9…`: 80 bits of chance, in four groups."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_BYTES * 8 // 5))
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def hashed(code: str) -> str:
    """What is kept of a recovery code: the first half of its SHA-256, as long as django-otp's column."""
    return hashlib.sha256(plain(code).encode()).hexdigest()[:16]
