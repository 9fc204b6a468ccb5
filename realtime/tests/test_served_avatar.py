"""An avatar, from the form to the address at which everybody sees it, through a running server."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tests.pictures import plain
from accounts.tokens import access_token
from realtime.tests.live import PATIENCE, LiveServer

URL = "/api/v1/users/avatar"
MIB = 1024 * 1024


def ask(
    server: LiveServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One real HTTP request: (status, headers, body)."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def send(server: LiveServer, token: str, picture: bytes) -> tuple[int, Any]:
    """Send a picture as a browser's form does: (status, decoded body)."""
    head = b'--limit\r\nContent-Disposition: form-data; name="avatar"; filename="me.jpg"\r\n\r\n'
    form = head + picture + b"\r\n--limit--\r\n"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=limit"}
    status, _, body = ask(server, "POST", URL, form, **headers)
    return status, json.loads(body)


@pytest.fixture
def token(server: LiveServer, alice: User) -> str:
    """Alice's access token."""
    return access_token(make_session(alice))


def test_it_is_served_at_its_address_until_it_is_removed(server: LiveServer, token: str) -> None:
    status, sent = send(server, token, plain("JPEG", (800, 600)))
    assert status == 200
    address = urlsplit(sent["data"]["avatarUrl"])
    assert f"{address.scheme}://{address.netloc}" == "http://testserver"

    status, headers, body = ask(server, "GET", address.path)

    assert status == 200
    assert headers["content-type"] == "image/webp"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert Image.open(io.BytesIO(body)).size == (512, 512)

    assert ask(server, "DELETE", URL, Authorization=f"Bearer {token}")[0] == 204
    assert ask(server, "GET", address.path)[0] == 404


def test_the_address_of_the_picture_before_it_is_dead(server: LiveServer, token: str) -> None:
    paths = [urlsplit(send(server, token, plain())[1]["data"]["avatarUrl"]).path for _ in range(2)]

    assert [ask(server, "GET", path)[0] for path in paths] == [404, 200]
    ask(server, "DELETE", URL, Authorization=f"Bearer {token}")


@pytest.mark.parametrize("size", [5 * MIB + 1, 6 * MIB + 1])
def test_too_large_a_file_is_told_so_wherever_it_is_noticed(server: LiveServer, token: str, size: int) -> None:
    status, refused = send(server, token, plain("JPEG").ljust(size, b"\0"))

    assert (status, refused["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
