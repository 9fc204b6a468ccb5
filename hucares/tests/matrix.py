"""Who may do what: for every operation how it is called rightly, and what everybody is answered who calls it so.

A row is a method and a path, whose words in braces are filled in from `World.words`, and a cell for each caller: `ok`
for the status that the OpenAPI document names for success, a status that has one usual code, or the code itself; `-`
where there is no such call to make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.tests.builders import PIN
from accounts.tests.pictures import plain
from checkins.tests.legacy import export_of, old_record
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.cast import GONE, INSIDERS, World, credentials
from hucares.tests.openapi import by_shape, shape_of, success_of
from notifications.tests.builders import KEYS

Words = dict[str, str]

# The callers of the cells of a row, in this order. The last stands for each insider of a group that has ended.
COLUMNS = ("anonymous", "outsider", *GONE, *INSIDERS, "archived")
REFUSALS = {
    "401": (401, "NOT_AUTHENTICATED"),
    "403": (403, "FORBIDDEN"),
    "404": (404, "NOT_FOUND"),
    "BANNED": (403, "BANNED"),
    "ALREADY": (409, "ALREADY_MEMBER"),
    "NO_CODE": (404, "INVALID_ACCESS_CODE"),
    "TWICE": (409, "DUPLICATE_CHECKIN"),
    "SELF": (422, "SELF_ACTION"),
}

# Rows of one kind. Columns: anonymous, outsider, banned, left, removed, member, inviter, kicker, moderator, admin, and
# the insiders of a group that has ended.
EVERYBODY = "ok  ok ok ok ok  ok ok ok ok ok  ok"  # open
SIGNED_IN = "401 ok ok ok ok  ok ok ok ok ok  ok"
NOBODY    = "401 404 404 404 404  404 404 404 404 404  404"  # fmt: skip  # whosever it is, it is not the caller's
MEMBERS   = "401 404 404 404 404  ok  ok  ok  ok  ok   404"  # fmt: skip
ADMINS    = "401 404 404 404 404  403 403 403 403 ok   404"  # fmt: skip
AUTHORS   = "401 -   ok  ok  ok   ok  ok  ok  ok  ok   ok"  # fmt: skip  # whoever has been a member

ANSWERS = {"productive": 8, "satisfied": 7, "body": 6, "care": 9}
SUBSCRIPTION = {"endpoint": "https://push.example/{name}/new", "keys": KEYS}


@dataclass(frozen=True)
class Row:
    """One way to call an operation, and what each caller is answered.

    `at` is the group that it is about; those of a group that has ended call about theirs.
    """

    call: str
    cells: str
    body: dict[str, Any] | None = None
    at: str = "porch"

    @property
    def shape(self) -> str:
        """The operation that it calls, as `openapi.by_shape` names it."""
        return shape_of(self.call)

    @property
    def title(self) -> str:
        """The call with all that tells it from other calls of the same operation."""
        about = "" if self.at == "porch" else f" in the {self.at}"
        return f"{self.call}{with_body(self.body)}{about}"

    def answers(self) -> dict[str, str]:
        """Caller → cell."""
        return dict(zip(COLUMNS, self.cells.split(), strict=True))

    @property
    def entitled(self) -> str:
        """Somebody who may do it, with as many rights as anybody."""
        callers = [caller for caller, cell in self.answers().items() if cell == "ok" and caller != "archived"]
        return callers[-1]


def with_body(body: dict[str, Any] | None) -> str:
    """What tells a body from others, in a few words."""
    return f" with {', '.join(body)}" if body and len(body) <= 2 else ""


ROWS = [
    # --- /auth ---
    Row(
        "POST /auth/register", EVERYBODY, {"username": "newcomer", "email": "new@new.example", "password": "Str0ngly!"}
    ),
    Row("POST /auth/login", EVERYBODY, {"email": "{own_email}", "password": "{password}"}),
    Row("POST /auth/refresh", EVERYBODY, {"refreshToken": "{own_refresh_token}"}),
    Row("POST /auth/logout", SIGNED_IN, {"everywhere": True}),
    Row("POST /auth/forgot-password", EVERYBODY, {"email": "{own_email}"}),
    Row("POST /auth/reset-password", EVERYBODY, {"token": "{own_reset_token}", "newPassword": "An0ther!!"}),
    Row("POST /auth/verify-email", EVERYBODY, {"token": "{own_verification_token}"}),
    Row("POST /auth/resend-verification", SIGNED_IN),
    Row("POST /auth/change-password", SIGNED_IN, {"currentPassword": "{password}", "newPassword": "An0ther!!"}),
    Row("POST /auth/change-email", SIGNED_IN, {"newEmail": "new@new.example", "password": "{password}"}),
    Row("POST /auth/pin", SIGNED_IN, {"pin": PIN, "password": "{password}"}),
    Row("POST /auth/pin/login", EVERYBODY, {"deviceToken": "{own_device_token}", "pin": PIN}),
    Row("DELETE /auth/pin", SIGNED_IN),
    Row("GET /auth/sessions", SIGNED_IN),
    Row("DELETE /auth/sessions/{own_session}", SIGNED_IN),
    Row("DELETE /auth/sessions/{other_session}", NOBODY),
    # --- /users ---
    Row("GET /users/profile", SIGNED_IN),
    Row("PUT /users/profile", SIGNED_IN, {"timezone": "Europe/Berlin"}),
    Row("DELETE /users/account", SIGNED_IN, {"password": "{password}"}),
    Row("POST /users/avatar", SIGNED_IN),
    Row("DELETE /users/avatar", SIGNED_IN),
    Row("GET /users/search?q={name}", SIGNED_IN),
    Row("POST /users/push-subscriptions", SIGNED_IN, SUBSCRIPTION),
    Row("DELETE /users/push-subscriptions/{own_subscription}", SIGNED_IN),
    Row("DELETE /users/push-subscriptions/{other_subscription}", NOBODY),
    Row("GET /users/push-key", EVERYBODY),
    Row("GET /users/export", SIGNED_IN),
    # --- /groups ---
    Row("POST /groups", SIGNED_IN, {"name": "The Shed"}),
    Row("GET /groups", SIGNED_IN),
    Row("GET /groups/discover", SIGNED_IN),
    Row("GET /groups/{group}", MEMBERS),
    Row("PUT /groups/{group}", ADMINS, {"name": "The Shed"}),
    Row("DELETE /groups/{group}", ADMINS),
    Row(
        "POST /groups/join",
        "401 ok  BANNED ok ok  ALREADY ALREADY ALREADY ALREADY ALREADY  NO_CODE",
        {"accessCode": "{code}"},
    ),
    Row("POST /groups/join", NOBODY, {"groupId": "{group}"}),
    Row(
        "POST /groups/join",
        "401 ok  BANNED ok ok  ALREADY ALREADY ALREADY ALREADY ALREADY  404",
        {"groupId": "{group}"},
        at="garden",
    ),
    Row("POST /groups/{group}/leave", MEMBERS),
    Row("GET /groups/{group}/members", MEMBERS),
    Row("PUT /groups/{group}/members/me", MEMBERS, {"notificationEnabled": False}),
    Row("PUT /groups/{group}/members/{plain}", ADMINS, {"role": "moderator"}),
    Row("PUT /groups/{group}/members/{plain}", ADMINS, {"permissions": {"canKick": True}}),
    Row("PUT /groups/{group}/members/{plain}", ADMINS, {"status": "banned"}),
    Row("PUT /groups/{group}/members/{second_admin}", ADMINS, {"role": "member"}),
    Row("PUT /groups/{group}/members/{banned}", ADMINS, {"status": "active"}),
    Row("PUT /groups/{group}/members/{gone}", "401 404 404 404 404  403 403 403 403 404  404", {"role": "admin"}),
    Row("PUT /groups/{group}/members/{stranger}", "401 404 404 404 404  403 403 403 403 404  404", {"role": "member"}),
    Row("PUT /groups/{group}/members/{me}", "401 404 404 404 404  403 403 403 403 SELF  404", {"role": "member"}),
    Row("PUT /groups/{group}/members/{me}", "401 404 404 404 404  403 403 403 403 SELF  404", {"status": "banned"}),
    Row("DELETE /groups/{group}/members/{plain}", "401 404 404 404 404  403 403 ok  ok  ok   404"),
    Row("DELETE /groups/{group}/members/{second_moderator}", ADMINS),
    Row("DELETE /groups/{group}/members/{second_admin}", ADMINS),
    Row("DELETE /groups/{group}/members/{me}", "401 404 404 404 404  403 403 SELF SELF SELF  404"),
    Row("DELETE /groups/{group}/members/{gone}", "401 404 404 404 404  403 403 404 404 404  404"),
    Row("DELETE /groups/{group}/members/{stranger}", "401 404 404 404 404  403 403 404 404 404  404"),
    Row("POST /groups/{group}/invite", "401 404 404 404 404  403 ok  403 ok  ok   404", {"userId": "{stranger}"}),
    Row("POST /groups/{group}/invite", "401 404 404 404 404  403 ok  403 ok  ok   404", {"email": "a@new.example"}),
    Row("POST /groups/{group}/invite", MEMBERS, {"username": "stranger"}, at="garden"),
    Row("POST /groups/{group}/access-code", ADMINS),
    Row("GET /groups/{group}/events", MEMBERS),
    # --- /checkins ---
    Row("POST /checkins", MEMBERS, {"groupId": "{group}", **ANSWERS}, at="garden"),
    Row("POST /checkins", "401 404 404 404 404  TWICE TWICE TWICE TWICE TWICE  404", {"groupId": "{group}", **ANSWERS}),
    Row("POST /checkins/import", SIGNED_IN, {"data": export_of(old_record())}),
    Row("POST /checkins/import", MEMBERS, {"data": export_of(old_record()), "groupId": "{group}"}),
    Row("GET /checkins", SIGNED_IN),
    Row("GET /checkins?groupId={group}", MEMBERS),
    Row("GET /checkins/current", SIGNED_IN),
    Row("GET /checkins/current?groupId={group}", MEMBERS),
    Row("GET /checkins/history", SIGNED_IN),
    Row("GET /checkins/history?groupId={group}", MEMBERS),
    Row("GET /checkins/group/{group}", MEMBERS),
    Row("GET /checkins/{own_check_in}", AUTHORS),
    Row("GET /checkins/{other_check_in}", NOBODY),
    Row("PUT /checkins/{own_check_in}", "401 -   404 404 404  ok  ok  ok  ok  ok   404", {"care": 1}),
    Row("PUT /checkins/{other_check_in}", NOBODY, {"care": 1}),
    Row("DELETE /checkins/{own_check_in}", AUTHORS),
    Row("DELETE /checkins/{other_check_in}", NOBODY),
    # --- /analytics ---
    Row("GET /analytics/personal", SIGNED_IN),
    Row("GET /analytics/personal?groupId={group}", MEMBERS),
    Row("GET /analytics/group/{group}", MEMBERS),
    Row("GET /analytics/comparison", SIGNED_IN),
    Row("GET /analytics/comparison?groupId={group}", MEMBERS),
    Row("GET /analytics/insights", SIGNED_IN),
    Row("GET /analytics/insights?groupId={group}", MEMBERS),
    # --- /notifications ---
    Row("GET /notifications", SIGNED_IN),
    Row("PUT /notifications/{own_notification}/read", SIGNED_IN),
    Row("PUT /notifications/{other_notification}/read", NOBODY),
    Row("POST /notifications/read-all", SIGNED_IN),
    Row("DELETE /notifications/{own_notification}", SIGNED_IN),
    Row("DELETE /notifications/{other_notification}", NOBODY),
]

# What may be called rightly and leave everything as it was: there is no picture to remove.
IDLE = {"DELETE /users/avatar"}


@dataclass(frozen=True)
class Cell:
    """One caller, one row."""

    row: Row
    caller: str
    group: str
    expected: str

    def __str__(self) -> str:
        of = " of a group that has ended" if self.group == "attic" else ""
        return f"{self.row.title} as {self.caller}{of}"


def cells() -> Iterator[Cell]:
    """Every cell of every row. What is no group's is asked for by a few callers: it is all the same to it."""
    for row in ROWS:
        for caller, expected in row.answers().items():
            if expected != "-":
                yield from cells_of(row, caller, expected)


