"""What accounts are made of, as clients send it."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts import pins
from hucares.serializers import CharField


class UsernameField(CharField):
    """3 to 20 letters, digits and underscores."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=3, max_length=20, **options)
        message = "May only contain letters, digits and underscores."
        self.validators.append(RegexValidator(r"^[A-Za-z0-9_]*\Z", message))


class AddressField(serializers.EmailField):
    """An e-mail address, at most 255 characters. Beyond ASCII its letters are small ones, as names of hosts have them.

    Databases do not agree on which small letters stand for others, so it could not be told whose the address is.
    """

    default_error_messages = {"large": "Letters beyond A to Z must be small ones."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=255, **options)

    def to_internal_value(self, data: Any) -> str:
        """The address. Raises `ValidationError`."""
        address = super().to_internal_value(data)
        if any(letter != letter.lower() for letter in address if not letter.isascii()):
            self.fail("large")
        return address


class ClockField(CharField):
    """A time of day, `00:00` to `23:59`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=5, **options)
        self.validators.append(RegexValidator(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", "Must be a time such as 22:00."))


class PinField(CharField):
    """4 to 8 digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=8, **options)
        self.validators.append(RegexValidator(pins.PATTERN, "Must be 4 to 8 digits."))
