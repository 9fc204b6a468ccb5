"""The admin: staff see what happened, and cannot make, change or read what is not theirs."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models.signals import pre_save
from django.test import Client

from accounts.models import Session, User
from accounts.tests.builders import make_session
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
        assert model is User or isinstance(admin.site.get_model_admin(model), ReadOnlyAdmin)
    assert staff.post(address(CheckIn, check_in.pk, "delete"), {"post": "yes"}).status_code == 403
    assert staff.post(address(Group, porch.pk, "change"), {"name": "x"}).status_code == 403
    assert staff.post(address(User, alice.pk, "delete"), {"post": "yes"}).status_code == 403
    assert CheckIn.objects.get() == check_in
    assert User.objects.filter(pk=alice.pk).exists()


def test_whoever_is_deactivated_is_signed_out_everywhere(staff: Client, alice: User, bob: User) -> None:
    ended, other = make_session(alice), make_session(bob)
    assert staff.post(address(User, alice.pk, "change"), {"is_active": ""}).status_code == 302
    assert not User.objects.get(pk=alice.pk).is_active
    assert Session.objects.get(pk=ended.pk).revoked_at is not None
    assert Session.objects.get(pk=other.pk).revoked_at is None


def test_a_password_that_is_changed_while_the_form_is_open_stays(staff: Client, alice: User) -> None:
    def change_meanwhile(sender: type[User], instance: User, **kwargs: object) -> None:
        User.objects.filter(pk=alice.pk).update(password="changed")

    pre_save.connect(change_meanwhile, sender=User)
    try:
        assert staff.post(address(User, alice.pk, "change"), {"is_active": "", "is_staff": "on"}).status_code == 302
    finally:
        pre_save.disconnect(change_meanwhile, sender=User)
    kept = User.objects.get(pk=alice.pk)
    assert (kept.password, kept.is_active, kept.is_staff) == ("changed", False, True)


def test_numbers_and_notes_are_on_no_page(staff: Client, alice: User, porch: Group) -> None:
    check_in = make_check_in(alice, porch, reflection_note="a quiet week", mood_emoji="🌧")
    for page in (address(CheckIn), address(CheckIn, check_in.pk, "change")):
        text = staff.get(page).content.decode()
        assert "a quiet week" not in text
        assert "productive" not in text.lower()
        assert "🌧" not in text


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


def test_rights_are_given_by_superusers_alone(staff: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    rights, another = Permission.objects.filter(codename="change_user"), Permission.objects.get(codename="delete_user")
    bob.user_permissions.set(rights)
    more = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": [another.pk]}
    helper = Client()
    helper.force_login(bob)

    assert helper.post(address(User, bob.pk, "change"), more).status_code == 403  # staff are for superusers
    assert helper.post(address(User, alice.pk, "change"), {**more, "is_active": ""}).status_code == 302

    assert not User.objects.get(pk=bob.pk).is_superuser
    assert set(bob.user_permissions.all()) == set(rights)
    changed = User.objects.get(pk=alice.pk)
    assert (changed.is_active, changed.is_staff, changed.is_superuser) == (False, False, False)
    assert not alice.user_permissions.exists()
    assert staff.post(address(User, alice.pk, "change"), more).status_code == 302
    given = User.objects.get(pk=alice.pk)
    assert (given.is_active, given.is_staff, given.is_superuser) == (True, True, True)
    assert alice.user_permissions.get() == another
