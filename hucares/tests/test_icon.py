"""Pages have an icon of ours, so that browsers ask for no other."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

PAGES = ["/admin/login/", "/api/v1/docs", "/api/v1/redoc", "/api/v1/realtime/docs", "/verify-email", "/join/ABCDEFGH"]


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_each_page_names_the_icon(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.content.decode().count('<link rel="icon" href="/static/hucares/icon') == 1


def test_there_is_one() -> None:
    assert finders.find("hucares/icon.svg")
