"""What somebody's app asks for, and how often."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

PASSWORD = "Correct1horse"  # of everybody in a world that is gone afterwards


@dataclass(slots=True)
class Guest:
    """Somebody with an access token, in one group."""

    token: str
    email: str
    group_id: str
    has_checked_in: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its method, its path, and what is sent with it; `name` is its route."""

    name: str
    method: str
    path: str
    body: bytes = b""


def get(route: str) -> Callable[[Guest], Call]:
    """A call that reads; `{id}` is the group's id."""
    return lambda guest: Call(f"GET {route}", "GET", f"/api/v1{route.replace('{id}', guest.group_id)}")


def post(route: str, **body: object) -> Call:
    """A call that writes."""
    return Call(f"POST {route}", "POST", f"/api/v1{route}", json.dumps(body).encode())


def check_in(guest: Guest) -> Call:
    """Once in a period; after that, a look at it."""
    if guest.has_checked_in:
        return get("/checkins/current")(guest)
    guest.has_checked_in = True
    scores = {name: random.randint(1, 10) for name in ("productive", "satisfied", "body", "care")}
    return post("/checkins", groupId=guest.group_id, **scores, reflectionNote="A week like others.")


def sign_in(guest: Guest) -> Call:
    """With the password, which is slow on purpose."""
    return post("/auth/login", email=guest.email, password=PASSWORD)


# Of a hundred calls. Opening the app reads most of these once.
MIX: dict[Callable[[Guest], Call], int] = {
    get("/groups"): 15,
    get("/groups/{id}"): 8,
    get("/groups/{id}/members"): 7,
    get("/checkins/group/{id}"): 15,
    get("/checkins/history"): 8,
    check_in: 10,
    get("/analytics/personal"): 8,
    get("/analytics/group/{id}"): 8,
    get("/analytics/insights"): 4,
    get("/notifications"): 12,
    get("/users/profile"): 4,
    sign_in: 1,
}


def any_call(guest: Guest) -> Call:
    """One of them, as often as the mix says."""
    (make,) = random.choices(list(MIX), weights=list(MIX.values()))
    return make(guest)
