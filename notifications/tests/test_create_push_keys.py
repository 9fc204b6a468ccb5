"""`manage.py create_push_keys`, and the two settings."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from hucares.env import Environment, SettingError
from notifications.tests.builders import KEYS
from notifications.tests.test_push_encryption import RECEIVER, SENDER, SENDERS_POINT

NAMES = ("VAPID_PUBLIC_KEY", "VAPID_PRIVATE_KEY")


def created(*arguments: str) -> dict[str, str]:
    output = StringIO()
    call_command("create_push_keys", *arguments, stdout=output)
    return dict(line.split("=", 1) for line in output.getvalue().splitlines())


def test_it_prints_two_lines_that_the_settings_take() -> None:
    first, second = created(), created()

    assert tuple(first) == NAMES
    assert Environment(first).key_pair(*NAMES) == tuple(first.values())
    assert not set(first.values()) & set(second.values())


def test_or_one_json_object() -> None:
    output = StringIO()
    call_command("create_push_keys", "--json", stdout=output)
    assert Environment(json.loads(output.getvalue())).key_pair(*NAMES)[0]


def test_it_does_so_once(settings: LazySettings) -> None:
    settings.VAPID_PUBLIC_KEY = SENDERS_POINT
    with pytest.raises(CommandError, match="There are keys already"):
        created()

    assert tuple(created("--again")) == NAMES


def test_without_either_pushes_are_not_set_up() -> None:
    assert Environment({}).key_pair(*NAMES) == ("", "")


@pytest.mark.parametrize(
    ("public", "private", "says"),
    [
        (SENDERS_POINT, "", "VAPID_PRIVATE_KEY is not set, though VAPID_PUBLIC_KEY is"),
        ("", SENDER, "VAPID_PUBLIC_KEY is not set, though VAPID_PRIVATE_KEY is"),
        ("no key", SENDER, "VAPID_PUBLIC_KEY must be"),
        (SENDERS_POINT, "no key", "VAPID_PRIVATE_KEY must be"),
        (SENDERS_POINT, "A" * 43, "VAPID_PRIVATE_KEY must be"),
        (SENDERS_POINT, RECEIVER, "VAPID_PRIVATE_KEY must be"),
        (KEYS["p256dh"], SENDER, "VAPID_PRIVATE_KEY must be"),
    ],
)
def test_what_does_not_belong_together_stops_the_start(public: str, private: str, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Environment(dict(zip(NAMES, (public, private), strict=True))).key_pair(*NAMES)
