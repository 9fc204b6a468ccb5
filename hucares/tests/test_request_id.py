"""A request keeps a sane id that it came with, and gets a new one otherwise."""

from __future__ import annotations

import re

import pytest

from hucares.request_id import request_id_from


@pytest.mark.parametrize("value", ["abcd1234", "A-b_c.D-1", "x" * 64])
def test_a_sane_id_is_kept(value: str) -> None:
    assert request_id_from(value) == value


@pytest.mark.parametrize(
    "value", [None, "", "short12", "x" * 65, "with blank", "new\nline1", "abcd1234\n", "ümläuts-here"]
)
def test_anything_else_is_replaced(value: str | None) -> None:
    assert re.fullmatch("[0-9a-f]{32}", request_id_from(value))


def test_two_new_ids_differ() -> None:
    assert request_id_from(None) != request_id_from(None)
