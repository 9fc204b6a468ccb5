"""When news leaves a transaction: after its commit, or never."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_save

from accounts.models import User
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group
from realtime.channel_names import group_channel, user_channel
from realtime.layer import InProcessLayer
from realtime.models import GroupEvent
from realtime.tests.layers import layer_in_use

pytestmark = pytest.mark.django_db(transaction=True)


class Recorder(InProcessLayer):
    """A layer that remembers where news went, and whether the transaction was over."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[tuple[str, bool]] = []

    def publish(self, messages: list[tuple[str, dict[str, Any]]]) -> None:
        committed = not connection.in_atomic_block
        self.published += [(group, committed) for group, _ in messages]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """The layer that everything is published to."""
    made = Recorder()
    with layer_in_use(made):
        yield made


def test_news_goes_out_after_the_commit(recorder: Recorder, alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    assert sorted(recorder.published) == sorted([(group_channel(porch.pk), True), (user_channel(bob.pk), True)])


def test_a_check_in_that_fails_at_the_last_moment_is_told_to_nobody(
    recorder: Recorder, alice: User, bob: User, porch: Group
) -> None:
    def fail(sender: type[CheckIn], **kwargs: Any) -> None:
        assert GroupEvent.objects.exists()  # everything else has been done
        raise ZeroDivisionError

    post_save.connect(fail, sender=CheckIn, dispatch_uid="test")
    try:
        with pytest.raises(ZeroDivisionError):
            make_check_in(alice, porch)
    finally:
        post_save.disconnect(sender=CheckIn, dispatch_uid="test")
    assert recorder.published == []
    assert not GroupEvent.objects.exists()
