"""Pushes: which browsers get one, of what, when, and what becomes of the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from checkins.services import delete_check_in
from checkins.tests.builders import make_check_in
from groups.members import join_group, leave_group
from groups.models import Group, Membership
from groups.services import renew_access_code
from groups.tests.builders import make_group
from groups.tests.inviting import invite
from hucares.leases import take_up
from hucares.tests.answers import data_of
from hucares.tests.racing import at_once
from notifications import push_service, pushing
from notifications.models import Notification, OutgoingPush, PushSubscription
from notifications.push_service import Unreachable, is_public, machines_behind, post
from notifications.pushing import PAUSES, send_next_push
from notifications.tests.push_stand_in import HOST, Browser, PushService, stand_in
from notifications.tests.reminding import remind
from notifications.tests.test_push_encryption import SENDER, SENDERS_POINT

PHONE, LAPTOP = Browser("phone"), Browser("laptop")


@pytest.fixture(autouse=True)
def keys(settings: LazySettings) -> None:
    """Pushes are set up."""
    settings.VAPID_PUBLIC_KEY, settings.VAPID_PRIVATE_KEY = SENDERS_POINT, SENDER


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """The push service of every browser."""
    with stand_in(tmp_path, monkeypatch) as server:
        yield server


def use_browser(user: User, browser: Browser) -> None:
    data_of(signed_in(user).post("/api/v1/users/push-subscriptions", browser.subscription), 201)


def send_all() -> None:
    """Everything that is due."""
    while send_next_push():
        pass


def choose(user: User, **preferences: Any) -> None:
    User.objects.filter(pk=user.pk).update(notification_preferences=preferences)


def test_every_browser_reads_of_a_check_in_and_never_a_number(
    alice: User, bob: User, porch: Group, service: PushService
) -> None:
    use_browser(alice, Browser("authors"))
    for browser in (PHONE, LAPTOP):
        use_browser(bob, browser)
    make_check_in(alice, porch, reflection_note="Between us.")
    send_all()

    row = Notification.objects.get()
    expected = {
        "id": str(row.pk),
        "type": "friend_check_in",
        "title": "alice checked in",
        "message": "alice has checked in to The Porch. Have a look at how it went.",
        "link": f"http://testserver/groups/{porch.pk}",
    }
    assert service.read_by(PHONE) == service.read_by(LAPTOP) == [expected]
    assert len(service.pushes) == 2
    assert row.is_sent is True
    assert not OutgoingPush.objects.exists()


def test_the_service_learns_who_sends_and_nothing_of_what(
    alice: User, bob: User, porch: Group, service: PushService
) -> None:
    use_browser(bob, PHONE)
    make_check_in(alice, porch)
    send_all()

    claims, public_key = service.sender()
    (_, headers, body) = service.pushes[0]
    assert public_key == SENDERS_POINT
    assert claims["aud"] == f"https://{HOST}"
    assert claims["sub"] == "mailto:hello@testserver"
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert headers["content-encoding"] == "aes128gcm"
    assert 0 < int(headers["ttl"]) <= 24 * 3600
    assert b"alice" not in body


def test_an_invitation_and_a_reminder_are_pushed_too(
    bob: User, charlie: User, porch: Group, service: PushService
) -> None:
    use_browser(charlie, PHONE)
    invite(bob, porch, username="charlie")
    send_all()
    daily = make_group(charlie, check_in_frequency="daily", name="Every Day")
    with time_machine.travel(daily.current_period.closes_at - timedelta(hours=2), tick=False):
        remind()
        send_all()

    read = service.read_by(PHONE)
    assert [push["type"] for push in read] == ["group_invitation", "weekly_reminder"]
    assert [push["link"] for push in read] == [
        f"http://testserver/join/{porch.access_code}",
        f"http://testserver/groups/{daily.pk}",
    ]
    assert 7100 <= int(service.pushes[1][1]["ttl"]) <= 7200


@pytest.mark.parametrize("preferences", [{"push": False}, {"inApp": False}])
def test_who_does_not_want_it_gets_none(
    alice: User, bob: User, porch: Group, service: PushService, preferences: dict[str, bool]
) -> None:
    use_browser(bob, PHONE)
    choose(bob, friendCheckIn=preferences)
    make_check_in(alice, porch)
    send_all()

    assert service.pushes == []
    assert not OutgoingPush.objects.exists()


def test_where_pushes_are_not_set_up_none_is_queued(
    alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.VAPID_PUBLIC_KEY = settings.VAPID_PRIVATE_KEY = ""
    use_browser(bob, PHONE)
    make_check_in(alice, porch)

    assert not OutgoingPush.objects.exists()
    assert send_next_push() is False


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda bob, check_in, porch: leave_group(user=bob, group_id=porch.pk), id="they have left"),
        pytest.param(
            lambda bob, check_in, porch: Membership.objects.filter(user=bob).update(notification_enabled=False),
            id="they have muted it",
        ),
        pytest.param(
            lambda bob, check_in, porch: signed_in(bob).post("/api/v1/notifications/read-all"), id="they have read it"
        ),
        pytest.param(lambda bob, check_in, porch: Notification.objects.all().delete(), id="they have deleted it"),
        pytest.param(
            lambda bob, check_in, porch: delete_check_in(user=check_in.user, check_in_id=check_in.pk),
            id="it was taken back",
        ),
        pytest.param(lambda bob, check_in, porch: choose(bob, friendCheckIn={"push": False}), id="they want none now"),
        pytest.param(
            lambda bob, check_in, porch: User.objects.filter(pk=bob.pk).update(is_active=False), id="inactive"
        ),
        pytest.param(lambda bob, check_in, porch: bob.delete(), id="they are gone"),
    ],
)
def test_what_is_not_true_any_more_is_not_pushed(
    alice: User, bob: User, porch: Group, service: PushService, meanwhile: Callable[[User, Any, Group], object]
) -> None:
    use_browser(bob, PHONE)
    check_in = make_check_in(alice, porch)
    meanwhile(bob, check_in, porch)
    send_all()

    assert service.pushes == []
    assert not OutgoingPush.objects.exists()


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda bob, charlie, porch: join_group(user=charlie, access_code=porch.access_code), id="joined"),
        pytest.param(
            lambda bob, charlie, porch: renew_access_code(user=porch.created_by, group_id=porch.pk), id="code renewed"
        ),
        pytest.param(
            lambda bob, charlie, porch: signed_in(porch.created_by).delete(f"/api/v1/groups/{porch.pk}"),
            id="the group has ended",
        ),
        pytest.param(lambda bob, charlie, porch: leave_group(user=bob, group_id=porch.pk), id="the asker has left"),
        pytest.param(
            lambda bob, charlie, porch: Group.objects.update(allow_member_invite=False), id="the asker may not any more"
        ),
        pytest.param(
            lambda bob, charlie, porch: User.objects.filter(pk=bob.pk).update(is_active=False),
            id="the asker is inactive",
        ),
    ],
)
def test_an_invitation_that_is_no_use_any_more_is_not_pushed(
    bob: User, charlie: User, porch: Group, service: PushService, meanwhile: Callable[[User, User, Group], object]
) -> None:
    use_browser(charlie, PHONE)
    invite(bob, porch, username="charlie")
    assert OutgoingPush.objects.exists()
    meanwhile(bob, charlie, porch)
    send_all()

    assert service.pushes == []
    assert not OutgoingPush.objects.exists()


def test_a_reminder_is_not_pushed_to_whoever_has_checked_in_meanwhile(bob: User, service: PushService) -> None:
    use_browser(bob, PHONE)
    group = make_group(bob, check_in_frequency="daily")
    with time_machine.travel(group.current_period.closes_at - timedelta(hours=2), tick=False):
        remind()
        make_check_in(bob, group)
        send_all()

    assert service.pushes == []


def test_a_browser_that_somebody_else_has_signed_in_to_meanwhile_gets_nothing_of_it(
    alice: User, bob: User, charlie: User, porch: Group, service: PushService
) -> None:
    use_browser(bob, PHONE)
    make_check_in(alice, porch)
    use_browser(charlie, PHONE)
    send_all()

    assert service.pushes == []
    assert not OutgoingPush.objects.exists()
    assert PushSubscription.objects.get().user == charlie


def test_a_browser_that_said_until_when_gets_nothing_after_it(
    alice: User, bob: User, porch: Group, service: PushService
) -> None:
    use_browser(bob, PHONE)
    make_check_in(alice, porch)
    PushSubscription.objects.update(expires_at=timezone.now())
    send_all()

    assert service.pushes == []
    assert not OutgoingPush.objects.exists()


def test_quiet_hours_put_it_off_to_their_end(alice: User, bob: User, service: PushService) -> None:
    with time_machine.travel("2026-03-04T23:00:00Z", tick=False) as clock:
        porch = make_group(alice, bob)
        use_browser(bob, PHONE)
        choose(bob, quietHours={"start": "22:00", "end": "07:00"})
        make_check_in(alice, porch)
        send_all()
        clock.move_to("2026-03-05T06:59:59Z")
        send_all()
        assert service.pushes == []

        clock.move_to("2026-03-05T07:00:00Z")
        send_all()
        send_all()
    assert len(service.pushes) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_gone_is_forgotten(
    alice: User, bob: User, porch: Group, service: PushService, status: int
) -> None:
    use_browser(bob, PHONE)
    service.status = status
    make_check_in(alice, porch)
    send_all()

    assert not PushSubscription.objects.exists()
    assert not OutgoingPush.objects.exists()
    assert Notification.objects.get().is_sent is False


@pytest.mark.parametrize("status", [301, 400, 401, 403, 413])
def test_what_is_refused_is_not_tried_again(
    alice: User, bob: User, porch: Group, service: PushService, status: int
) -> None:
    use_browser(bob, PHONE)
    service.status = status
    make_check_in(alice, porch)
    send_all()

    assert len(service.pushes) == 1
    assert PushSubscription.objects.count() == 1
    assert not OutgoingPush.objects.exists()
    assert Notification.objects.get().is_sent is False


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_in_trouble_is_tried_ever_more_rarely_and_then_left_alone(
    alice: User, bob: User, porch: Group, service: PushService, status: int
) -> None:
    use_browser(bob, PHONE)
    service.status = status
    with time_machine.travel(timezone.now(), tick=False) as clock:
        make_check_in(alice, porch)
        for number, pause in enumerate(PAUSES, start=1):
            send_all()
            assert len(service.pushes) == number
            clock.shift(pause)
        send_all()

    assert len(service.pushes) == len(PAUSES) + 1
    assert not OutgoingPush.objects.exists()
    assert PushSubscription.objects.count() == 1


def test_a_service_that_is_away_holds_up_no_second_push(
    alice: User, bob: User, porch: Group, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for browser in (PHONE, LAPTOP):
        use_browser(bob, browser)
    called: list[str] = []

    def away(host: str) -> list[tuple[str, int]]:
        called.append(host)
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(push_service, "machines_behind", away)
        make_check_in(alice, porch)
        send_all()
        assert called == [HOST]

    with time_machine.travel(timezone.now() + PAUSES[0] + timedelta(seconds=5), tick=False):
        send_all()
    assert len(service.read_by(PHONE)) == len(service.read_by(LAPTOP)) == 1


@pytest.mark.parametrize(("status", "tried"), [(429, 2), (503, 1)])
def test_too_many_for_one_browser_hold_up_no_other(
    alice: User, bob: User, porch: Group, service: PushService, status: int, tried: int
) -> None:
    for browser in (PHONE, LAPTOP):
        use_browser(bob, browser)
    service.status = status
    make_check_in(alice, porch)
    send_all()

    assert len({path for path, _, _ in service.pushes}) == len(service.pushes) == tried
    assert OutgoingPush.objects.count() == 2


def test_a_service_that_cannot_prove_its_name_gets_nothing(
    alice: User, bob: User, porch: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    use_browser(bob, PHONE)
    make_check_in(alice, porch)
    with stand_in(tmp_path, monkeypatch, "other.example") as service:
        send_all()

    assert service.pushes == []
    assert OutgoingPush.objects.get().attempts == 1
    assert PHONE.path not in caplog.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "192.168.1.1"])
def test_a_name_that_leads_to_a_neighbour_is_not_called(host: str) -> None:
    with pytest.raises(Unreachable):
        machines_behind(host)


@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "fec0::1",
        "fd00::1",
        "fe80::1",
        "224.0.0.1",
        "233.252.0.1",
        "ff0e::1",
        "100.64.0.1",
    ],
)
def test_an_address_that_is_no_machines_on_the_public_internet_is_none_of_theirs(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_one_on_the_public_internet_is(address: str) -> None:
    assert is_public(address)


def test_a_name_with_one_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **options: answers)
    with pytest.raises(Unreachable):
        machines_behind("push.example")


def test_every_address_of_a_service_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(2, 1, 6, "", ("93.184.216.34", 443)), (10, 1, 6, "", ("2606:2800:220:1::1", 443, 0, 0))]
    with monkeypatch.context() as patch:
        patch.setattr("socket.getaddrinfo", lambda *arguments, **options: answers)
        assert machines_behind("push.example") == [("93.184.216.34", 443), ("2606:2800:220:1::1", 443)]

    nobody = ("127.0.0.1", 1)
    with stand_in(tmp_path, monkeypatch) as service:
        monkeypatch.setattr(push_service, "machines_behind", lambda host: [nobody, nobody, service.server_address])
        assert post(f"https://{HOST}/a", b"body", {}) == 201
        monkeypatch.setattr(push_service, "machines_behind", lambda host: [service.server_address, nobody])
        assert post(f"https://{HOST}/a", b"body", {}) == 201
        monkeypatch.setattr(push_service, "machines_behind", lambda host: [nobody, nobody])
        with pytest.raises(Unreachable, match="ConnectionRefusedError"):
            post(f"https://{HOST}/a", b"body", {})


def test_a_name_that_leads_nowhere_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        post("https://nowhere.invalid/", b"", {})


@pytest.mark.django_db(transaction=True)
def test_two_workers_push_each_once(service: PushService) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    porch = make_group(alice, bob)
    browsers = [Browser(f"browser_{number}") for number in range(8)]
    for browser in browsers:
        use_browser(bob, browser)
    make_check_in(alice, porch)
    at_once(2, lambda number: send_all())

    assert sorted(path for path, _, _ in service.pushes) == sorted(browser.path for browser in browsers)


def test_a_push_whose_worker_died_is_sent_by_the_next(
    alice: User, bob: User, porch: Group, service: PushService
) -> None:
    use_browser(bob, PHONE)
    make_check_in(alice, porch)
    assert take_up(OutgoingPush.objects.get(), OutgoingPush.objects.all(), timezone.now(), pushing.LEASE)
    send_all()
    assert service.pushes == []

    with time_machine.travel(timezone.now() + pushing.LEASE + timedelta(seconds=1), tick=False):
        send_all()
    assert len(service.pushes) == 1


def statements_of(author: User, group: Group) -> int:
    with CaptureQueriesContext(connection) as captured:
        make_check_in(author, group)
    return len(captured)


def test_a_bigger_group_takes_no_more_statements(alice: User) -> None:
    people = [make_user(f"friend_{number}") for number in range(99)]
    PushSubscription.objects.bulk_create(
        PushSubscription(user=person, endpoint=f"https://{HOST}/{person.username}", p256dh=SENDERS_POINT, auth="a" * 22)
        for person in people
    )
    small, large = make_group(alice, *people[:3]), make_group(alice, *people, max_members=100)

    assert statements_of(alice, small) == statements_of(alice, large)
    assert OutgoingPush.objects.count() == 3 + 99