def cells_of(row: Row, caller: str, expected: str) -> Iterator[Cell]:
    """A cell; of the last column one for each insider."""
    if row.cells in (EVERYBODY, SIGNED_IN) and caller not in {"anonymous", "outsider", "banned", "admin"}:
        return
    if caller == "archived":
        for insider in INSIDERS:
            yield Cell(row, insider, "attic", expected)
    else:
        yield Cell(row, caller, row.at, expected)


def filled(value: Any, words: Words) -> Any:
    """A path or body with its words in braces filled in."""
    if isinstance(value, dict):
        return {key: filled(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, words) for inner in value]
    return value.format_map(words) if isinstance(value, str) else value


def ask(call: str, body: Any, words: Words, **headers: Any) -> Any:
    """Make a call: the response."""
    method, _, path = filled(call, words).partition(" ")
    sending = getattr(APIClient(), method.lower())
    content = by_shape()[shape_of(call)].get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        picture = {"avatar": SimpleUploadedFile("me.png", plain())}
        return sending(f"/api/v1{path}", picture, format="multipart", **headers)
    return sending(f"/api/v1{path}", filled(body, words), **headers)


def ask_as(world: World, caller: str, row: Row, group: str | None = None) -> Any:
    """Make a row's call as somebody: the response. Whoever is not signed in says what a member would say."""
    words = world.words("member" if caller == "anonymous" else caller, group or row.at)
    return ask(row.call, row.body, words, **credentials(world, caller))


def assert_answered(response: Any, expected: str, operation: dict[str, Any]) -> None:
    """The response is what a cell says."""
    if expected != "ok":
        refusal_of(response, *REFUSALS[expected])
    elif success_of(operation) == 204:
        assert (response.status_code, response.content) == (204, b"")
    else:
        data_of(response, success_of(operation))


def is_write(call: str) -> bool:
    """Whether a call is there to change something."""
    return not call.startswith("GET ")


def first_rows() -> dict[str, Row]:
    """Operation → its first row, which somebody may call."""
    rows: dict[str, Row] = {}
    for row in ROWS:
        rows.setdefault(row.shape, row)
    return rows
