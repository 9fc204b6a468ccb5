"""A process says again and again that its sockets are open; else they count as gone."""

from __future__ import annotations

from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from groups.models import Group
from hucares.tests.served_process import until
from realtime.models import UserSession
from realtime.tests.live import LiveServer
from realtime.tests.presence_frames import A_WHILE, came


def test_an_open_socket_is_vouched_for_though_its_client_says_nothing(
    server: LiveServer, alice: User, settings: LazySettings
) -> None:
    settings.SOCKET_CHECK_SECONDS = 0.05
    with server.socket_of(alice):
        UserSession.objects.update(last_heartbeat=timezone.now() - A_WHILE)
        until(lambda: UserSession.objects.present().exists())


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
