"""GET /checkins/:id."""

from __future__ import annotations

from uuid import uuid4

from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.answers import data_of, refusal_of

URL = "/api/v1/checkins"


def test_the_author_sees_all_of_it(alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, is_private=True, reflection_note="For me.")

    shown = data_of(signed_in(alice).get(f"{URL}/{check_in.pk}"))
    assert (shown["id"], shown["huCaresScore"]) == (str(check_in.pk), 12)
    assert (shown["hidden"], shown["reflectionNote"]) == (False, "For me.")


def test_that_of_a_friend_gets_the_answer_of_one_that_does_not_exist(bob: User, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    client = signed_in(bob)

    friends = refusal_of(client.get(f"{URL}/{check_in.pk}"), 404, "NOT_FOUND")
    assert friends == refusal_of(client.get(f"{URL}/{uuid4()}"), 404, "NOT_FOUND")


def test_what_is_no_id_is_not_found(alice: User) -> None:
    refusal_of(signed_in(alice).get(f"{URL}/mine"), 404, "NOT_FOUND")


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User, porch: Group) -> None:
    refusal_of(anonymous.get(f"{URL}/{make_check_in(alice, porch).pk}"), 401, "NOT_AUTHENTICATED")
