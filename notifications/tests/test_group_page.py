"""GET /groups/<id>: the page behind the link of a mail, where no web app answers in its place."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from groups.models import Group


def test_it_leads_to_the_app_and_tells_nothing_of_the_group(client: Client, porch: Group) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/groups/{porch.pk}")

    assert response.status_code == 200
    assert response.content == client.get(f"/groups/{uuid4()}").content
    assert porch.name not in response.content.decode()
    assert len(queries) == 0
    assert client.post(f"/groups/{porch.pk}").status_code == 405
