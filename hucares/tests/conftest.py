"""A world for the tests that ask everybody everything: made once for a module, and each test leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from hucares.tests.cast import World, make_world
from hucares.tests.snapshots import Snapshot, snapshot
from notifications.tests.builders import KEYS

NOON = "2026-03-04T12:00:00Z"  # a Wednesday


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world behind `world`. The clock stands: what is changed at most every few minutes does not change."""
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=False), transaction.atomic():
        with override_settings(VAPID_PUBLIC_KEY=KEYS["p256dh"]):
            yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def before(standing_world: World, django_db_blocker: Any) -> Snapshot:
    """The whole database as each test of this module finds it."""
    with django_db_blocker.unblock():
        return snapshot()


@pytest.fixture
def world(standing_world: World, db: None) -> World:
    """Everybody who could ask for something; what a test does to them is undone."""
    return standing_world
