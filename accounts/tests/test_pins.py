"""Which PINs may be chosen."""

from __future__ import annotations

import pytest

from accounts.pins import is_guessable


@pytest.mark.parametrize(
    "pin",
    [
        *("0000", "7777", "88888888"),  # one digit
        *("1234", "0123", "12345678", "7890", "8901", "90123456"),  # upwards, and on from 9 to 0
        *("4321", "9876", "0987", "1098", "87654321"),  # downwards
        *("1357", "2468", "9630", "0505"),  # in other steps
        *("1212", "121212", "123123", "47114711", "45454545"),  # again and again
        *("1122", "7700", "445566", "11223344"),  # in pairs
        *("1221", "15851", "123321", "40911904"),  # the same from behind
        *("2580", "0852", "5683", "2000", "1998"),  # common for other reasons
    ],
)
def test_what_is_guessed_first_may_not_be_chosen(pin: str) -> None:
    assert is_guessable(pin)


@pytest.mark.parametrize("pin", ["4096", "1235", "8064", "1223", "7891", "53170", "121213", "112234", "90210753"])
def test_anything_else_may(pin: str) -> None:
    assert not is_guessable(pin)


def test_nearly_all_pins_of_four_digits_are_left() -> None:
    refused = sum(is_guessable(f"{number:04}") for number in range(10_000))
    assert 100 <= refused <= 400
