"""GET /join/CODE: the page behind the link of an invitation."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from groups.models import Group
from groups.tests.traces import traces


@pytest.mark.parametrize("written", [str.upper, str.lower])
def test_it_shows_the_code_and_changes_nothing(client: Client, porch: Group, written) -> None:  # type: ignore[no-untyped-def]
    before = traces()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/join/{written(porch.access_code)}")

    page = response.content.decode()
    assert response.status_code == 200
    assert f'<p class="code">{porch.access_code}</p>' in page
    assert porch.name not in page
    assert len(queries) == 0
    assert not response.cookies
    assert traces() == before


def test_a_code_that_opens_nothing_looks_the_same(client: Client, porch: Group) -> None:
    real = client.get(f"/join/{porch.access_code}").content.decode()
    wrong = client.get("/join/22222222").content.decode()

    assert wrong == real.replace(porch.access_code, "22222222")


@pytest.mark.parametrize(
    "code",
    ["", "A" * 11, "AB-CD", "AB CD", "%3Cscript%3E", "A%00", "caf%C3%A9", "ABCDEFGH/", "..", "A%0AB", "ABCDEFGH%0A"],
)
def test_what_cannot_be_a_code_is_not_found(client: Client, code: str) -> None:
    assert client.get(f"/join/{code}").status_code == 404


def test_it_is_only_opened(client: Client, porch: Group) -> None:
    address = f"/join/{porch.access_code}"

    assert client.head(address).status_code == 200
    for method in (client.post, client.put, client.delete):
        assert method(address).status_code == 405


def test_it_loads_only_what_is_ours_and_runs_nothing(client: Client) -> None:
    response = client.get("/join/34679ACD")
    page = response.content.decode()

    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(loaded) == 2
    for address in loaded:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/"))
    for inline in ("<script", "<style", "style=", " onclick", "javascript:", "<form"):
        assert inline not in page
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in page
