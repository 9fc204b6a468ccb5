"""DELETE /users/avatar."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.avatars import remove_avatar, set_avatar
from accounts.models import User
from accounts.tests.builders import signed_in
from accounts.tests.pictures import files_in, plain
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/users/avatar"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def test_the_picture_and_its_file_are_gone(alice: User, bob: User, media: Path) -> None:
    set_avatar(user=alice, content=plain())
    theirs = set_avatar(user=bob, content=plain()).avatar_url
    client = signed_in(alice)

    answer = client.delete(URL)

    assert (answer.status_code, answer.content) == (204, b"")
    assert data_of(client.get("/api/v1/users/profile"))["avatarUrl"] is None
    (file,) = files_in(media)
    assert str(theirs).endswith(file.name)


def test_without_a_picture_it_changes_nothing(alice: User) -> None:
    assert signed_in(alice).delete(URL).status_code == 204
    assert User.objects.get(pk=alice.pk).avatar_url is None


def test_a_file_that_is_gone_already_is_no_obstacle(alice: User, media: Path) -> None:
    set_avatar(user=alice, content=plain())
    files_in(media)[0].unlink()

    assert signed_in(alice).delete(URL).status_code == 204
    assert User.objects.get(pk=alice.pk).avatar_url is None


def test_the_file_stays_while_the_transaction_may_fail(alice: User, media: Path) -> None:
    url = set_avatar(user=alice, content=plain()).avatar_url

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        remove_avatar(user=alice)
        assert len(files_in(media)) == 1
        raise ZeroDivisionError

    assert len(files_in(media)) == 1
    assert User.objects.get(pk=alice.pk).avatar_url == url


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User, media: Path) -> None:
    set_avatar(user=alice, content=plain())

    refusal_of(anonymous.delete(URL), 401, "NOT_AUTHENTICATED")
    assert len(files_in(media)) == 1
