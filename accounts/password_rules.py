"""What a password must have, beside not being common and not resembling its owner's name."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

LEAST_LENGTH = 8
GREATEST_LENGTH = 128


class LengthAndClasses:
    """8 to 128 characters, among them an upper-case letter, a lower-case letter and a digit."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError` with a sentence for each thing that is missing."""
        missing = []
        if not LEAST_LENGTH <= len(password) <= GREATEST_LENGTH:
            missing.append(f"Must have {LEAST_LENGTH} to {GREATEST_LENGTH} characters.")
        if not any(character.isupper() for character in password):
            missing.append("Must contain an upper-case letter.")
        if not any(character.islower() for character in password):
            missing.append("Must contain a lower-case letter.")
        if not any(character.isdigit() for character in password):
            missing.append("Must contain a digit.")
        if missing:
            raise ValidationError(missing)

    def get_help_text(self) -> str:
        """What the admin shows beside a password field."""
        return "8 to 128 characters with an upper-case letter, a lower-case letter and a digit."
