"""The admin's lists: what they show comes with the rows, and leads on."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import hucares.admin
from accounts.limits import hashed_account
from accounts.models import FailedSignIns, OutgoingMail, RefusedAddress, User
from accounts.tests.builders import make_user
from checkins.models import CheckIn
from groups.models import Membership
from hucares.tests.rows import leave_rows
from hucares.tests.test_admin import OURS, address
from notifications.models import Notification
from realtime.models import UserSession


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_a_list_asks_as_little_for_many_rows_as_for_few(staff: Client, model: type) -> None:
    """Whatever a column leads to comes with the rows."""
    leave_rows("few")
    assert model.objects.exists()
    few = statements_for(staff, address(model))
    for name in ("more", "yet_more", "a_lot"):
        leave_rows(name)
    assert model.objects.count() >= 4
    assert statements_for(staff, address(model)) == few


def statements_for(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_is_searched_and_filtered(staff: Client, model: type) -> None:
    leave_rows("alice")
    for wanted in ("alice", str(User.objects.get(username="alice").pk), "%", "2026-13-45"):
        assert staff.get(address(model), {"q": wanted}).status_code == 200
    page = staff.get(address(model)).context["cl"]
    for spec in page.filter_specs:
        for choice in spec.choices(page):
            assert staff.get(address(model) + choice["query_string"]).status_code == 200


@pytest.mark.parametrize("model", [CheckIn, Membership, UserSession, Notification, OutgoingMail])
def test_rows_are_found_by_whole_values(staff: Client, model: type) -> None:
    leave_rows("alice")
    leave_rows("alice_b")
    row = model.objects.filter(user__username="alice").first() or model.objects.get(user__username="alice_too")

    def found(wanted: str) -> set[str]:
        return {str(row.pk) for row in staff.get(address(model), {"q": wanted}).context["cl"].queryset}

    of_row = {str(other.pk) for other in model.objects.filter(user=row.user)}
    assert found(row.user.username.upper()) == of_row
    assert found(f" {row.pk} ") == {str(row.pk)}
    assert found("alic") == set()
    if model in {CheckIn, Membership}:
        assert found("ALICE_B'S") == {str(other.pk) for other in model.objects.filter(group__name="alice_b's")}
    if model is OutgoingMail:
        assert found("Alice@Example.com") == of_row
    if model is UserSession:
        model.objects.update(ip_address="2001:db8::1")
        assert str(row.pk) in found("2001:db8::0001")


@pytest.mark.parametrize("model", [FailedSignIns, RefusedAddress])
def test_what_is_kept_under_a_hash_is_found_by_the_address_and_the_hash_is_not_shown(
    staff: Client, model: type
) -> None:
    key = hashed_account("alice@example.com")
    FailedSignIns.objects.create(account=key, failures=3, last_at=timezone.now())
    RefusedAddress.objects.create(address=key)
    leave_rows("bob")

    page = staff.get(address(model), {"q": " Alice@Example.com "})
    assert [row.pk for row in page.context["cl"].queryset] == [key]
    assert list(staff.get(address(model), {"q": "carol@example.com"}).context["cl"].queryset) == []
    shown = re.sub(r'(href|value|action)="[^"]*"', "", staff.get(address(model, key, "change")).content.decode())
    assert key not in shown


def test_a_persons_page_leads_to_the_lists_of_what_is_theirs(staff: Client) -> None:
    leave_rows("alice")
    alice = User.objects.get(username="alice")
    page = staff.get(address(User, alice.pk, "change"))
    of_alice = {name: staff.get(link).context["cl"] for name, link in page.context["lists"]}

    for name in ("check-ins", "memberships", "sign-ins", "sockets", "notifications"):
        rows = of_alice[name].queryset
        assert {row.user_id for row in rows} <= {alice.pk}
    assert of_alice["check-ins"].queryset.count() == 1
    assert [entry.subject_id for entry in of_alice["audit log"].queryset] == [alice.pk]


def test_a_list_counts_no_further_than_anybody_pages(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a11", "b11", "c11"):
        make_user(name)
    monkeypatch.setattr(hucares.admin, "MOST_LISTED", 2)
    assert staff.get(address(User)).context["cl"].result_count == 2
