"""What a submit or a change sees that had to wait for somebody who was changing the group or the person."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from accounts.models import User
from checkins.models import CheckIn
from checkins.services import change_check_in
from checkins.tests.builders import make_check_in
from groups.models import Frequency, Group, Membership, Status
from hucares.errors import NotFound
from hucares.tests.racing import behind_lock
from realtime.log import read
from realtime.telling import tell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_servers]


def submit_behind(change: Callable[[], object], user: User, group: Group) -> Future[CheckIn]:
    """A submit that has begun, and waits for the group's lock, before `change` is made and committed."""
    return behind_lock(Group.objects.filter(pk=group.pk), change, lambda: make_check_in(user, group))


def test_it_takes_the_period_that_holds_now(alice: User, porch: Group) -> None:
    check_in = submit_behind(
        lambda: Group.objects.filter(pk=porch.pk).update(check_in_frequency=Frequency.DAILY), alice, porch
    ).result()
    assert check_in.week_start_date == check_in.period_end


def test_it_is_refused_when_the_person_is_out_meanwhile(alice: User, porch: Group) -> None:
    leaving = Membership.objects.filter(user=alice, group=porch)
    refused = submit_behind(lambda: leaving.update(status=Status.INACTIVE), alice, porch)
    assert isinstance(refused.exception(), NotFound)
    assert not CheckIn.objects.exists()


def test_so_is_a_change(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    leaving = Membership.objects.filter(user=alice, group=porch)
    refused = behind_lock(
        Group.objects.filter(pk=porch.pk),
        lambda: leaving.update(status=Status.INACTIVE),
        lambda: change_check_in(user=alice, check_in_id=check_in.pk, productive_score=1),
    )
    assert isinstance(refused.exception(), NotFound)
    assert CheckIn.objects.get().productive_score == 8


def test_it_shows_no_number_when_scores_became_private_meanwhile(
    alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("realtime.publish.publish", lambda messages: told.extend(m["text"] for _, m in messages))
    private = User.objects.filter(pk=alice.pk)
    submit_behind(lambda: private.update(privacy_settings={"scores": "private"}), alice, porch).result()

    assert any('"huCaresScore":null' in text for text in told)
    assert not any('"huCaresScore":12' in text for text in told)
    assert '"huCaresScore":null' in tell(read(porch.pk, 0, 1))[0].text_for(bob.pk)
