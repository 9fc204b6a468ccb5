"""A process says again and again that its sockets are open; else they count as gone."""

from __future__ import annotations

from datetime import timedelta

from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from groups.models import Group
from hucares.tests.served_process import until
from realtime.models import UserSession
from realtime.tests.live import LiveServer
from realtime.tests.presence_frames import A_WHILE, came, went


def test_an_open_socket_is_vouched_for_though_its_client_says_nothing(
    server: LiveServer, alice: User, settings: LazySettings
) -> None:
    settings.SOCKET_CHECK_SECONDS = 0.05
    with server.socket_of(alice):
        a_moment_ago = timezone.now() - timedelta(seconds=30)
        UserSession.objects.update(last_heartbeat=a_moment_ago)
        until(lambda: UserSession.objects.get().last_heartbeat > a_moment_ago)


def test_a_socket_that_counts_as_gone_does_not_come_back_in_silence(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_SWEEP_SECONDS = 3600.0
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob) as at_bob:
        assert at_alice.next_presence() == came(bob, porch)
        UserSession.objects.filter(user=bob).update(last_heartbeat=timezone.now() - A_WHILE)
        at_bob.fence()
        assert at_alice.join(porch.pk)["data"]["online"] == [str(alice.pk)]
        with server.socket_of(bob):
            assert [at_alice.next_presence() for _ in range(2)] == [went(bob, porch), came(bob, porch)]


def test_an_open_socket_that_was_swept_gets_a_row_again(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_CHECK_SECONDS = 0.05
    with server.socket_of(alice, porch.pk) as at_alice:
        with server.socket_of(bob):
            assert at_alice.next_presence() == came(bob, porch)
            UserSession.objects.filter(user=bob).delete()
            assert at_alice.next_presence() == came(bob, porch)
        until(lambda: UserSession.objects.filter(user=bob, closed_at__isnull=False).exists())
