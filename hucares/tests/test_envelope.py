"""The failure envelope is the contract's, key by key."""

from __future__ import annotations

import re

from hucares.envelope import error_envelope, timestamp


def test_an_error_has_code_message_and_meta() -> None:
    envelope = error_envelope("NOT_FOUND", "There is nothing here.", "abcd1234")

    assert envelope.pop("meta").keys() == {"timestamp", "requestId"}
    assert envelope == {
        "success": False,
        "error": {"code": "NOT_FOUND", "message": "There is nothing here."},
    }


def test_details_are_there_when_given() -> None:
    envelope = error_envelope("VALIDATION_ERROR", "No.", "abcd1234", {"email": ["Required."]})

    assert envelope["error"]["details"] == {"email": ["Required."]}
    assert envelope["meta"]["requestId"] == "abcd1234"


def test_a_timestamp_is_iso_8601_in_utc_with_milliseconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", timestamp())
