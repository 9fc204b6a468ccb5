"""What sockets are sent of a private check-in, live and replayed, is the same whatever it says."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.tests.builders import make_session, make_user
from accounts.tokens import access_token
from groups.models import Group, Membership
from groups.tests.builders import make_group
from hucares.tests.private_stories import NEVER_SHOWN, ONE, OTHER, SHOWN_FOR_A_WHILE, SHOWN_NOW, Say, Story
from realtime.tests.live import LiveServer

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANTS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
VIEWERS = ("member", "moderator", "admin")

Frames = dict[str, list[Any]]


def make_people(stories: list[Story]) -> tuple[Group, list[User]]:
    """A group with an admin, a moderator and a member, and the authors of stories in it."""
    admin, moderator, member = (make_user(name) for name in ("admin", "moderator", "member"))
    authors = [make_user(f"author_{number}") for number in range(len(stories))]
    group = make_group(admin, moderator, member, *authors)
    Membership.objects.filter(user=moderator).update(role="moderator")
    return group, authors


def speaker(server: LiveServer, author: User) -> Say:
    """The author's way to make calls."""
    token = access_token(make_session(author))

    def say(method: str, path: str, body: Any) -> Any:
        status, answer = server.call(method, f"/api/v1{path}", body, token)
        assert status < 300, answer
        return answer and answer["data"]

    return say


def tell(server: LiveServer, stories: list[Story], answers: dict[str, Any]) -> tuple[Frames, Frames]:
    """What each viewer's socket was sent while stories were told, and what a new one is sent after them; all is undone.

    Ids and instants are named by their first appearance: they are others in each telling.
    """
    group, authors = make_people(stories)
    people = {name: User.objects.get(username=name) for name in VIEWERS}
    with contextlib.ExitStack() as sockets:
        opened = {name: sockets.enter_context(server.socket_of(user, group.pk)) for name, user in people.items()}
        for socket in opened.values():
            socket.fence()  # what the others' coming causes is over
        for author, story in zip(authors, stories, strict=True):
            story(speaker(server, author), str(group.pk), answers)
        live = {name: plain(socket.fence()) for name, socket in opened.items()}
    replayed = {name: plain(replay(server, user, group.pk)) for name, user in people.items()}
    User.objects.all().delete()
    Group.objects.all().delete()
    return live, replayed


def replay(server: LiveServer, user: User, group_id: UUID) -> list[Any]:
    """The events that a socket gets which has seen none."""
    with server.socket_of(user) as socket:
        return list(socket.join(group_id, since=0)["before"])


def plain(frames: list[Any]) -> list[Any]:
    """Frames with their ids and instants renamed, in the order of their first appearance."""
    renamed: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return renamed.setdefault(found.group(), f"id {len(renamed)}")

    text = INSTANTS.sub("instant", json.dumps(sorted(frames, key=lambda frame: (frame["event"], frame.get("seq", 0)))))
    return list(json.loads(UUIDS.sub(name, text)))


def test_no_socket_can_tell_what_private_check_ins_say(server: LiveServer) -> None:
    one, other = tell(server, NEVER_SHOWN, ONE), tell(server, NEVER_SHOWN, OTHER)

    assert one == other
    live, replayed = one
    for name in VIEWERS:
        for event in ("friend-checked-in", "notification"):
            assert [frame["event"] for frame in live[name]].count(event) == len(NEVER_SHOWN)
        assert [frame["event"] for frame in replayed[name]].count("friend-checked-in") == len(NEVER_SHOWN)


def test_what_was_public_for_a_while_is_not_replayed(server: LiveServer) -> None:
    live_one, replayed_one = tell(server, SHOWN_FOR_A_WHILE, ONE)
    live_other, replayed_other = tell(server, SHOWN_FOR_A_WHILE, OTHER)

    assert replayed_one == replayed_other
    assert all(live_one[name] != live_other[name] for name in VIEWERS)  # it was sent while it was public


def test_what_is_public_again_is_replayed(server: LiveServer) -> None:
    (_, replayed_one), (_, replayed_other) = tell(server, SHOWN_NOW, ONE), tell(server, SHOWN_NOW, OTHER)

    assert all(replayed_one[name] != replayed_other[name] for name in VIEWERS)
