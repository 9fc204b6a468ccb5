"""What there is to say of the socket beside its frames: for people, in the AsyncAPI document and on its page.

Text between backticks is code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from realtime.events.base import GREATEST_REF
from realtime.frames import GREATEST_FRAME

INTRODUCTION = (
    "One WebSocket per client at `/ws`, JSON text frames. A frame is a hint that something happened; the REST API has "
    "the truth, and a client that was away catches up without losing or repeating an event."
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, paragraphs, and perhaps a table, the first of whose rows is its head."""

    title: str
    paragraphs: list[str]
    table: list[tuple[str, ...]] = field(default_factory=list)


def sections() -> list[Section]:
    """All of it, with the limits that are in force."""
    return [life(), frames(), catching_up(), limits(), close_codes()]


def life() -> Section:
    """From the handshake to the end."""
    return Section(
        "The life of a socket",
        [
            "Open `/ws`, with the subprotocol `hucares.v1` or none. Nothing secret is in the URL or the handshake: the "
            "first frame is `authenticate`, and its answer is `ready`. From then on the person's notifications arrive; "
            "groups are joined by name, with `join-group`.",
            "A browser's page must come from one of the server's own addresses or from `CORS_ALLOWED_ORIGINS`; others "
            "are refused with HTTP 403. Native clients send no `Origin` and are welcome.",
            "Send a `heartbeat` every `heartbeatInterval` seconds, and `authenticate` again with a newer token of the "
            "same sign-in before `tokenExpiresAt`. Signing out, ending the sign-in elsewhere, a new password and "
            "deactivation close its sockets at once.",
            "Whoever leaves a group, is removed or banned gets that `group-updated` and then nothing more of the "
            "group; so does everybody when the group ends.",
        ],
    )


def frames() -> Section:
    """What all frames have in common."""
    return Section(
        "Frames",
        [
            "A frame from the client is `event`, `data` and, if it wants, a `ref`. One that carries a `ref` is "
            "answered by exactly one `ack` or `error` with that `ref`, beside any other answer. A frame that is not "
            "understood gets an `error`, and the socket stays open. Members that nobody knows are ignored.",
            "A frame from the server is `event` and `data`. Durable events, which are rows of their group's log, "
            "carry their number `seq` too.",
        ],
    )


def catching_up() -> Section:
    """How nothing is lost."""
    return Section(
        "Catching up",
        [
            "`seq` grows by one, per group, without gaps. Keep for each group the last `seq`, and to begin with the "
            "`head` of the first ack, together with its `epoch`. After a reconnect, `join-group` with both: what was "
            "missed follows in order, each event once, then the ack, then live events.",
            "If the ack says `resync`, too much was missed, or the server was restored from a backup: read the state "
            "over REST, and go on from `head` and the new `epoch`. A `since` beyond `head` is refused, unless the "
            "`epoch` is another one.",
            "Without a socket, `GET /api/v1/groups/:id/events?since=…&epoch=…` reads the same log.",
        ],
    )


def limits() -> Section:
    """What is bounded, and by how much."""
    return Section(
        "Limits",
        [],
        [
            ("what", "how much"),
            ("to authenticate", f"{settings.SOCKET_AUTHENTICATION_SECONDS:g} seconds"),
            ("between heartbeats", f"{settings.SOCKET_HEARTBEAT_SECONDS:g} seconds"),
            ("without any frame from the client", f"{settings.SOCKET_SILENCE_SECONDS:g} seconds"),
            ("a socket's life", f"{settings.SOCKET_LIFETIME_SECONDS / 3600:g} hours"),
            ("sockets of one person", f"{settings.SOCKETS_PER_PERSON}"),
            ("sockets of one address that have not authenticated", f"{settings.SOCKETS_PER_STRANGER}"),
            (
                "frames from the client",
                f"{settings.SOCKET_FRAMES_PER_SECOND:g} a second, {settings.SOCKET_FRAME_BURST} at a stretch; "
                f"after {settings.SOCKET_MOST_REFUSED} refused ones within 10 seconds the socket closes",
            ),
            ("a frame", f"{GREATEST_FRAME // 1024} KiB; over 1 MiB the socket closes"),
            ("a `ref`", f"{GREATEST_REF} characters"),
            ("how far back events are replayed", f"{settings.SOCKET_REPLAY_LIMIT} events of a group"),
            ("how long events are kept", f"{settings.EVENT_RETENTION.days} days"),
        ],
    )


def close_codes() -> Section:
    """Why sockets close, and what clients do then."""
    return Section(
        "Close codes",
        [],
        [
            ("code", "meaning", "what to do"),
            (
                "`1001`, `1012`",
                "the server is going away, or the socket is old",
                "reconnect after a short random wait, and catch up",
            ),
            ("`1009`", "a frame over 1 MiB", "send less"),
            ("`4401`", "not, or no longer, signed in", "refresh the token and reconnect; if that fails, sign in"),
            ("`4408`", "silent for too long", "reconnect, and catch up"),
            ("`4429`", "too many frames, or too many sockets", "back off"),
        ],
    )


def markdown() -> str:
    """All of it in one text."""
    return "\n\n".join([INTRODUCTION, *map(section_in_markdown, sections())])


def section_in_markdown(section: Section) -> str:
    """One section."""
    rows = ["| " + " | ".join(row) + " |" for row in section.table]
    if rows:
        rows.insert(1, "| --- " * len(section.table[0]) + "|")
    return "\n\n".join([f"## {section.title}", *section.paragraphs, *(["\n".join(rows)] if rows else [])])
