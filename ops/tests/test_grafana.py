"""The dashboard shows figures that there are, in words that Prometheus understands, and every one of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hucares.tests.fresh_process import ROOT
from ops.tests.promql import Query

DASHBOARD = json.loads((ROOT / "ops" / "grafana" / "hucares.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
TOLD = set(re.findall(r"^\| `(hucares_\w+)`", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE))


def shown(query: str) -> set[str]:
    return {name.removesuffix("_bucket") for name in re.findall(r"hucares_\w+", query)}


def test_every_figure_that_is_told_is_shown_and_no_other() -> None:
    assert set().union(*map(shown, QUERIES)) == TOLD - {"hucares_sql_slow_statements_total"}  # an alert has that


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_can_be_evaluated(query: str) -> None:
    assert Query(query, [], now=0.0).value() == []


def test_panels_lie_side_by_side_and_say_what_they_show() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place: dict[str, Any] = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert all(panel["description"] and panel["title"] for panel in PANELS)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
