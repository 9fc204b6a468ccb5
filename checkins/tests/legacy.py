"""Documents of the old app for tests, as real browsers hold them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

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
