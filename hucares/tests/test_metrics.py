"""GET /metrics."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from hucares.metrics import REGISTRY
from hucares.tests.answers import refusal_of
from hucares.tests.counting_app import COUNTED  # one more figure, which nothing but tests counts
from hucares.tests.figures import BEARER, TOKEN, Figures
from hucares.tests.fresh_process import ROOT, run_fresh
from hucares.tests.served_process import free_port


@pytest.fixture(autouse=True)
def token(settings: LazySettings, db: None) -> None:
    settings.METRICS_TOKEN = TOKEN


def figures(client: Client) -> Figures:
    return Figures(client.get("/metrics", headers=BEARER).content.decode())


def test_the_holder_of_the_token_is_told_the_figures_as_prometheus_reads_them(client: Client) -> None:
    response = client.get("/metrics", headers=BEARER)

    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-ID"]
    assert response.content.endswith(b"\n")
    kinds = Figures(response.content.decode()).kinds
    assert (kinds["hucares_sockets_open"], kinds["hucares_frames_sent"]) == ("gauge", "counter")
    assert not any(name.startswith(("python_", "process_")) or name.endswith("_created") for name in kinds)


def test_what_is_counted_is_told(client: Client) -> None:
    before = figures(client).value("tests_counted_total")
    COUNTED.inc(2)

    assert figures(client).value("tests_counted_total") == before + 2


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_may_be_written_in_any_case(client: Client, scheme: str) -> None:
    assert client.get("/metrics", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN.upper()}",
        "Bearer s\xe9same",
    ],
)
@pytest.mark.parametrize("method", ["get", "head", "post", "options"])
def test_without_the_right_token_nothing_is_told(client: Client, method: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = getattr(client, method)("/metrics", headers=headers)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert b"hucares_" not in response.content
    assert TOKEN not in response.content.decode() + str(response.headers)
    if method != "head":
        refusal_of(response, 401, "NOT_AUTHENTICATED")


def test_a_token_in_the_address_is_none(client: Client) -> None:
    refusal_of(client.get(f"/metrics?token={TOKEN}"), 401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_the_figures_can_only_be_read(client: Client, method: str) -> None:
    before = figures(client).value("tests_counted_total")
    response = getattr(client, method)("/metrics", headers=BEARER)

    refusal_of(response, 405, "METHOD_NOT_ALLOWED")
    assert response["Allow"] == "GET, HEAD"
    assert figures(client).value("tests_counted_total") == before


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, BEARER])
def test_without_a_token_in_the_settings_there_is_no_such_address(
    client: Client, settings: LazySettings, headers: dict[str, str]
) -> None:
    settings.METRICS_TOKEN = ""
    answered, unknown = client.get("/metrics", headers=headers), client.get("/nothing", headers=headers)

    assert answered.status_code == 404
    assert answered.content == unknown.content
    assert answered.headers.keys() == unknown.headers.keys()


@pytest.mark.parametrize("path", ["/metrics/", "/metrics/x", "/api/v1/metrics"])
def test_it_is_at_one_address(client: Client, path: str) -> None:
    assert client.get(path, headers=BEARER).status_code == 404


def test_it_answers_whatever_name_it_is_asked_by(client: Client) -> None:
    response = client.get("/metrics", headers={**BEARER, "host": "10.1.2.3:8000"})

    assert response.status_code == 200
    assert response["Content-Security-Policy"]


def test_it_is_never_throttled(client: Client, settings: LazySettings) -> None:
    settings.THROTTLE_SCALE = 0.001
    assert {client.get("/metrics", headers=BEARER).status_code for _ in range(100)} == {200}


LABELS = {
    "transport": "socket|http",
    "method": "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|other",
    "status": r"\d{1,3}",
    "route": r"unknown|/|(/([a-z][a-z.-]*|v1|\{\w+\}))+/?",  # patterns: ids and codes are but named in them
    "way": "password|pin",
    "le": r"[\d.]+|\+Inf",
}


def test_labels_are_fixed_words() -> None:
    labels = {
        (name, value)
        for family in REGISTRY.collect()
        for sample in family.samples
        for name, value in sample.labels.items()
    }

    assert {("transport", "socket"), ("transport", "http")} <= labels
    assert {(name, value) for name, value in labels if not re.fullmatch(LABELS[name], value)} == set()


def test_every_figure_has_its_line_in_the_documentation() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    told = run_fresh("-c", TELL, DEBUG="1").stdout.split()

    assert len(told) >= 8
    assert [name for name in told if f"| `{name}" not in page] == []


TELL = """
import django; django.setup()
from hucares.metrics import REGISTRY
for family in REGISTRY.collect():
    print(family.name + ("_total" if family.type == "counter" else ""))
from hucares.states import STATES
print(*STATES)
"""


def test_a_server_that_finds_no_place_for_the_figures_of_its_processes_says_so() -> None:
    nowhere = "import sys, tempfile; tempfile.tempdir = '/nowhere'; from hucares.serve import run; sys.exit(run())"
    servers = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1"}
    ended = run_fresh("-c", nowhere, WEB_CONCURRENCY="2", METRICS_TOKEN=TOKEN, PORT=str(free_port()), **servers)

    assert ended.returncode == 1
    assert ended.stderr.endswith(
        "hucares: METRICS_TOKEN is set, but there is no place for the figures: No such file or directory.\n"
    )
