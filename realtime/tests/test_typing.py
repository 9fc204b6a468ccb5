"""user-typing: told to the others in the group, and no more often than is of use."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from groups.tests.builders import make_member
from realtime.tests.group_frames import left, url
from realtime.tests.live import Client, LiveServer
from realtime.tests.presence_frames import lose_the_removal
from realtime.typists import Turn

FOREVER = 3600.0


def says(user: User, group: Group, is_typing: bool) -> dict[str, Any]:
    return {
        "event": "user-typing",
        "data": {"groupId": str(group.pk), "userId": str(user.pk), "isTyping": is_typing},
    }


def type_in(client: Client, group: Group, is_typing: bool = True) -> dict[str, Any]:
    return client.ask("user-typing", {"groupId": str(group.pk), "isTyping": is_typing})


def test_the_others_in_the_group_hear_that_somebody_types_and_that_they_have_stopped(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        answer = type_in(at_bob, porch)
        assert (answer["event"], answer["data"]) == ("ack", {})
        assert at_alice.receive() == says(bob, porch, True)
        type_in(at_bob, porch, False)
        assert at_alice.receive() == says(bob, porch, False)
        assert at_alice.fence() == at_bob.fence() == []


def test_ones_own_sockets_and_outsiders_hear_nothing(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group
) -> None:
    with (
        server.socket_of(bob, porch.pk) as at_bob,
        server.socket_of(bob, porch.pk) as at_bobs_other,
        server.socket_of(alice) as not_joined,
        server.socket_of(charlie) as at_charlie,
    ):
        type_in(at_bob, porch)
        for client in (at_bob, at_bobs_other, not_joined, at_charlie):
            assert client.fence() == []


def test_only_a_joined_group_can_be_told(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob) as at_bob:
        answer = type_in(at_bob, porch)
        assert (answer["event"], answer["data"]["code"]) == ("error", "NOT_FOUND")
        at_bob.join(porch.pk)
        at_bob.ask("leave-group", {"groupId": str(porch.pk)})
        assert type_in(at_bob, porch)["data"]["code"] == "NOT_FOUND"
        assert at_alice.fence() == []


@pytest.mark.parametrize("data", [{}, {"isTyping": 1}, {"isTyping": "true"}, {"isTyping": None}])
def test_bad_data_is_refused(server: LiveServer, alice: User, bob: User, porch: Group, data: dict[str, Any]) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        answer = at_bob.ask("user-typing", {"groupId": str(porch.pk), **data})
        assert (answer["event"], answer["data"]["code"]) == ("error", "VALIDATION_ERROR")
        assert at_alice.fence() == []


def test_a_removed_member_is_not_heard_and_hears_nobody(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        signed_in(alice).delete(url(porch, "members", bob.pk))
        for client in (at_alice, at_bob):
            assert client.receive() == left(porch, 1, bob, "removed")
        assert type_in(at_bob, porch)["data"]["code"] == "NOT_FOUND"
        type_in(at_alice, porch)
        assert at_alice.fence() == at_bob.fence() == []


def test_a_removed_member_does_not_hear_somebody_who_knows_of_it_though_news_of_it_was_lost(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        lose_the_removal(bob, porch)
        assert at_alice.fence() == [left(porch, 1, bob, "removed")]
        type_in(at_alice, porch)
        assert at_bob.receive() == left(porch, 1, bob, "removed")
        assert at_bob.fence() == []


def test_typing_on_is_told_once_in_a_pause(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_TYPING_SECONDS = FOREVER
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        for _ in range(5):
            assert type_in(at_bob, porch)["event"] == "ack"
        assert at_alice.fence() == [says(bob, porch, True)]


def test_the_pause_is_of_each_person_and_group(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_TYPING_SECONDS = FOREVER
    dana = make_member("dana", porch)
    with (
        server.socket_of(alice, porch.pk) as at_alice,
        server.socket_of(bob, porch.pk) as at_bob,
        server.socket_of(bob, porch.pk) as at_bobs_other,
        server.socket_of(dana, porch.pk) as at_dana,
    ):
        type_in(at_bob, porch)
        at_bobs_other.fence()
        type_in(at_bobs_other, porch)
        type_in(at_dana, porch)
        assert at_alice.fence() == [says(bob, porch, True), says(dana, porch, True)]


def test_however_often_somebody_changes_their_mind_the_last_word_is_told(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_TYPING_SECONDS = 1.0
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        for is_typing in (True, False, True, False, True):
            at_bob.send("user-typing", {"groupId": str(porch.pk), "isTyping": is_typing})
        assert [at_alice.receive()["data"]["isTyping"] for _ in range(3)] == [True, False, True]
        type_in(at_bob, porch, False)
        assert at_alice.receive() == says(bob, porch, False)
        assert at_alice.fence() == []


@pytest.mark.parametrize("ending", ["leaves", "closes"])
def test_whoever_goes_has_stopped(server: LiveServer, alice: User, bob: User, porch: Group, ending: str) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        type_in(at_bob, porch)
        assert at_alice.receive() == says(bob, porch, True)
        if ending == "leaves":
            at_bob.ask("leave-group", {"groupId": str(porch.pk)})
        else:
            at_bob.connection.close()
        assert at_alice.receive() == says(bob, porch, False)


# --- When to tell what ---


def test_the_first_word_is_told_at_once() -> None:
    assert Turn().wait(True, 100.0) == Turn().wait(False, 100.0) == 0


@pytest.mark.parametrize(
    ("told", "then", "after", "wait"),
    [
        (True, True, 1.5, None),
        (True, True, 2.0, 0.0),
        (True, False, 0.0, 0.0),
        (True, False, 5.0, 0.0),
        (False, True, 0.5, 1.5),
        (False, True, 2.0, 0.0),
        (False, False, 0.5, None),
    ],
)
def test_a_later_word_waits_for_the_pause_unless_it_ends_the_typing(
    told: bool, then: bool, after: float, wait: float | None
) -> None:
    turn = Turn()
    turn.note(told, 100.0, is_own=True)
    assert turn.wait(then, 100.0 + after) == wait
