"""Who may do what: every operation of the OpenAPI document, asked by everybody."""

from __future__ import annotations

import pytest

from hucares.tests.cast import World
from hucares.tests.matrix import COLUMNS, IDLE, ROWS, Cell, ask_as, assert_answered, cells, first_rows, is_write
from hucares.tests.openapi import by_shape, is_open
from hucares.tests.snapshots import Snapshot, changes, snapshot


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert {row.shape for row in ROWS} == set(by_shape())


def test_what_takes_no_credentials_is_what_the_document_says() -> None:
    answered = {row.shape: row.answers()["anonymous"] for row in first_rows().values()}

    assert {shape for shape, cell in answered.items() if cell == "ok"} == {
        shape for shape, operation in by_shape().items() if is_open(operation)
    }


def test_every_row_says_it_for_everybody_and_no_two_are_the_same() -> None:
    assert all(row.answers().keys() == set(COLUMNS) for row in ROWS)
    assert len({str(cell) for cell in cells()}) == len(list(cells()))


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_everybody_is_answered_as_the_matrix_says(world: World, before: Snapshot, cell: Cell) -> None:
    response = ask_as(world, cell.caller, cell.row, cell.group)

    assert_answered(response, cell.expected, by_shape()[cell.row.shape])
    changed = changes(before, snapshot())
    if cell.expected == "ok" and is_write(cell.row.call) and cell.row.shape not in IDLE:
        assert changed
    else:
        assert changed == {}
