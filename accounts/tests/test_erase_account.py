"""DELETE /users/account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from accounts.audit import AuditEntry
from accounts.mail import deliver_due_mails
from accounts.models import FailedSignIns, OutgoingMail, Session, User
from accounts.personal_data import ROWS
from accounts.tests.builders import PASSWORD, make_session, make_user, signed_in
from accounts.tests.lives import EMAIL, TRACES, make_wilhelmina
from accounts.tests.pictures import files_in
from accounts.tokens import refresh_token
from checkins.models import CheckIn
from checkins.participation import refresh_participation
from checkins.tests.builders import make_check_in, recount
from groups.models import Group, Membership, Role, Status
from groups.tests.builders import make_group
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once
from hucares.tests.secrets_search import texts_in_database

URL = "/api/v1/users/account"
SCORES = {"productive": 5, "satisfied": 5, "body": 5, "care": 5}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

GroupEvent = apps.get_model("realtime", "GroupEvent")


def erase(user: User, password: Any = PASSWORD) -> Any:
    return signed_in(user).delete(URL, {"password": password})


def assert_counts_are_right() -> None:
    for group in Group.objects.all():
        assert (group.member_count, group.total_check_ins) == recount(group), group.name


def test_nothing_that_names_the_person_is_left(bob: User, porch: Group, media: Path) -> None:
    wilhelmina = make_wilhelmina(porch, bob)
    everything = "\n".join(texts_in_database())
    assert all(trace in everything for trace in TRACES)
    assert len(files_in(media)) == 1
    assert FailedSignIns.objects.count() == 1
    events = list(GroupEvent.objects.filter(subject=wilhelmina).values_list("pk", flat=True))
    assert len(events) >= 5

    assert erase(wilhelmina).status_code == 204

    everything = "\n".join(texts_in_database()).lower()
    assert [trace for trace in TRACES if trace.lower() in everything] == []
    assert files_in(media) == []
    assert not FailedSignIns.objects.exists()
    assert [rows.key for rows in ROWS if rows.about(wilhelmina).exists()] == ["auditLog"]
    emptied = GroupEvent.objects.filter(pk__in=events, subject=None, data={})
    assert emptied.count() == len(events)
    named = GroupEvent.objects.filter(event="member-erased")
    assert {event.data["userId"] for event in named} == {str(wilhelmina.pk)}
    (audited,) = AuditEntry.objects.about(wilhelmina.pk).values("before", "after", "address", "reason")
    assert audited == {"before": None, "after": None, "address": None, "reason": ""}
    # The two places where an id stays, which leads to nobody any more.
    named.delete()
    AuditEntry._base_manager.filter(subject_id=wilhelmina.pk).delete()
    everything = "\n".join(texts_in_database())
    assert str(wilhelmina.pk) not in everything
    assert wilhelmina.pk.hex not in everything


def test_groups_live_on_with_their_counts_right(alice: User, bob: User, porch: Group) -> None:
    make_wilhelmina(porch, bob)
    kitchen = Group.objects.get(name="The Kitchen")

    erase(User.objects.get(email=EMAIL))

    assert_counts_are_right()
    kitchen.refresh_from_db()
    assert (kitchen.is_active, kitchen.created_by, kitchen.member_count) == (True, None, 1)
    heir = Membership.objects.get(group=kitchen)
    assert (heir.user, heir.role, heir.status) == (bob, Role.ADMIN, Status.ACTIVE)
    assert Membership.objects.get(group=porch, role=Role.ADMIN).user == alice


def test_a_group_that_nobody_is_left_in_ends(db: None) -> None:
    dora = make_user("dora")
    group = make_group(dora)

    assert erase(dora).status_code == 204

    group.refresh_from_db()
    assert (group.is_active, group.member_count) == (False, 0)


def test_an_ended_group_is_counted_right_and_stays_ended(alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    Group.objects.update(is_active=False)

    assert erase(alice).status_code == 204

    porch.refresh_from_db()
    assert (porch.is_active, porch.member_count, porch.total_check_ins) == (False, 1, 0)
    assert Membership.objects.get().role == Role.MEMBER


def test_the_rate_is_what_it_would_be_without_them(alice: User, bob: User) -> None:
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        group = make_group(alice, bob)
        make_check_in(alice, group)
        clock.shift(7 * 24 * 3600)
        refresh_participation(group)
        group.refresh_from_db()
        assert float(group.average_participation_rate) == 0.5

        assert erase(bob).status_code == 204

    group.refresh_from_db()
    assert float(group.average_participation_rate) == 1.0


def test_a_group_that_they_had_left_shows_figures_without_them(bob: User, porch: Group) -> None:
    data_of(signed_in(bob).post(f"/api/v1/groups/{porch.pk}/leave"))
    version = Group.objects.get().version

    erase(bob)

    assert Group.objects.get().version > version


def test_their_events_are_empty_and_their_going_is_one(alice: User, bob: User, porch: Group) -> None:
    make_check_in(bob, porch)
    client = signed_in(alice)

    erase(bob)

    events = data_of(client.get(f"/api/v1/groups/{porch.pk}/events"))["events"]
    assert [event["event"] for event in events] == ["erased", "group-updated"]
    assert events[0]["data"] == {"groupId": str(porch.pk)}
    inner = {"userId": str(bob.pk), "reason": "erased"}
    assert events[1]["data"] == {"groupId": str(porch.pk), "type": "member-left", "data": inner}


def test_friends_are_no_longer_told_of_them(alice: User, bob: User, porch: Group) -> None:
    make_check_in(bob, porch)
    client = signed_in(alice)
    assert len(data_of(client.get("/api/v1/notifications"))) == 1

    erase(bob)

    assert data_of(client.get("/api/v1/notifications")) == []


def test_mails_on_their_way_are_not_sent(bob: User, porch: Group, mailoutbox: list[Any]) -> None:
    wilhelmina = make_wilhelmina(porch, bob)
    assert OutgoingMail.objects.count() >= 3

    erase(wilhelmina)
    deliver_due_mails()

    assert mailoutbox == []


def test_every_token_is_worth_nothing(alice: User) -> None:
    session = make_session(alice)
    client = signed_in(alice)

    assert client.delete(URL, {"password": PASSWORD}).status_code == 204

    refusal_of(client.get("/api/v1/users/profile"), 401, "SESSION_REVOKED")
    refusal_of(
        APIClient().post("/api/v1/auth/refresh", {"refreshToken": refresh_token(session)}), 401, "SESSION_REVOKED"
    )
    answer = APIClient().post("/api/v1/auth/login", {"email": alice.email, "password": PASSWORD})
    refusal_of(answer, 401, "INVALID_CREDENTIALS")


@pytest.mark.parametrize("still_staff", [True, False])
def test_a_member_of_staff_is_out_of_the_admin(db: None, still_staff: bool) -> None:
    staff = User.objects.create_superuser("staff@example.com", PASSWORD)
    browser, other = Client(), Client()
    browser.force_login(staff)
    other.force_login(make_user("dora", is_staff=True))
    User.objects.filter(pk=staff.pk).update(is_staff=still_staff)

    assert erase(staff).status_code == 204

    assert browser.get("/admin/").status_code == 302
    assert BrowserSession.objects.count() == 1


def test_name_and_address_are_free_again(alice: User) -> None:
    erase(alice)

    body = {"username": "Alice", "email": "ALICE@example.com", "password": PASSWORD}
    user = data_of(APIClient().post("/api/v1/auth/register", body), 201)["user"]
    assert user["id"] != str(alice.pk)


def test_other_people_keep_everything(alice: User, bob: User, porch: Group, media: Path) -> None:
    make_wilhelmina(porch, bob)
    kept = make_check_in(alice, porch, reflection_note="Mine.")
    before = data_of(signed_in(bob).get("/api/v1/users/export"))

    erase(User.objects.get(email=EMAIL))

    after = data_of(signed_in(bob).get("/api/v1/users/export"))
    assert after["checkIns"] == before["checkIns"]
    assert CheckIn.objects.get(pk=kept.pk).reflection_note == "Mine."


@pytest.mark.parametrize("password", ["Wrong1password", "", None, 5])
def test_a_wrong_password_is_refused(bob: User, porch: Group, media: Path, password: Any) -> None:
    wilhelmina = make_wilhelmina(porch, bob)
    client = signed_in(wilhelmina)
    before = {rows.key: rows.exported(wilhelmina) for rows in ROWS}

    assert refused_fields(client.delete(URL, {"password": password})) == {"password"}

    assert {rows.key: rows.exported(wilhelmina) for rows in ROWS} == before
    assert len(files_in(media)) == 1


def test_a_body_is_needed(alice: User) -> None:
    assert refused_fields(signed_in(alice).delete(URL)) == {"password"}
    assert User.objects.exists()


def test_a_fault_in_the_middle_leaves_everything(
    bob: User, porch: Group, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wilhelmina = make_wilhelmina(porch, bob)
    before = {rows.key: rows.exported(wilhelmina) for rows in ROWS}

    def fail(group: Group) -> None:
        raise RuntimeError("the last step failed")

    monkeypatch.setattr("checkins.personal_data.refresh_participation", fail)
    client = signed_in(wilhelmina, raise_request_exception=False)
    refusal_of(client.delete(URL, {"password": PASSWORD}), 500, "INTERNAL_ERROR")

    after = {rows.key: rows.exported(wilhelmina) for rows in ROWS}
    after["signIns"] = after["signIns"][: len(before["signIns"])]
    assert after == before
    assert default_storage.exists(User.objects.get(pk=wilhelmina.pk).avatar_name or "")
    assert_counts_are_right()


def test_of_many_who_ask_at_once_one_erases_and_nobody_gets_a_fault(alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    clients = [signed_in(alice) for _ in range(6)]

    statuses = [
        answer.status_code for answer in at_once(6, lambda number: clients[number].delete(URL, {"password": PASSWORD}))
    ]

    assert sorted(statuses) == [204, 401, 401, 401, 401, 401]
    assert_counts_are_right()


def everything_at_once(user: User, groups: list[Group]) -> list[Any]:
    """The answers to an erasure and to what else its person does in that moment; the erasure's is the first."""
    client = signed_in(user)
    calls: list[Callable[[], Any]] = [
        lambda: client.delete(URL, {"password": PASSWORD}),
        lambda: client.post("/api/v1/checkins", {"groupId": str(groups[0].pk), **SCORES}),
        lambda: client.post("/api/v1/groups/join", {"accessCode": groups[1].access_code}),
        lambda: client.post("/api/v1/groups/join", {"accessCode": groups[2].access_code}),
        lambda: client.post("/api/v1/groups", {"name": "Hers"}),
        lambda: client.put("/api/v1/users/profile", {"privacySettings": {"scores": "private"}}),
        lambda: client.post(f"/api/v1/groups/{groups[0].pk}/leave"),
    ]
    return at_once(len(calls), lambda number: calls[number]())


def test_what_somebody_does_while_being_erased_happens_before_or_not_at_all(bob: User) -> None:
    for _ in range(8):
        dora = make_user("dora")
        answers = everything_at_once(dora, [make_group(bob, dora), make_group(bob), make_group(bob)])

        assert answers[0].status_code == 204
        assert {answer.status_code for answer in answers[1:]} <= {200, 201, 401, 404}
        assert not User.objects.filter(username="dora").exists()
        assert_counts_are_right()
    assert Session.objects.count() == 0


def test_without_credentials_it_is_refused(anonymous: APIClient, alice: User) -> None:
    refusal_of(anonymous.delete(URL, {"password": PASSWORD}), 401, "NOT_AUTHENTICATED")
    assert User.objects.exists()
