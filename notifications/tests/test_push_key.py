"""GET /users/push-key."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from hucares.env import Environment
from hucares.tests.answers import data_of, refusal_of
from notifications.tests.builders import KEYS

URL = "/api/v1/users/push-key"
pytestmark = pytest.mark.django_db


def test_everybody_gets_it(anonymous: APIClient, settings: LazySettings) -> None:
    settings.VAPID_PUBLIC_KEY = Environment({"VAPID_PUBLIC_KEY": KEYS["p256dh"] + "="}).public_key("VAPID_PUBLIC_KEY")

    assert data_of(anonymous.get(URL)) == {"publicKey": KEYS["p256dh"]}


def test_a_token_that_is_no_good_does_not_stand_in_the_way(anonymous: APIClient, settings: LazySettings) -> None:
    settings.VAPID_PUBLIC_KEY = KEYS["p256dh"]
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

    assert data_of(anonymous.get(URL)) == {"publicKey": KEYS["p256dh"]}


def test_where_push_is_not_set_up_there_is_none(anonymous: APIClient, settings: LazySettings) -> None:
    settings.VAPID_PUBLIC_KEY = ""

    refusal_of(anonymous.get(URL), 404, "NOT_FOUND")
