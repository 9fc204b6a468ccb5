"""A request's way through the gateway to the WSGI application and back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from hucares.http.gateway import HttpGateway
from hucares.http.tests.gateway_server import WAIT_SECONDS, Application, Front, received, running

SPA = "https://app.example"


@pytest.fixture
def front() -> Iterator[Front]:
    with running(Application(), trusted_proxies=1, cors_allowed_origins=[SPA]) as front:
        yield front


def test_the_application_gets_the_request(front: Front) -> None:
    told = front.json("POST", "/api/v1/a%20b?x=1", b"body", {"X-Thing": "1"})

    assert told["body"] == "body"
    assert (told["REQUEST_METHOD"], told["PATH_INFO"], told["QUERY_STRING"]) == ("POST", "/api/v1/a b", "x=1")
    assert (told["HTTP_X_THING"], told["CONTENT_LENGTH"]) == ("1", "4")
    assert told["thread"].startswith("http")


def test_a_chunked_body_has_a_length_in_the_application(front: Front) -> None:
    told = front.json("POST", "/", iter([b"two ", b"chunks"]), {"Transfer-Encoding": "chunked"})

    assert (told["body"], told["CONTENT_LENGTH"]) == ("two chunks", "10")


def test_a_short_response_has_a_length(front: Front) -> None:
    response, body = front.request("GET", "/")

    assert response.headers["Content-Length"] == str(len(body))


def test_a_head_request_gets_headers_only(front: Front) -> None:
    response, body = front.request("HEAD", "/")

    assert (response.status, body) == (200, b"")


def test_a_long_response_arrives_whole(front: Front) -> None:
    response, body = front.request("GET", "/stream")

    assert (response.status, body[: 160 * 65536]) == (200, b"x" * 160 * 65536)


def test_a_path_that_is_no_text_reaches_the_application_byte_by_byte(front: Front) -> None:
    assert front.json("GET", "/%ff%2541")["PATH_INFO"] == "/\u00ff%41"


def test_a_target_that_is_not_ascii_is_refused(front: Front) -> None:
    answer = received(front.raw(b"GET /?q=\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"))

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_repeated_headers_are_joined_and_cookies_by_semicolons(front: Front) -> None:
    headers = b"Accept: a\r\nAccept: b\r\nCookie: c=1\r\nCookie: d=2\r\nConnection: close\r\n\r\n"

    answer = received(front.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers))

    told = json.loads(answer.partition(b"\r\n\r\n")[2])

    assert (told["HTTP_ACCEPT"], told["HTTP_COOKIE"]) == ("a,b", "c=1; d=2")


def test_the_address_that_the_proxy_vouches_for_is_the_client(front: Front) -> None:
    told = front.json("GET", "/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})

    assert told["REMOTE_ADDR"] == "203.0.113.7"


def test_headers_with_underscores_do_not_reach_the_application(front: Front) -> None:
    told = front.json("GET", "/", headers={"X_Forwarded_For": "6.6.6.6", "X_Forwarded-Proto": "https"})

    assert told["REMOTE_ADDR"] == "127.0.0.1"
    assert not {key for key in told if key.startswith("HTTP_X_FORWARDED")}


def test_trailers_do_not_join_the_headers(front: Front) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"1\r\na\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"

    told = json.loads(received(front.raw(head + body)).partition(b"\r\n\r\n")[2])

    assert (told["body"], told["REMOTE_ADDR"]) == ("a", "127.0.0.1")


def test_a_request_id_is_kept(front: Front) -> None:
    assert front.json("GET", "/", headers={"X-Request-ID": "from-proxy"})["HTTP_X_REQUEST_ID"] == "from-proxy"


def test_a_request_without_an_id_gets_one(front: Front) -> None:
    assert len(front.json("GET", "/")["HTTP_X_REQUEST_ID"]) == 32


def test_the_response_is_closed(front: Front) -> None:
    front.request("GET", "/")

    assert front.application.closed.acquire(timeout=WAIT_SECONDS)


def test_a_failing_application_is_a_500_in_the_envelope_without_the_exception(front: Front) -> None:
    response, body = front.request("GET", "/api/v1/raise", headers={"X-Request-ID": "from-proxy"})

    envelope = json.loads(body)
    assert response.status == 500
    assert response.headers["X-Request-ID"] == envelope["meta"].pop("requestId") == "from-proxy"
    assert envelope["meta"].keys() == {"timestamp"}
    assert envelope["error"] == {"code": "INTERNAL_ERROR", "message": "Something went wrong on our side."}
    assert front.application.closed.acquire(timeout=WAIT_SECONDS)


def test_outside_the_api_a_failure_is_plain_text(front: Front) -> None:
    response, body = front.request("GET", "/raise")

    assert (response.status, response.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert b"secret" not in body


def test_an_application_that_fails_half_way_breaks_the_connection_and_is_closed(front: Front) -> None:
    answer = received(front.raw(b"GET /break HTTP/1.1\r\nHost: x\r\n\r\n"))

    assert not answer.endswith(b"0\r\n\r\n")
    assert front.application.closed.acquire(timeout=WAIT_SECONDS)


def test_a_client_that_hangs_up_in_a_long_response_ends_it(front: Front) -> None:
    connection = front.raw(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.recv(1000)
    connection.close()

    assert front.application.closed.acquire(timeout=WAIT_SECONDS)
    assert front.request("GET", "/")[0].status == 200


def test_a_client_that_hangs_up_while_sending_takes_no_thread(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    front.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf").close()

    assert front.request("GET", "/")[0].status == 200
    assert [call["REQUEST_METHOD"] for call in front.application.calls] == ["GET"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_liveness_is_answered_by_the_gateway(front: Front) -> None:
    response, body = front.request("GET", "/health/live")

    assert (response.status, body) == (200, b'{"status":"ok"}')
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert front.request("HEAD", "/health/live")[0].status == 200
    assert not front.application.calls


def test_liveness_takes_no_other_methods(front: Front) -> None:
    response, _ = front.request("POST", "/health/live")

    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


def test_an_allowed_origin_may_read_the_gateway_s_own_answers(front: Front) -> None:
    headers = front.request("GET", "/api/v1/raise", headers={"Origin": SPA})[0].headers

    assert headers["Access-Control-Allow-Origin"] == SPA
    assert headers["Access-Control-Expose-Headers"] == "X-Request-ID, Retry-After"
    assert headers["Vary"] == "Origin"


def test_another_origin_may_not(front: Front) -> None:
    headers = front.request("GET", "/api/v1/raise", headers={"Origin": "https://evil.example"})[0].headers

    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Vary"] == "Origin"


def test_security_headers_are_on_the_gateway_s_own_answers() -> None:
    policy = {"Content-Security-Policy": "default-src 'self'"}
    with running(Application(), security_headers=policy) as front:
        headers = front.request("GET", "/raise")[0].headers

    assert headers["Content-Security-Policy"] == "default-src 'self'"


def test_a_gateway_needs_nothing_but_an_application() -> None:
    gateway = HttpGateway(wsgi_app=Application())

    assert gateway.in_flight == 0
