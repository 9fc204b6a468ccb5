"""What Django's error pages keep to themselves."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.views.debug import ExceptionReporter

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
