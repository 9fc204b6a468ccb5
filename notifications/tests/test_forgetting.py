"""A browser that is forgotten in the same moment in which there is something to send to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.tests.builders import make_group
from hucares.tests.answers import data_of
from hucares.tests.racing import during
from notifications.models import Notification, OutgoingPush, PushSubscription
from notifications.push import unsubscribe
from notifications.pushing import take_answer
from notifications.tests.builders import make_subscription
from notifications.tests.test_push_encryption import SENDER, SENDERS_POINT

pytestmark = [pytest.mark.needs_servers, pytest.mark.django_db(transaction=True)]
SCORES = {"productive": 5, "satisfied": 6, "body": 7, "care": 6}


@pytest.fixture(autouse=True)
def keys(settings: LazySettings) -> None:
    """Pushes are set up."""
    settings.VAPID_PUBLIC_KEY, settings.VAPID_PRIVATE_KEY = SENDERS_POINT, SENDER


def take_back(bob: User) -> None:
    unsubscribe(user=bob, subscription_id=PushSubscription.objects.get().pk)


def have_gone(bob: User) -> None:
    """The push service says of an older push that there is no such browser."""
    take_answer(OutgoingPush.objects.earliest("pk"), 410)


FORGETTING = [pytest.param(take_back, id="by its person"), pytest.param(have_gone, id="by its service")]


@pytest.mark.parametrize("forget", FORGETTING)
def test_a_check_in_succeeds_while_a_browser_is_forgotten(forget: Callable[[User], None]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    porch, garden = make_group(alice, bob), make_group(alice, bob)
    make_subscription(bob)
    make_check_in(alice, garden)
    client = signed_in(alice)

    called = during(lambda: forget(bob), lambda: client.post("/api/v1/checkins", {"groupId": str(porch.pk), **SCORES}))

    data_of(called.result(), 201)
    assert CheckIn.objects.count() == Notification.objects.filter(user=bob).count() == 2
    assert not PushSubscription.objects.exists()
    assert not OutgoingPush.objects.exists()


@pytest.mark.parametrize("forget", FORGETTING)
def test_a_browser_is_forgotten_while_a_push_is_queued_for_it(forget: Callable[[User], None]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    porch, garden = make_group(alice, bob), make_group(alice, bob)
    make_subscription(bob)
    make_check_in(alice, garden)

    during(lambda: make_check_in(alice, porch), lambda: forget(bob)).result()

    assert Notification.objects.filter(user=bob).count() == 2
    assert not PushSubscription.objects.exists()
    assert not OutgoingPush.objects.exists()


def test_check_ins_do_not_wait_for_each_other_at_a_browser_that_hears_of_both() -> None:
    alice, bob, charlie = make_user("alice"), make_user("bob"), make_user("charlie")
    porch, garden = make_group(alice, bob), make_group(charlie, bob)
    make_subscription(bob)

    def check_in_elsewhere() -> bool:
        make_check_in(charlie, garden)
        return CheckIn.objects.filter(group=porch).exists()

    had_to_wait = during(lambda: make_check_in(alice, porch), check_in_elsewhere).result()

    assert had_to_wait is False
    assert OutgoingPush.objects.count() == 2
