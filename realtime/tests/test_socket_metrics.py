"""What sockets do is counted. That `/metrics` shows it is tested where that is made."""

from __future__ import annotations

from accounts.models import User
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.metrics import REGISTRY
from hucares.tests.served_process import until
from realtime.tests.history import lose_the_news, make_history
from realtime.tests.live import LiveServer


def value_of(name: str) -> float:
    """What has been counted so far."""
    return REGISTRY.get_sample_value(name) or 0.0


def test_open_sockets_are_counted_while_they_are_open(server: LiveServer, bob: User) -> None:
    assert value_of("hucares_sockets_open") == 0
    with server.open(), server.socket_of(bob):
        assert value_of("hucares_sockets_open") == 2
    until(lambda: value_of("hucares_sockets_open") == 0)


def test_frames_are_counted_both_ways(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as client:
        received, sent = value_of("hucares_frames_received_total"), value_of("hucares_frames_sent_total")
        client.connection.send("no frame")
        client.expect("error")
        make_check_in(alice, porch)
        client.receive()
        client.receive()
        assert client.fence() == []  # a heartbeat, its two answers, and the fence itself
        assert value_of("hucares_frames_received_total") == received + 2
        until(lambda: value_of("hucares_frames_sent_total") == sent + 6)


def test_a_gap_that_was_closed_is_counted_and_one_that_was_none_is_not(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    make_history(porch, alice, 1)
    before = value_of("hucares_gaps_closed_total")
    with server.socket_of(bob, porch.pk) as client:
        assert client.fence() == []
        assert value_of("hucares_gaps_closed_total") == before
        lose_the_news(porch, alice)
        lose_the_news(porch, alice)
        assert [frame["seq"] for frame in client.fence()] == [2, 3]
        assert value_of("hucares_gaps_closed_total") == before + 1
