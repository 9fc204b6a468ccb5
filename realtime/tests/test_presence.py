"""Who is online: told once when somebody comes, and once when they have gone."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.erasure import erase_person
from accounts.models import User
from accounts.sessions import Device
from accounts.tests.builders import make_session, make_user
from groups.members import leave_group
from groups.models import Group, Membership, Status
from groups.services import archive_group
from groups.tests.builders import make_group
from hucares.tests.racing import at_once
from hucares.tests.served_process import until
from hucares.worker import JOBS
from realtime import log, messages, presence
from realtime.models import UserSession
from realtime.presence import open_socket
from realtime.publish import publish
from realtime.tests.live import LiveServer
from realtime.tests.presence_frames import A_WHILE, came, lose_the_removal, make_dead_socket, make_gone, went


@pytest.fixture(autouse=True)
def nobody_sweeps_by_themselves(settings: LazySettings) -> None:
    """The tests decide when it is done."""
    settings.SOCKET_SWEEP_SECONDS = 3600.0


# --- Somebody comes ---


def test_the_first_socket_is_told_to_the_others_in_each_group(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    garden = make_group(alice, bob, name="The Garden")
    with server.socket_of(alice, porch.pk, garden.pk) as at_alice, server.socket_of(bob, porch.pk) as at_bob:
        heard = sorted([at_alice.next_presence(), at_alice.next_presence()], key=str)
        assert heard == sorted([came(bob, porch), came(bob, garden)], key=str)
        assert at_alice.fence() == at_alice.presence == []
        assert at_bob.fence() == at_bob.presence == []


def test_nobody_is_told_of_themselves(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as at_bob, server.socket_of(alice, porch.pk) as at_alice:
        assert at_bob.next_presence() == came(alice, porch)
        publish([messages.offline(bob.pk, porch.pk, 0), messages.online(bob.pk, porch.pk, 0)])
        assert [at_alice.next_presence() for _ in range(2)] == [went(bob, porch), came(bob, porch)]
        assert at_bob.fence() == at_bob.presence == []


def test_more_sockets_are_no_news(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob, porch.pk):
        assert at_alice.next_presence() == came(bob, porch)
        with server.socket_of(bob, porch.pk), server.socket_of(bob):
            at_alice.fence()
    assert at_alice.presence == []


def test_of_many_first_sockets_one_is_the_first(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    sessions = [make_session(bob).pk for _ in range(8)]
    with server.socket_of(alice, porch.pk) as at_alice:
        at_once(8, lambda number: open_socket(sessions[number], f"specific.here!{number}", Device()))
        at_alice.fence()
        assert at_alice.presence == [came(bob, porch)]
    assert UserSession.objects.filter(user=bob).count() == 8


def test_it_is_told_to_living_groups_of_present_members_alone(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    garden, attic = make_group(alice, bob, name="The Garden"), make_group(alice, bob, name="The Attic")
    leave_group(user=bob, group_id=garden.pk)
    with server.socket_of(alice, porch.pk, garden.pk, attic.pk) as at_alice:
        archive_group(user=alice, group_id=attic.pk)
        with server.socket_of(bob):
            assert at_alice.expect("group-updated")["data"]["type"] == "group-deleted"
            at_alice.fence()
            assert at_alice.presence == [came(bob, porch)]


def test_whoever_has_not_joined_hears_nothing(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group
) -> None:
    with server.socket_of(alice) as at_alice, server.socket_of(charlie) as at_charlie, server.socket_of(bob):
        assert at_charlie.ask("join-group", {"groupId": str(porch.pk)})["event"] == "error"
        for client in (at_alice, at_charlie):
            assert client.fence() == client.presence == []


def test_the_first_socket_takes_as_many_statements_for_many_groups_as_for_one(
    transactional_db: None, alice: User, bob: User, porch: Group
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as for_one:
        session = make_session(bob).pk
        open_socket(session, "specific.here!1", Device())
    UserSession.objects.all().delete()
    for number in range(5):
        make_group(alice, bob, name=f"Group {number}")
    with CaptureQueriesContext(connection) as for_many:
        session = make_session(bob).pk
        open_socket(session, "specific.here!1", Device())
    assert len(for_many) == len(for_one)


# --- Somebody goes ---


def test_the_last_socket_gone_for_the_grace_is_told_once(
    server: LiveServer, alice: User, bob: User, porch: Group, settings: LazySettings
) -> None:
    settings.SOCKET_SWEEP_SECONDS = 0.05
    settings.SOCKET_OFFLINE_GRACE_SECONDS = 0.3
    with server.socket_of(alice, porch.pk) as at_alice:
        with server.socket_of(bob):
            assert at_alice.next_presence() == came(bob, porch)
        assert at_alice.next_presence() == went(bob, porch)
        until(lambda: not UserSession.objects.filter(user=bob).exists())
        at_alice.fence()
        assert at_alice.presence == []


def test_whoever_has_another_socket_stays_online(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(alice, porch.pk) as at_alice, server.socket_of(bob):
        closed = UserSession.objects.create(user=bob, socket_id="x", closed_at=timezone.now() - A_WHILE)
        dead = make_dead_socket(bob)
        presence.sweep()
        at_alice.fence()
        assert at_alice.presence == [came(bob, porch)]
        assert str(bob.pk) in at_alice.join(porch.pk)["data"]["online"]
    assert not UserSession.objects.filter(pk__in=[closed.pk, dead.pk]).exists()


def test_whoever_comes_back_within_the_grace_was_never_away(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice:
        with server.socket_of(bob):
            assert at_alice.next_presence() == came(bob, porch)
        until(lambda: UserSession.objects.filter(user=bob, closed_at__isnull=False).exists())
        presence.sweep()
        assert str(bob.pk) in at_alice.join(porch.pk)["data"]["online"]
        with server.socket_of(bob):
            presence.sweep()
            at_alice.fence()
    assert at_alice.presence == []


def test_whoever_comes_back_later_than_that_was_away_though_nobody_had_said_so(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    with server.socket_of(alice, porch.pk) as at_alice:
        with server.socket_of(bob):
            assert at_alice.next_presence() == came(bob, porch)
        make_gone(bob)
        assert at_alice.join(porch.pk)["data"]["online"] == [str(alice.pk)]
        with server.socket_of(bob):
            presence.sweep()
            at_alice.fence()
            assert at_alice.presence == [went(bob, porch), came(bob, porch)]


def test_sockets_of_a_process_that_died_are_gone(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_dead_socket(bob)
    with server.socket_of(alice) as at_alice:
        assert at_alice.join(porch.pk)["data"]["online"] == [str(alice.pk)]
        presence.sweep()
        assert at_alice.next_presence() == went(bob, porch)
    assert not UserSession.objects.filter(user=bob).exists()


def test_of_many_sweeps_one_tells(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    people = [make_user(f"friend{number}") for number in range(10)]
    group = make_group(alice, *people, name="The Crowd")
    for person in people:
        make_dead_socket(person)
    with server.socket_of(alice, group.pk) as at_alice:
        at_once(8, lambda _: presence.sweep())
        presence.sweep()  # whom each of them left to the others
        at_alice.fence()
        assert sorted(at_alice.presence, key=str) == sorted([went(person, group) for person in people], key=str)


def test_a_sweep_does_a_bounded_piece_and_says_that_there_is_more(
    transactional_db: None, alice: User, bob: User, porch: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "PEOPLE_AT_A_TIME", 1)
    for person in (alice, bob):
        make_dead_socket(person)
    assert [presence.sweep() for _ in range(3)] == [True, True, False]
    assert not UserSession.objects.exists()


def test_a_sweep_and_a_return_at_once_end_with_the_person_online(
    server: LiveServer, alice: User, bob: User, porch: Group
) -> None:
    session = make_session(bob).pk
    with server.socket_of(alice, porch.pk) as at_alice:
        for number in range(20):
            UserSession.objects.filter(user=bob).delete()
            make_dead_socket(bob)
            at_once(2, lambda which: presence.sweep() if which else open_socket(session, "specific.here!1", Device()))
            at_alice.fence()
            assert at_alice.presence[-1] == came(bob, porch), number
            assert at_alice.presence.count(went(bob, porch)) == number + 1


def test_the_worker_sweeps_too(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_dead_socket(bob)
    with server.socket_of(alice, porch.pk) as at_alice:
        JOBS["sweep sockets"].run()
        assert at_alice.next_presence() == went(bob, porch)


@pytest.mark.parametrize("standing", [Status.INACTIVE, Status.BANNED])
def test_of_a_former_member_nothing_is_told(
    server: LiveServer, alice: User, bob: User, porch: Group, standing: Status
) -> None:
    make_dead_socket(bob)
    with server.socket_of(alice, porch.pk) as at_alice:
        Membership.objects.filter(user=bob).update(status=standing)
        presence.sweep()
        at_alice.fence()
    assert at_alice.presence == []
    assert not UserSession.objects.filter(user=bob).exists()


def test_of_somebody_erased_only_that_is_told(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_dead_socket(bob)
    with server.socket_of(alice, porch.pk) as at_alice:
        erase_person(bob)
        presence.sweep()
        assert [frame["data"]["type"] for frame in at_alice.fence()] == ["member-left"]
    assert at_alice.presence == []


def test_somebody_deactivated_goes_offline(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    make_dead_socket(bob)
    with server.socket_of(alice, porch.pk) as at_alice:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        presence.sweep()
        assert at_alice.next_presence() == went(bob, porch)


def test_a_removed_member_hears_no_more_of_it_even_if_news_of_the_removal_was_lost(
    server: LiveServer, alice: User, bob: User, charlie: User, porch: Group
) -> None:
    with server.socket_of(bob, porch.pk) as at_bob:
        lose_the_removal(bob, porch)
        with server.socket_of(alice):
            assert [frame["data"]["type"] for frame in at_bob.fence()] == ["member-left"]
    assert at_bob.presence == []


def test_what_the_log_has_before_it_comes_before_it(server: LiveServer, alice: User, bob: User, porch: Group) -> None:
    with server.socket_of(bob, porch.pk) as at_bob:
        with transaction.atomic():
            log.append(porch.pk, "settings-changed", fields=["name"])
        publish([messages.online(alice.pk, porch.pk, 1)])
        assert [at_bob.receive_any()["event"] for _ in range(2)] == ["group-updated", "user-online"]
        publish([messages.online(alice.pk, porch.pk, 0)])  # from somebody who did not know so much
        assert at_bob.next_presence() == came(alice, porch)
