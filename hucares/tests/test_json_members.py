"""Members of a JSON text as they stand in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hucares.json_members import size_of_member


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ('{"data": {"a": 1}}', 8),
        ('{"data":{"a":1}}', 7),
        (' {\n"x" : [1, {"data": "no"}] , "data"\t: "ü" }', 4),
        ('{"data": 1, "data": [1, 2]}', 6),
        ('{"other": 1}', 0),
        ("{}", 0),
        ("[1]", 0),
        ("", 0),
        ('{"data": [1', 0),
        ('{"data": ' + "[" * 100_000, 0),
        ('{"data" 1}', 0),
    ],
)
def test_it_is_the_size_as_it_was_written(body: str, size: int) -> None:
    assert size_of_member(body.encode(), "data") == size


def test_what_is_no_text_has_no_members() -> None:
    assert size_of_member(b'{"data": "\xff"}', "data") == 0


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), values, max_size=4), values, st.sampled_from([None, 2]), st.booleans())
def test_it_agrees_with_whoever_wrote_it(
    beside: dict[str, object], value: object, indent: int, ascii_only: bool
) -> None:
    beside.pop("data", None)
    text = json.dumps({**beside, "data": value}, ensure_ascii=ascii_only)
    written = json.dumps(value, ensure_ascii=ascii_only)
    try:
        expected = len(written.encode())
    except UnicodeEncodeError:  # half a character, which cannot be sent
        return
    assert size_of_member(text.encode(), "data") == expected
