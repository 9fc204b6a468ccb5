"""What of notifications `manage.py prune` removes."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from notifications.models import Notification, PushSubscription
from notifications.tests.builders import ENDPOINT, make_notification, make_subscription

MINUTE = timedelta(minutes=1)


def test_expired_notifications_go_read_or_not(alice: User, bob: User) -> None:
    now = timezone.now()
    make_notification(alice, expires_at=now - MINUTE)
    make_notification(bob, expires_at=now - MINUTE, is_read=True)
    kept = {
        make_notification(alice, expires_at=now + MINUTE),
        make_notification(alice, expires_at=None),
        make_notification(bob, created_at=now - timedelta(days=400), expires_at=now + MINUTE),
    }

    call_command("prune", "--json")

    assert set(Notification.objects.all()) == kept


def test_nothing_goes_that_somebody_is_still_shown(alice: User) -> None:
    make_notification(alice, expires_at=timezone.now() + MINUTE)
    shown = set(Notification.objects.for_user(alice))

    call_command("prune", "--json")

    assert set(Notification.objects.for_user(alice)) == shown != set()


def test_expired_push_subscriptions_go(alice: User) -> None:
    now = timezone.now()
    make_subscription(alice, f"{ENDPOINT}/1", expires_at=now - MINUTE)
    kept = {
        make_subscription(alice, f"{ENDPOINT}/2", expires_at=now + MINUTE),
        make_subscription(alice, f"{ENDPOINT}/3", expires_at=None),
    }

    call_command("prune", "--json")

    assert set(PushSubscription.objects.all()) == kept
