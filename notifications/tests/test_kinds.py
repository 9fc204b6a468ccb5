"""The registry of kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import resolve

from notifications.kinds import FRIEND_CHECK_IN, GROUP_INVITATION, KINDS, WEEKLY_REMINDER, Kind

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
GROUP = {"groupId": "7c9d0a4e-3a53-4f0e-9a0b-0c7a1f1b2c3d", "groupName": "The Porch"}
DATA = {
    "friend_check_in": {**GROUP, "userId": "u", "username": "alice", "checkInId": "c"},
    "group_invitation": {**GROUP, "accessCode": "ABCD2345", "invitedBy": "alice"},
    "weekly_reminder": {**GROUP, "periodStart": "2026-03-02", "endsAt": "2026-03-09T00:00:00Z"},
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@every_kind
def test_each_says_something_and_leads_somewhere(kind: Kind) -> None:
    for text in kind.text(DATA[kind.name]):
        assert text
        assert "{" not in text
    link = kind.link(DATA[kind.name])
    assert link.startswith("http://testserver/")
    assert resolve(link.removeprefix("http://testserver"))


@every_kind
def test_data_that_lacks_something_is_a_mistake(kind: Kind) -> None:
    with pytest.raises(KeyError):
        kind.link({})


def test_only_mails_about_check_ins_must_be_asked_for() -> None:
    assert FRIEND_CHECK_IN.channels == {"inApp": True, "email": False, "push": True}
    assert GROUP_INVITATION.channels == WEEKLY_REMINDER.channels == {"inApp": True, "email": True, "push": True}


def test_news_is_shown_for_thirty_days_and_a_reminder_while_there_is_time() -> None:
    for kind in (FRIEND_CHECK_IN, GROUP_INVITATION):
        assert kind.expiry(DATA[kind.name], NOW) == NOW + timedelta(days=30)
    assert WEEKLY_REMINDER.expiry(DATA["weekly_reminder"], NOW) == datetime(2026, 3, 9, tzinfo=UTC)
