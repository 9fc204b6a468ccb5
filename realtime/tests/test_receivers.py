"""What is connected to which signal: exactly this."""

from __future__ import annotations

from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from accounts.models import OutgoingMail, Session, User
from accounts.sessions import end_sessions
from accounts.signals import mail_sent, privacy_changed, sessions_ended
from accounts.tests.builders import make_session
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership
from groups.receivers import privacy_was_changed
from groups.signals import group_ended, member_invited, member_joined, member_left, member_updated, settings_changed
from notifications.models import Notification
from notifications.receivers import check_in_saved as notify
from notifications.receivers import mail_was_sent, member_was_invited
from notifications.receivers import sessions_have_ended as forget_browsers
from notifications.signals import notifications_created, notifications_read
from realtime import receivers
from realtime.models import GroupEvent


def connected(signal, sender) -> list[object]:  # type: ignore[no-untyped-def]
    """The receivers that a signal from this sender reaches."""
    sync, asynchronous = signal._live_receivers(sender)
    return [*sync, *asynchronous]


def test_exactly_these_receivers_are_connected() -> None:
    assert connected(post_save, CheckIn) == [notify, receivers.check_in_saved]
    assert connected(post_delete, CheckIn) == [receivers.check_in_was_deleted]
    assert connected(member_invited, Membership) == [member_was_invited]
    assert connected(member_joined, Membership) == [receivers.member_has_joined]
    assert connected(member_left, Membership) == [receivers.member_has_left]
    assert connected(member_updated, Membership) == [receivers.member_was_updated]
    assert connected(settings_changed, Group) == [receivers.settings_were_changed]
    assert connected(group_ended, Group) == [receivers.group_has_ended]
    assert connected(notifications_created, Notification) == [receivers.notifications_were_created]
    assert connected(notifications_read, Notification) == [receivers.notifications_were_read]
    assert connected(mail_sent, OutgoingMail) == [mail_was_sent]
    assert connected(privacy_changed, User) == [privacy_was_changed]
    assert connected(sessions_ended, Session) == [forget_browsers, receivers.sessions_have_ended]


def test_nothing_else_listens_to_the_models() -> None:
    for signal in (pre_save, post_save, pre_delete, post_delete):
        for model in (User, Session, Group, Membership, Notification, CheckIn):
            if model != CheckIn or signal not in (post_save, post_delete):
                assert connected(signal, model) == []


def test_raw_saves_and_changes_are_no_new_check_ins(alice: User, bob: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    check_in.save()
    for created in (True, False):
        post_save.send(
            sender=CheckIn, instance=check_in, created=created, raw=True, using="default", update_fields=None
        )
    assert list(GroupEvent.objects.values_list("event", flat=True)) == ["friend-checked-in", "check-in-updated"]
    assert Notification.objects.count() == 1


def test_an_ended_session_is_named_by_its_id(alice: User) -> None:
    heard: list[tuple[object, object]] = []

    def listen(sender: object, user_id: object, session_ids: object, **kwargs: object) -> None:
        heard.append((user_id, session_ids))

    sessions_ended.connect(listen, sender=Session, dispatch_uid="test")
    try:
        session = make_session(alice)
        end_sessions([session])
    finally:
        sessions_ended.disconnect(sender=Session, dispatch_uid="test")
    assert heard == [(alice.pk, [session.pk])]
