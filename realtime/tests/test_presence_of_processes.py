"""Presence and limits with several server processes on one PostgreSQL and one Redis, some of which die."""

from __future__ import annotations

import contextlib
import signal

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from groups.models import Group
from hucares.tests.served_process import Serve, until
from realtime.models import UserSession
from realtime.tests.live import SocketOpener
from realtime.tests.presence_frames import A_WHILE, came, went
from realtime.tests.test_socket_limits import MOST, MOST_STRANGERS

pytestmark = pytest.mark.needs_servers


def test_the_first_and_the_last_socket_over_all_processes_are_told_once(
    serve: Serve, alice: User, bob: User, porch: Group
) -> None:
    here, there = SocketOpener(serve().port), SocketOpener(serve().port)
    rows = UserSession.objects.filter(user=bob)
    with here.socket_of(alice, porch.pk) as at_alice, there.socket_of(alice, porch.pk) as at_alices_other:
        with here.socket_of(bob), there.socket_of(bob):
            for client in (at_alice, at_alices_other):
                assert client.next_presence() == came(bob, porch)
        until(lambda: rows.exclude(closed_at=None).count() == 2)
        rows.update(closed_at=timezone.now() - A_WHILE)  # the grace is over
        for client in (at_alice, at_alices_other):
            assert client.next_presence() == went(bob, porch)
        until(lambda: not rows.exists())
        for client in (at_alice, at_alices_other):
            client.fence()
            assert client.presence == []


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGKILL, 1006), (signal.SIGTERM, 1012)])
def test_whose_process_has_ended_is_told_of_by_another_one(
    serve: Serve, alice: User, bob: User, porch: Group, ending: signal.Signals, code: int
) -> None:
    ended, staying = serve(), serve()
    rows = UserSession.objects.filter(user=bob)
    with SocketOpener(staying.port).socket_of(alice, porch.pk) as at_alice:
        with SocketOpener(ended.port).socket_of(bob) as at_bob:
            assert at_alice.next_presence() == came(bob, porch)
            ended.signal(ending)
            ended.end()
            until(lambda: at_bob.connection.close_code == code)
        if ending == signal.SIGTERM:
            assert rows.exclude(closed_at=None).count() == 1  # it has stamped what it closed
            rows.update(closed_at=timezone.now() - A_WHILE)
        else:
            rows.update(last_heartbeat=timezone.now() - A_WHILE)
        assert at_alice.next_presence() == went(bob, porch)
        until(lambda: not rows.exists())
        at_alice.fence()
        assert at_alice.presence == []


def test_sockets_of_a_person_are_counted_over_all_processes_that_live(serve: Serve, alice: User) -> None:
    killed, staying = serve(), serve()
    with contextlib.ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(SocketOpener(killed.port).socket_of(alice))
        with SocketOpener(staying.port).open() as late:
            late.send("authenticate", {"accessToken": access_token(make_session(alice))})
            assert late.close_code() == 4429
        killed.signal(signal.SIGKILL)
        killed.end()
        with SocketOpener(staying.port).socket_of(alice) as again:  # at once, though nobody has missed the process yet
            assert again.fence() == []


def test_strangers_of_an_address_are_counted_over_all_processes(serve: Serve, alice: User) -> None:
    openers = [SocketOpener(serve().port) for _ in range(2)]
    with contextlib.ExitStack() as stack:
        for number in range(MOST_STRANGERS):
            waiting = stack.enter_context(openers[number % 2].open())
            assert waiting.ask("heartbeat")["data"]["code"] == "NOT_AUTHENTICATED"
        for opener in openers:
            with opener.open() as late:
                assert late.close_code() == 4429
        waiting.authenticate(access_token(make_session(alice)))
        client = stack.enter_context(openers[0].open())
        assert client.ask("heartbeat")["data"]["code"] == "NOT_AUTHENTICATED"
