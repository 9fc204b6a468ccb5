"""What the old app left in a browser's localStorage, read into check-ins. Pure: no database, no clock.

The old app had no server. A document is its own export, or a dump of its keys, with values as objects or as the JSON
text that localStorage holds, which copying by hand may have wrapped in further layers of text. Whatever stands in
it, reading it ends in records or in the one refusal, `NotLocalStorage`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkins.errors import NotLocalStorage
from checkins.legacy_records import DEMO_GROUPS, LegacyCheckIn, UnusableRecord, identifier, verdict

# In the export, and in a dump. A token (`hucares_token`) is not among them: nobody reads it.
PROFILE, CHECK_INS, GROUPS = (
    ("userProfile", "hucares_user_profile"),
    ("checkIns", "hucares_check_ins"),
    ("groups", "hucares_groups"),
)
DUMP_KEYS = {PROFILE[1], CHECK_INS[1], GROUPS[1], "hucares_friends", "hucares_notifications"}

LAYERS = 5  # of text inside text
MAX_RECORDS = 30_000  # more than 2 MiB hold, unless the records are nonsense
MAX_NAME = 100  # of a group


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """Everything that a document holds of interest, records in its order."""

    records: list[LegacyCheckIn | UnusableRecord]
    group_names: dict[str, str]  # by their old ids


def read_local_storage(data: Any, *, now: datetime) -> LocalStorage:
    """Every record of a document, with its verdict. Raises `NotLocalStorage`."""
    document = document_in(data)
    raw = [unwrapped_or_none(record) for record in raw_check_ins(document)]
    if len(raw) > MAX_RECORDS:
        raise NotLocalStorage(f"There are more than {MAX_RECORDS:,} check-ins in it.")
    owner = owner_of(document, raw)
    return LocalStorage([verdict(record, owner, now) for record in raw], group_names_in(document))


def document_in(data: Any) -> dict[str, Any]:
    """The document itself, out of its layers of text. Raises `NotLocalStorage`."""
    try:
        document = unwrapped(data)
    except ValueError as error:
        raise NotLocalStorage("This is not JSON, or the end of it is missing.") from error
    if not isinstance(document, dict) or not (CHECK_INS[0] in document or DUMP_KEYS & document.keys()):
        raise NotLocalStorage("This is neither the old app's export nor a copy of what it kept in the browser.")
    return document


def raw_check_ins(document: dict[str, Any]) -> list[Any]:
    """The records as they stand there. A browser in which nobody has checked in has none. Raises `NotLocalStorage`."""
    records: list[Any] = []
    for key in CHECK_INS:
        try:
            part = unwrapped(document.get(key))
        except ValueError as error:
            raise NotLocalStorage(f"The check-ins in “{key}” are not JSON, or the end of them is missing.") from error
        if not isinstance(part, list | None):
            raise NotLocalStorage(f"The check-ins in “{key}” are not a list.")
        records.extend(part or [])
    return records


def unwrapped(value: Any) -> Any:
    """A value out of its layers of text. Raises `ValueError` for text that is no JSON, or too many layers of it.

    The parser is Python's, unlike that of requests: half an emoji, which the old app could cut out of a name, must
    not cost somebody all their check-ins.
    """
    for _ in range(LAYERS):
        if not isinstance(value, str):
            return value
        try:
            value = json.loads(value.removeprefix("\ufeff"), parse_constant=refuse_constant)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
    if isinstance(value, str):
        raise ValueError("text inside text without end")
    return value


def refuse_constant(name: str) -> Any:
    """`NaN` and the like are no JSON."""
    raise ValueError(name)


def unwrapped_or_none(value: Any) -> Any:
    """The same, where what cannot be read is as good as nothing."""
    try:
        return unwrapped(value)
    except ValueError:
        return None


def owner_of(document: dict[str, Any], raw: list[Any]) -> str | None:
    """The old id of the person whose browser it was; None where that cannot be known.

    Without a readable profile it is the one person named by the records, if they name only one.
    """
    for profile in (unwrapped_or_none(document.get(key)) for key in PROFILE):
        if isinstance(profile, dict) and (owner := identifier(profile.get("id"))) is not None:
            return owner
    named = {
        identifier(record["userId"])
        for record in raw
        if isinstance(record, dict) and record.get("userId") and identifier(record.get("groupId")) not in DEMO_GROUPS
    }
    return named.pop() if len(named) == 1 else None


def group_names_in(document: dict[str, Any]) -> dict[str, str]:
    """The old groups' names by their old ids, as far as they can be read."""
    names: dict[str, str] = {}
    for part in (unwrapped_or_none(document.get(key)) for key in GROUPS):
        for group in part if isinstance(part, list) else []:
            group = unwrapped_or_none(group)
            old_id = identifier(group.get("id")) if isinstance(group, dict) else None
            name = clean_name(group.get("name")) if old_id else ""
            if old_id and name:
                names.setdefault(old_id, name)
    return names


def clean_name(value: Any) -> str:
    """A name on one line, without what cannot be shown, at most 100 characters; empty if there is nothing left."""
    if not isinstance(value, str):
        return ""
    shown = "".join(character if character.isprintable() else " " for character in value[: 10 * MAX_NAME])
    return " ".join(shown.split())[:MAX_NAME].strip()
