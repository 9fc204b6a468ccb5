"""What is in the log, how it looks, and what is not in it."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.mail import deliver_due_mails, queue_mail
from accounts.models import OutgoingMail, User
from accounts.tests.builders import make_session, make_user
from accounts.tokens import access_token
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group
from groups.tests.builders import make_group
from hucares.logs import JsonLine, Line, logging_settings
from hucares.request_id import because_of
from hucares.tests.fresh_process import SECRETS
from hucares.tests.served_process import Server, database_url
from realtime.tests.live import SocketOpener

REAL = "hucares.asgi:application"
ID = "an-id-of-the-proxy-1"
NOTE = "a quiet week\nMy second line\n\nand the last"


def record(message: str, *arguments: Any, name: str = "a.logger", **more: Any) -> logging.LogRecord:
    return logging.getLogger(name).makeRecord(name, logging.INFO, "file.py", 1, message, arguments, None, **more)


def failed(error: Exception) -> logging.LogRecord:
    """What `logger.exception` makes of an error."""
    try:
        raise error
    except Exception:
        made = record("something failed")
        made.exc_info = sys.exc_info()
        return made


@pytest.mark.parametrize("line", [Line(), JsonLine()])
@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("to alice.b+c@mail.example.com, now", "alice"),
        ("{'email': 'alice@example.com'}", "alice"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiIxIn0.c2lnbmF0dXJl ended", "c2lnbmF0dXJl"),
    ],
)
def test_addresses_and_tokens_are_taken_out(line: logging.Formatter, said: str, hidden: str) -> None:
    for one in (record("%s", said), failed(ValueError(said))):
        assert hidden not in (written := line.format(one))
        assert "[address]" in written or "[token]" in written


@pytest.mark.parametrize("line", [Line(), JsonLine()])
@pytest.mark.parametrize(
    "detail", ["a note,\n of two lines", "a note,\nof two lines", "a note,\n\nof two lines\nHINT: and more"]
)
def test_what_the_database_says_of_a_row_is_taken_out(line: logging.Formatter, detail: str) -> None:
    refused = f'duplicate key value violates unique constraint "x"\nDETAIL:  Failing row contains ({detail}).\n'
    error = IntegrityError(refused)
    error.__cause__ = ValueError(refused)
    written = line.format(failed(error))

    assert "a note" not in written
    assert "of two lines" not in written
    assert "and more" not in written
    assert written.count("duplicate key value") == 2
    assert written.count("Traceback") == 1
    assert "IntegrityError: duplicate key" in written


@pytest.mark.parametrize("line", [Line(), JsonLine()])
@pytest.mark.django_db
def test_a_note_of_several_lines_that_the_database_refuses_is_in_no_line(line: logging.Formatter) -> None:
    alice = make_user("alice")
    written_by_her = make_check_in(alice, make_group(alice))
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CheckIn.objects.filter(pk=written_by_her.pk).update(reflection_note=NOTE, productive_score=99)

    written = line.format(failed(refused.value))
    assert "IntegrityError" in written
    for text in filter(None, NOTE.split("\n")):
        assert text not in written


@pytest.mark.parametrize("line", [Line(), JsonLine()])
@pytest.mark.django_db
def test_a_statement_that_the_database_points_at_is_in_no_line(line: logging.Formatter) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE check_ins SET reflection_note = %s, nothing = 1", [NOTE])

    written = line.format(failed(refused.value))
    assert re.search("(column|near).{1,3}nothing", written)
    for text in filter(None, NOTE.split("\n")):
        assert text not in written


SECRET = 'a note, "quoted"\nof "two"\nlines'


@pytest.mark.parametrize("line", [Line(), JsonLine()])
@pytest.mark.parametrize(
    ("statement", "value", "said"),
    [
        ("SELECT CAST(%s AS integer)", SECRET, "invalid input syntax for type integer: [value]"),
        ("SELECT CAST(%s AS uuid)", SECRET, "invalid input syntax for type uuid: [value]"),
        ("SELECT CAST(%s AS timestamptz)", SECRET, "invalid input syntax for type timestamp with time zone: [value]"),
        ("SELECT CAST(%s AS integer[])", SECRET, "malformed array literal: [value]"),
        ("SELECT CAST(%s AS jsonb)", SECRET, "invalid input syntax for type json"),
        ("SELECT CAST(%s AS date)", "2026-99-99", "date/time field value out of range: [value]"),
        ("SELECT CAST(%s AS smallint)", "19650401", "value [value] is out of range for type smallint"),
        ("SELECT now() AT TIME ZONE %s", SECRET, "time zone [value] not recognized"),
        ("SELECT to_date(%s, 'YYYY')", SECRET, 'invalid value [value] for "YYYY"'),
    ],
)
@pytest.mark.needs_servers
@pytest.mark.django_db
def test_a_value_that_the_database_cannot_read_is_in_no_line(
    line: logging.Formatter, statement: str, value: str, said: str
) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [value])

    of_message = line.format(record("%s", refused.value, extra={"about": {"status": 500}}))
    of_exception = line.format(failed(refused.value))
    assert of_exception.count("Traceback") == 2  # the driver's and Django's
    for written in (of_message, of_exception):
        assert said in written.replace("\\", "")
        for text in value.split("\n"):
            assert text not in written


def test_what_is_no_value_of_the_database_stays() -> None:
    for text in (
        'a value "like this" is odd',
        'null value in column "name" of relation "groups"',
        'time zone "UTC" is kept',
    ):
        assert text in Line().format(record("%s", text))


def test_a_json_line_says_what_it_is_about() -> None:
    with because_of(ID):
        document = json.loads(
            JsonLine().format(record("%d of them", 7, extra={"about": {"status": 200, "user_id": ""}}))
        )

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", document.pop("time"))
    assert document == {
        "level": "INFO",
        "logger": "a.logger",
        "message": "7 of them",
        "request_id": ID,
        "status": 200,
    }


def test_what_it_is_about_is_clean_too() -> None:
    written = Line().format(record("7 of them", extra={"about": {"path": "/alice@example.com"}}))

    assert written.endswith(" 7 of them  [path=[address]]")


def test_so_does_one_for_people() -> None:
    with because_of(ID):
        written = Line().format(record("7 of them", extra={"about": {"status": 200, "user_id": ""}}))

    assert written.endswith(f" INFO a.logger: 7 of them  [request_id={ID} status=200]")


@pytest.mark.parametrize("line", [Line(), JsonLine()])
def test_a_message_of_several_lines_is_one_line_for_machines(line: logging.Formatter) -> None:
    written = line.format(record("one\ntwo"))

    assert len(written.splitlines()) == (2 if isinstance(line, Line) else 1)


@pytest.mark.parametrize("kind", ["json", "text"])
def test_django_tells_no_address_that_was_asked_for(kind: str) -> None:
    """Its own message repeats the path, in which there may be a token."""
    line = {"json": JsonLine, "text": Line}[kind]()
    said = record("%s: %s", "Internal Server Error", "/unsubscribe/secret-token", name="django.request")

    assert "secret-token" not in line.format(said)
    assert "Internal Server Error" in line.format(said)


def test_every_logger_ends_in_one_handler() -> None:
    """Else a line would be there twice, or not at all."""
    loggers = logging_settings("json", "INFO")["loggers"]

    assert [name for name, one in loggers.items() if one.get("handlers")] == ["django"]


# --- A real server ---


@pytest.fixture
def server(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Iterator[Server]:
    """The real application in a process of its own, as in production."""
    secrets = {name: getattr(settings, name) for name in SECRETS}  # so that our tokens are its own
    environment = {**secrets, "DEBUG": "0", "DATABASE_URL": database_url(), "MEDIA_ROOT": str(tmp_path)}
    environment["EMAIL_URL"] = f"filemail://{tmp_path}/mail"
    environment["REDIS_URL"] = os.environ.get("REDIS_URL", "")
    running = Server(REAL, **environment)
    try:
        yield running.started()
    finally:
        running.process.kill()
        running.end()


def lines_of(server: Server) -> list[dict[str, Any]]:
    """Everything that it has said, once it has ended."""
    server.signal()
    _, errors = server.end()
    return [json.loads(line) for line in errors.splitlines()]


@pytest.mark.django_db(transaction=True)
def test_each_request_and_socket_has_its_lines(server: Server, alice: User, porch: Group) -> None:
    opener = SocketOpener(server.port)
    token = access_token(make_session(alice))
    with opener.open(additional_headers={"X-Request-ID": ID}) as client:
        client.authenticate(token)
    status, _ = opener.call("GET", f"/api/v1/groups/{porch.pk}?secret=query", token=token)
    assert status == 200
    server.get("/unsubscribe/secret-token")
    server.get("/secret-path")
    server.get("/health/live")
    server.get("/health/ready")
    server.get("/static/nothing.css")
    opener.call("POST", "/api/v1/auth/login", {"email": alice.email, "password": "secret-password"})
    lines = lines_of(server)

    assert "secret" not in json.dumps(lines)
    assert alice.email not in json.dumps(lines)
    requests = {line["path"]: line for line in lines if line["logger"] == "hucares.requests"}
    asked = requests.pop(f"/api/v1/groups/{porch.pk}")
    assert {"request_id", "time", "duration_ms"} <= asked.keys()
    assert asked["duration_ms"] > 0
    assert (asked["user_id"], asked["status"], asked["method"]) == (str(alice.pk), 200, "GET")
    assert asked["route"] == "/api/v1/groups/{pk}"
    requests.pop("/")  # which asked whether it had started
    assert {path: (line["status"], line.get("user_id")) for path, line in requests.items()} == {
        "/unsubscribe/{token}": (404, None),
        "unknown": (404, None),
        "/api/v1/auth/login": (401, None),
    }
    of_socket = [line for line in lines if line["logger"].startswith("realtime.")]
    assert [line["message"] for line in of_socket] == ["A socket has signed in.", "A socket has closed."]
    assert {(line["request_id"], line["user_id"]) for line in of_socket} == {(ID, str(alice.pk))}
    assert of_socket[1]["code"] == 1000


# --- What is done later ---


def test_a_mail_is_sent_because_of_the_request_that_asked_for_it(
    alice: User, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLine())
    logging.getLogger("accounts.mail").addHandler(handler)
    caplog.set_level(logging.INFO)
    try:
        with because_of(ID):
            queue_mail(kind="password-changed", email=alice.email, user=alice)
        assert OutgoingMail.objects.get().request_id == ID
        deliver_due_mails()
    finally:
        logging.getLogger("accounts.mail").removeHandler(handler)

    (line,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert line["request_id"] == ID
    assert line["message"].endswith(" was sent.")
    assert len(mailoutbox) == 1
