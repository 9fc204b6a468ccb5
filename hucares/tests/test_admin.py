"""The admin: staff see what happened, and cannot make, change or read what is not theirs."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from accounts.models import User
from checkins.models import CheckIn
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.admin import ReadOnlyAdmin

OURS = [model for model in apps.get_models() if "django" not in model.__module__]


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))
    return client


def address(model: type, *rest: object) -> str:
    return "/".join(["/admin", model._meta.app_label, model._meta.model_name, *map(str, rest)]) + "/"


def test_staff_sign_in_with_their_address_in_any_case(db: None) -> None:
    User.objects.create_superuser("staff@example.com", "Correct1horse")
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "Staff@Example.com", "password": "Correct1horse"})
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_somebody_who_is_no_staff_stays_outside(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_has_its_pages(staff: Client, alice: User, bob: User, porch: Group, model: type) -> None:
    make_check_in(alice, porch)
    assert staff.get(address(model)).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert staff.get(address(model, row.pk, "change")).status_code == 200


def test_what_services_keep_right_cannot_be_changed_here(staff: Client, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch)
    for model in OURS:
        assert isinstance(admin.site.get_model_admin(model), ReadOnlyAdmin)
    assert staff.post(address(CheckIn, check_in.pk, "delete"), {"post": "yes"}).status_code == 403
    assert staff.post(address(Group, porch.pk, "change"), {"name": "x"}).status_code == 403
    assert staff.post(address(User, alice.pk, "change"), {"is_staff": "on"}).status_code == 403
    assert staff.post(address(User, alice.pk, "delete"), {"post": "yes"}).status_code == 403
    assert CheckIn.objects.get() == check_in
    assert User.objects.filter(pk=alice.pk).exists()


def test_no_page_shows_a_hash(staff: Client, alice: User) -> None:
    assert "argon2" not in staff.get(address(User, alice.pk, "change")).content.decode()


def test_no_password_is_changed_here(staff: Client) -> None:
    """The page of Django's own would leave sessions, PINs and mailed links as they are, and tell nobody."""
    user = User.objects.get()
    passwords = {"old_password": "Correct1horse", "new_password1": "Another2horse", "new_password2": "Another2horse"}

    assert staff.get("/admin/password_change/").status_code == 404
    assert staff.post("/admin/password_change/", passwords).status_code == 404

    user.refresh_from_db()
    assert user.check_password("Correct1horse")
    page = staff.get("/admin/").content.decode()
    assert "password" not in page.lower()
    assert "Log out" in page
