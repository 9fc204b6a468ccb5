"""Frames that no client of ours would send: valid ones changed in a byte or in a member, and things that are none."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

import orjson

from realtime.events.base import GREATEST_REF
from realtime.frames import GREATEST_FRAME

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    2**31,
    2**63,
    -(2**64),
    10**40,
    "",
    "x" * 70,
    "nul\u0000",
    "\u202e\U0001f305",
    "../..",
    "' OR 1=1 --",
    [],
    [[]],
    {},
    {"event": "heartbeat"},
    {"__proto__": 1},
]
TEXTS = ["", " ", "null", "true", "[]", '""', "{}", "NaN", "-Infinity", "1e999", '"\\ud800"', "\ufeff{}", "\x00", "💥"]
DEAR = 0.03  # the share of valid frames that ask the database


class StrangeFrames:
    """Makes them, of a seed's dice. They are about a group that the sender is not in."""

    def __init__(self, dice: random.Random, group_id: UUID) -> None:
        self.dice = dice
        group = {"groupId": str(group_id)}
        self.cheap: list[dict[str, Any]] = [
            {"event": "leave-group", "data": group},
            {"event": "user-typing", "data": {**group, "isTyping": True}},
            {"event": "authenticate", "data": {}},  # a token, were it a wrong one, would close the socket
        ]
        self.dear: list[dict[str, Any]] = [
            {"event": "heartbeat", "data": {}},
            {"event": "join-group", "data": {**group, "since": 0, "epoch": str(UUID(int=1))}},
        ]
        self.count = 0

    def make(self) -> str | bytes:
        """One frame, text or binary."""
        makers = [self.bytes_changed] * 5 + [self.member_changed] * 3
        makers += [self.ref_changed, self.twice_named, self.deep, self.noise, self.short, self.long]
        return self.dice.choice(makers)()

    def one(self) -> dict[str, Any]:
        """A valid frame, with a ref of its own that nobody has used."""
        self.count += 1
        kinds = self.dear if self.dice.random() < DEAR else self.cheap
        return {**self.dice.choice(kinds), "ref": f"s{self.count}"}

    def bytes_changed(self) -> str:
        """A valid frame with characters put in, left out or replaced."""
        text = json.dumps(self.one())
        for _ in range(self.dice.randint(1, 3)):
            position = self.dice.randrange(len(text))
            new = self.dice.choice(["", chr(self.dice.randrange(1, 0x3000)), self.dice.choice('{}[]",:\\0')])
            text = text[:position] + new + text[position + self.dice.randint(0, 2) :]
        return text

    def member_changed(self) -> str:
        """A valid frame, one of whose members is something else, missing, or one too many."""
        frame = self.one()
        frame["data"] = dict(frame["data"])
        place = self.dice.choice([frame, frame["data"]])
        name = self.dice.choice([*place, "more"])
        if name in place and self.dice.random() < 0.3:
            del place[name]
        else:
            place[name] = self.dice.choice(VALUES)
        return json.dumps(frame, ensure_ascii=self.dice.random() < 0.5)

    def ref_changed(self) -> str:
        """A valid frame with a ref that may be none."""
        odd = ["", "r" * GREATEST_REF, "r" * (GREATEST_REF + 1), "💥" * GREATEST_REF, "\u0000", "\ud800", 1, [], None]
        return json.dumps({**self.one(), "ref": self.dice.choice(odd)})

    def twice_named(self) -> str:
        """A frame with members of the same name: the last one counts."""
        first, last = json.dumps(self.one()), json.dumps(self.one())
        return f"{first[:-1]}, {last[1:]}"

    def deep(self) -> str:
        """Something nested deeper than anybody would read."""
        depth = self.dice.choice([10, 200, 1500, 6000])
        value = self.dice.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "[" * depth])
        return f'{{"event": "leave-group", "data": {{"a": {value}}}, "ref": "{self.one()["ref"]}"}}'

    def noise(self) -> bytes | str:
        """Random bytes, or random characters."""
        size = self.dice.randint(0, 200)
        if self.dice.random() < 0.5:
            return self.dice.randbytes(size)
        return "".join(chr(self.dice.choice([*range(128), 0x80, 0xFFFD, 0x1F305])) for _ in range(size))

    def short(self) -> str:
        """Hardly anything."""
        return self.dice.choice(TEXTS)

    def long(self) -> str:
        """A frame of about the greatest size."""
        text = json.dumps({**self.one(), "x": ""})
        return text.replace('""', json.dumps("y" * (GREATEST_FRAME - len(text) + self.dice.randint(-1, 1))))


def ref_of(sent: str | bytes) -> str | None:
    """The ref under which a frame is to be answered, or None: for one that has none, and for what is no frame."""
    if isinstance(sent, bytes) or len(sent.encode("utf-8", "surrogatepass")) > GREATEST_FRAME:
        return None
    try:
        document = orjson.loads(sent)
    except orjson.JSONDecodeError:
        return None
    ref = document.get("ref") if isinstance(document, dict) else None
    return ref if isinstance(ref, str) and len(ref) <= GREATEST_REF else None
