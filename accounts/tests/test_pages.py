"""The pages behind mailed links."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

PAGES = ["/verify-email", "/reset-password"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_opening_one_changes_nothing(client: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)

    assert response.status_code == 200
    assert f'data-call="/api/v1/auth{path}"' in response.content.decode()
    assert len(queries) == 0
    assert not response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_it_is_only_opened(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_it_loads_only_what_is_ours(client: Client, path: str) -> None:
    page = client.get(path).content.decode()

    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(loaded) == 3
    for address in loaded:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/"))
    for inline in ("<style", "style=", " onclick", "javascript:"):
        assert inline not in page
