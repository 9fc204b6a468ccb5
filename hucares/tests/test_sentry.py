"""What Sentry is told: what went wrong and where, and nothing of what was sent."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts.tests.builders import make_session, make_user
from accounts.tokens import access_token
from hucares.tests.fresh_process import run_fresh
from hucares.tests.sentry_stand_in import ingest
from hucares.tests.served_process import database_url

REQUEST_ID = "look-for-this-0001"
NEVER = ("ines@example.com", "Correct1horse", "hidden-token", "127.0.0.9", "a quiet week", "eyJhbGciOi")

# A process that ends waits two seconds; under load that is little.
SENT = "import sentry_sdk; sentry_sdk.flush(30)"

# Asks a server with faults for one of them, with what nobody may hear of in every place of the request.
ASK = f"""
import sys, django
from django.conf import settings
settings.ROOT_URLCONF = "hucares.tests.failing_urls"
django.setup()
from django.test import Client
Client(raise_request_exception=False).post(
    "/" + sys.argv[1] + "?token=hidden-token",
    {{"password": "Correct1horse", "email": "ines@example.com", "reflectionNote": "a quiet week"}},
    headers={{
        "X-Request-ID": "{REQUEST_ID}",
        "Cookie": "token=hidden-token; other=eyJhbGciOi",
        **({{"Authorization": "Bearer " + sys.argv[3]}} if sys.argv[3:] else {{}}),
    }},
    REMOTE_ADDR="127.0.0.9",
    SERVER_NAME=sys.argv[2],
    content_type="application/json",
)
{SENT}
"""
# The command line, where the package cannot be found.
WITHOUT = "import sys; sys.modules['sentry_sdk'] = None; import manage; manage.main()"
LOG = f"""
import logging, django
django.setup()
try:
    raise ValueError("no mail to ines@example.com with eyJhbGciOi.e30.x")
except ValueError:
    logging.getLogger("hucares.worker").exception("The job %s failed for %s", "deliver mails", "ines@example.com")
logging.getLogger("hucares.worker").warning("Not worth telling.")
{SENT}
"""


def test_a_fault_is_told_with_the_id_of_its_request_and_nothing_that_was_sent() -> None:
    with ingest() as sentry:
        asked = run_fresh("-c", ASK, "api/v1/failing-view/fault", "localhost", SENTRY_DSN=sentry.dsn, DEBUG="")

    assert asked.returncode == 0, asked.stderr
    (event,) = sentry.events()
    assert event["tags"] == {"request_id": REQUEST_ID}
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "RuntimeError"
    frames = exception["stacktrace"]["frames"]
    assert frames[-1]["filename"].endswith("failing_urls.py")
    assert not any("vars" in frame for frame in frames)
    assert not event.keys() & {"request", "breadcrumbs", "extra", "user", "server_name"}
    for secret in NEVER:
        assert secret not in "".join(sentry.envelopes)


@pytest.mark.parametrize(
    ("refused", "host"),
    [("busy", "localhost"), ("denied", "localhost"), ("missing", "localhost"), ("fault", "elsewhere.example")],
)
def test_a_refusal_is_no_fault(refused: str, host: str) -> None:
    with ingest() as sentry:
        run_fresh("-c", ASK, f"api/v1/failing-view/{refused}", host, SENTRY_DSN=sentry.dsn)
    assert sentry.events() == []


def test_what_a_worker_logs_as_an_error_is_told_as_clean_as_it_is_logged() -> None:
    with ingest() as sentry:
        run_fresh("-c", LOG, SENTRY_DSN=sentry.dsn)

    (event,) = sentry.events()
    assert event["logentry"]["message"] == "The job deliver mails failed for [address]"
    assert event["exception"]["values"][0]["value"] == "no mail to [address] with [token]"
    for secret in NEVER:
        assert secret not in "".join(sentry.envelopes)


def test_a_server_that_is_away_holds_nothing_up() -> None:
    with ingest() as sentry:
        dsn = sentry.dsn
    assert run_fresh("-c", LOG, SENTRY_DSN=dsn).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_fault_names_whose_request_it_was_by_the_id_alone() -> None:
    ines = make_user("ines")
    token = access_token(make_session(ines))
    about = {"DATABASE_URL": database_url(), "JWT_ACCESS_SECRET": settings.JWT_ACCESS_SECRET, "DEBUG": ""}
    with ingest() as sentry:
        asked = run_fresh("-c", ASK, "api/v1/failing-view/fault", "localhost", token, SENTRY_DSN=sentry.dsn, **about)

    assert asked.returncode == 0, asked.stderr
    (event,) = sentry.events()
    assert event["user"] == {"id": str(ines.pk)}
    assert event["tags"] == {"request_id": REQUEST_ID}
    for secret in (*NEVER, token, ines.email, ines.username):
        assert secret not in "".join(sentry.envelopes)


def test_without_its_package_the_start_ends_with_a_sentence() -> None:
    checked = run_fresh("-c", WITHOUT, "check", SENTRY_DSN="https://key@sentry.example/1")
    assert checked.returncode == 2
    assert checked.stderr == "hucares: SENTRY_DSN needs the packages of requirements-extra.txt.\n"


@pytest.mark.parametrize(
    "dsn", ["ftp://key@sentry.example/1", "https://sentry.example/1", "https://key@sentry.example"]
)
def test_what_is_no_address_of_sentrys_stops_the_start(dsn: str) -> None:
    checked = run_fresh("manage.py", "check", SENTRY_DSN=dsn)
    assert checked.returncode == 2
    assert "SENTRY_DSN must" in checked.stderr
    assert "Traceback" not in checked.stderr
