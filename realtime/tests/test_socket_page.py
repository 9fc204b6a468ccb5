"""GET /realtime/docs."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from realtime.asyncapi import document
from realtime.events import COMMANDS, EVENTS
from realtime.events.members import members_of
from realtime.pages import kind_of, with_code

URL = "/api/v1/realtime/docs"


@pytest.fixture
def page(client: Client) -> str:
    """The page's HTML, as somebody without credentials gets it."""
    answer = client.get(URL)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    return str(answer.content.decode())


def test_it_shows_every_message_with_its_members_and_an_example(page: str) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for kind in (*COMMANDS.values(), *EVENTS):
        article = page.partition(f'<article aria-labelledby="{kind.__name__}"')[2].partition("</article>")[0]
        assert f"<code>{kind.name}" in article
        for member in members_of(kind):
            assert re.search(rf"<td><code>(data\.)?{member.name}</code>", article), (kind, member.name)
        assert f'"event": "{kind.name}"' in html.unescape(article)
    for message in document()["components"]["messages"].values():
        assert message["summary"].replace("`", "") in text
    assert page.count('class="durable"') == sum(kind.durable for kind in EVENTS)


def test_it_shows_close_codes_and_limits(page: str) -> None:
    for word in ("<code>4401</code>", "<code>4408</code>", "<code>1012</code>", "16 KiB", "1000 events"):
        assert word in page


def test_it_asks_no_other_host_and_needs_no_script(page: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)

    files = {"realtime/socket.css", "hucares/icon.svg"}
    assert set(addresses) == {f"/static/{file}" for file in files} | {"/api/v1/realtime/asyncapi.json", "/api/v1/docs"}
    assert all(map(finders.find, files))
    for forbidden in ("<script", "<style", " style=", " onclick=", "//"):
        assert forbidden not in page, forbidden


def test_its_links_lead_to_its_headings(page: str) -> None:
    names = re.findall(r'\sid="([^"]+)"', page)

    assert len(names) == len(set(names)) > len(EVENTS)
    assert set(re.findall(r'href="#([^"]+)"', page)) == set(names)
    assert set(re.findall(r'labelledby="([^"]+)"', page)) == set(names)


def test_it_is_only_read(client: Client) -> None:
    assert client.head(URL).status_code == 200
    assert client.post(URL).status_code == 405


def test_what_is_no_markup_stays_none() -> None:
    assert with_code("<b> is `<i>`, no?") == "&lt;b&gt; is <code>&lt;i&gt;</code>, no?"
    assert kind_of({"type": "string", "const": "<b>"}) == "<code>&quot;&lt;b&gt;&quot;</code>"
