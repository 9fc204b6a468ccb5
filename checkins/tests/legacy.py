"""Documents of the old app for tests, as real browsers hold them, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.apps import apps

from accounts.models import User
from accounts.tests.builders import signed_in
from groups.models import Group
from hucares.tests.answers import data_of

URL = "/api/v1/checkins/import"
TABLES = ("groups.Group", "groups.Membership", "groups.MembershipSpan", "checkins.CheckIn", "checkins.ImportedRecord")
HEARD = ("notifications.Notification", "realtime.GroupEvent")


OWNER = "lx0w3k9q"


def old_record(week: str = "2026-02-16T00:00:00.000Z", **fields: Any) -> dict[str, Any]:
    """An old check-in; its id is made of its week unless told otherwise. A field that is `...` is left out."""
    record = {
        "id": f"mc{week[:10].replace('-', '')}",
        "userId": OWNER,
        "groupId": "default-group",
        "weekStartDate": week,
        "productive": 8,
        "satisfied": 7,
        "body": 6,
        "care": 9,
        "huCaresScore": 999,
        "submittedAt": f"{week[:10]}T18:30:00.000Z",
        **fields,
    }
    return {name: value for name, value in record.items() if value is not ...}


def old_weeks(count: int, last: date = date(2026, 2, 16), **fields: Any) -> list[dict[str, Any]]:
    """One old check-in a week, the oldest first."""
    mondays = [last - timedelta(weeks=number) for number in range(count)]
    return [old_record(f"{monday}T00:00:00.000Z", **fields) for monday in reversed(mondays)]


def export_of(*records: Any, **parts: Any) -> dict[str, Any]:
    """The old app's own export. A part that is `...` is left out."""
    document = {
        "userProfile": {"id": OWNER, "name": "Alice", "email": "alice@old.example"},
        "checkIns": list(records),
        "groups": [{"id": "default-group", "name": "Sunday Circle", "members": []}],
        "friends": [{"id": "friend-1", "name": "Maya"}],
        "exportedAt": "2026-03-01T10:00:00.000Z",
        **parts,
    }
    return {name: value for name, value in document.items() if value is not ...}


def dump_of(*records: Any, **parts: Any) -> dict[str, str]:
    """The same as a dump of localStorage: every value is JSON text, and a token lies beside them."""
    document = export_of(*records, **parts)
    keys = {
        "userProfile": "hucares_user_profile",
        "checkIns": "hucares_check_ins",
        "groups": "hucares_groups",
        "friends": "hucares_friends",
    }
    dump = {key: json.dumps(document[name]) for name, key in keys.items() if name in document}
    return {**dump, "hucares_token": "a.secret.token", "hucares_notifications": "[]"}


def stored(*names: str) -> dict[str, list[Any]]:
    """Every row of these tables."""
    return {name: list(apps.get_model(name)._default_manager.order_by("pk").values()) for name in names}


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Fails if any row is not as it was."""
    before = stored(*TABLES, *HEARD)
    yield
    assert stored(*TABLES, *HEARD) == before


def send(user: User, data: Any, **fields: Any) -> dict[str, Any]:
    """The report of an import."""
    report: dict[str, Any] = data_of(signed_in(user).post(URL, {"data": data, **fields}))
    assert report.keys() == {"dryRun", "imported", "alreadyImported", "superseded", "skipped", "groupId", "rows"}
    for outcome in ("imported", "alreadyImported", "superseded", "skipped"):
        assert report[outcome] == outcomes(report).count(outcome)
    return report


def outcomes(report: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in report["rows"]]


def own_group(report: dict[str, Any]) -> Group:
    return Group.objects.get(pk=report["groupId"])
