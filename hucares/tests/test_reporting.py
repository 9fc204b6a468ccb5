"""What Django's error pages keep to themselves."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

from hucares.env import s3_options

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


def test_no_secret_of_a_bucket_stands_on_an_error_page(settings: object) -> None:
    options = s3_options("MEDIA_STORAGE", "s3://herring:swordfish@bucket")
    storages = settings.STORAGES  # type: ignore[attr-defined]
    settings.STORAGES = storages | {"elsewhere": {"OPTIONS": options}}  # type: ignore[attr-defined]
    page = ExceptionReporter(RequestFactory().get("/"), ValueError, ValueError("x"), None).get_traceback_html()
    assert "STORAGES" in page
    assert "swordfish" not in page
    assert "herring" not in page
