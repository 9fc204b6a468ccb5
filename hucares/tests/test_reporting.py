"""What Django's error pages, and the log of an error, keep to themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from hucares.env import s3_options
from hucares.tests.answers import refusal_of
from hucares.tests.secrets_search import found_in, hearing_everything

SECRETS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_stands_on_an_error_page(settings: object, name: str) -> None:
    value = getattr(settings, name)
    page = ExceptionReporter(RequestFactory().get("/"), ValueError, ValueError("x"), None).get_traceback_html()
    assert name in page
    assert value not in page


def test_no_password_of_a_database_stands_on_an_error_page(settings: object) -> None:
    settings.DATABASE_URL = "postgres://hucares:swordfish@db/hucares"  # type: ignore[attr-defined]
    page = ExceptionReporter(RequestFactory().get("/"), ValueError, ValueError("x"), None).get_traceback_html()
    assert "swordfish" not in page


@pytest.mark.parametrize("fault", ["fault", "suspicious", "busy"])
def test_what_a_failing_request_brought_is_not_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture, mailoutbox: list[Any], alice: User, fault: str
) -> None:
    settings.ROOT_URLCONF = "hucares.tests.failing_urls"
    body = {"password": "Correct1horse", "token": "the-token-of-a-link", "pin": "48291637"}
    credentials = access_token(make_session(alice))
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {credentials}", HTTP_COOKIE="sessionid=the-session-of-a-browser")
    path = f"/api/v1/failing-view/{fault}"

    with hearing_everything(caplog):
        answer = client.post(f"{path}?token=a-token-in-a-query", body)

    assert answer.status_code in (400, 500, 503)
    assert path in caplog.text
    if fault == "fault":
        refusal_of(answer, 500, "INTERNAL_ERROR")
        assert "RuntimeError: 3 members were read" in caplog.text
    secrets = {**body, "header": credentials, "cookie": "the-session-of-a-browser", "query": "a-token-in-a-query"}
    assert found_in(caplog.text, {secret: name for name, secret in secrets.items()}) == set()
    assert mailoutbox == []


def test_no_secret_of_a_bucket_stands_on_an_error_page(settings: object) -> None:
    options = s3_options("MEDIA_STORAGE", "s3://herring:swordfish@bucket")
    storages = settings.STORAGES  # type: ignore[attr-defined]
    settings.STORAGES = storages | {"elsewhere": {"OPTIONS": options}}  # type: ignore[attr-defined]
    page = ExceptionReporter(RequestFactory().get("/"), ValueError, ValueError("x"), None).get_traceback_html()
    assert "STORAGES" in page
    assert "swordfish" not in page
    assert "herring" not in page
