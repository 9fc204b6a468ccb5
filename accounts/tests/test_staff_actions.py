"""What staff do to people in the admin: asked first, done by services, and kept in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.audit import AppendOnly, AuditEntry
from accounts.models import OutgoingMail, PinEnrolment, Session, User
from accounts.pin_sign_in import enrol
from accounts.sessions import Device
from accounts.tests.builders import PASSWORD, make_session, make_user
from accounts.tests.lives import make_wilhelmina
from groups.models import Group
from hucares.tests.snapshots import changes, snapshot

URL = "/admin/accounts/user/"
WHY = "They asked for it by telephone."
ACTIONS = ("deactivate", "reactivate", "revoke_sessions", "send_verification_again", "erase")


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", PASSWORD)


@pytest.fixture
def support(db: None) -> User:
    """A member of staff who may change people."""
    user = make_user("support", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(staff: User, action: str, *people: User, reason: str = WHY, confirmed: bool = True) -> Any:
    form = {"action": action, "_selected_action": [str(user.pk) for user in people], "reason": reason}
    return browser(staff).post(URL, {**form, **({"confirmed": "yes"} if confirmed else {})}, follow=True)


def entries() -> list[tuple[Any, ...]]:
    columns = ("staff_id", "action", "subject_type", "subject_id", "reason", "address")
    return list(AuditEntry.objects.order_by("at").values_list(*columns))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("reason", "confirmed"), [(WHY, False), ("", True), ("  ", True)])
def test_nothing_is_done_before_it_is_confirmed_with_a_reason(
    boss: User, alice: User, action: str, reason: str, confirmed: bool
) -> None:
    make_session(alice)
    before = snapshot()

    page = act(boss, action, alice, reason=reason, confirmed=confirmed)

    assert page.status_code == 200
    assert "alice" in page.content.decode()
    assert 'name="reason"' in page.content.decode()
    of_signing_in = {"django_session", "users"}  # to the admin itself
    assert changes(before, snapshot()).keys() <= of_signing_in
    assert User.objects.get(pk=alice.pk).is_active


def test_whoever_is_deactivated_is_out_at_once_and_can_be_let_in_again(boss: User, alice: User, bob: User) -> None:
    make_session(alice), make_session(bob)
    enrol(user=alice, pin="271828", password=PASSWORD, device=Device("", None))

    act(boss, "deactivate", alice)

    assert not User.objects.get(pk=alice.pk).is_active
    assert not Session.objects.filter(user=alice, revoked_at=None).exists()
    assert not PinEnrolment.objects.exists()
    assert Session.objects.filter(user=bob, revoked_at=None).exists()
    act(boss, "reactivate", alice)
    assert User.objects.get(pk=alice.pk).is_active
    assert entries() == [
        (boss.pk, "deactivate", "users", alice.pk, WHY, "127.0.0.1"),
        (boss.pk, "reactivate", "users", alice.pk, WHY, "127.0.0.1"),
    ]
    assert list(AuditEntry.objects.order_by("at").values_list("before", "after")) == [
        ({"is_active": True}, {"is_active": False}),
        ({"is_active": False}, {"is_active": True}),
    ]


def test_signing_somebody_out_everywhere_reaches_the_admin_too(boss: User, support: User) -> None:
    their_browser = browser(support)
    make_session(support)
    assert their_browser.get("/admin/").status_code == 200

    act(boss, "revoke_sessions", support)

    assert not Session.objects.filter(user=support, revoked_at=None).exists()
    assert their_browser.get("/admin/").status_code == 302
    assert [entry[1:4] for entry in entries()] == [("revoke sessions", "users", support.pk)]


def test_the_verification_mail_goes_again_where_there_is_something_to_verify(
    boss: User, alice: User, charlie: User
) -> None:
    page = act(boss, "send_verification_again", alice, charlie)
    told = [str(message) for message in page.context["messages"]]

    assert [(mail.kind, mail.user_id) for mail in OutgoingMail.objects.all()] == [("verify-email", alice.pk)]
    assert [entry[3] for entry in entries()] == [alice.pk]
    assert sorted(told) == [
        "Send the verification mail again, alice: done.",
        "Send the verification mail again, charlie: There is no address of theirs to confirm.",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_whoever_is_erased_is_in_the_audit_log_by_their_id_alone(
    boss: User, alice: User, bob: User, porch: Group
) -> None:
    wilhelmina = make_wilhelmina(porch, bob)
    act(boss, "revoke_sessions", wilhelmina, reason="Wilhelmina's telephone was stolen.")

    act(boss, "erase", wilhelmina, reason="Wilhelmina wrote us.")

    assert not User.objects.filter(pk=wilhelmina.pk).exists()
    by_boss = [entry for entry in entries() if entry[0] == boss.pk]
    assert by_boss == [
        (boss.pk, "revoke sessions", "users", wilhelmina.pk, "", None),
        (boss.pk, "erase", "users", wilhelmina.pk, "", "127.0.0.1"),
    ]
    assert set(AuditEntry.objects.values_list("before", "after")) == {(None, None)}


@pytest.mark.parametrize("action", ["deactivate", "revoke_sessions", "erase"])
def test_staff_act_on_people_and_superusers_alone_on_staff(boss: User, support: User, alice: User, action: str) -> None:
    act(support, action, boss, support)
    assert User.objects.filter(pk__in=[boss.pk, support.pk], is_active=True).count() == 2
    assert entries() == []

    act(support, action, alice)
    assert [entry[:4] for entry in entries()] == [(support.pk, action.replace("_", " "), "users", alice.pk)]


@pytest.mark.parametrize("action", ["deactivate", "erase"])
def test_nobody_acts_on_themselves(boss: User, action: str) -> None:
    assert "you may not do that" in act(boss, action, boss).content.decode()
    assert User.objects.get(pk=boss.pk).is_active
    assert entries() == []


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_look_does_nothing(alice: User, action: str) -> None:
    looker = make_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_user"))
    make_session(alice)

    act(looker, action, alice)

    assert User.objects.get(pk=alice.pk).is_active
    assert Session.objects.filter(user=alice, revoked_at=None).exists()
    assert entries() == []
    assert not OutgoingMail.objects.exists()


def test_support_cannot_change_staff_in_the_form_either(boss: User, support: User, alice: User) -> None:
    for person, status in ((boss, 403), (alice, 302)):
        answer = browser(support).post(f"{URL}{person.pk}/change/", {"is_active": ""})
        assert answer.status_code == status
        assert User.objects.get(pk=person.pk).is_active is (status == 403)
    assert [entry[1:4] for entry in entries()] == [("change", "users", alice.pk)]


def test_what_the_form_changes_is_in_the_audit_log(boss: User, alice: User) -> None:
    browser(boss).post(f"{URL}{alice.pk}/change/", {"is_active": "on", "is_staff": "on"})

    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.subject_id) == ("change", alice.pk)
    assert (entry.before["is_staff"], entry.after["is_staff"]) == (False, True)


# --- The log itself ---


@pytest.fixture
def entry(boss: User, alice: User) -> AuditEntry:
    act(boss, "revoke_sessions", alice)
    return AuditEntry.objects.get()


def test_entries_are_neither_changed_nor_deleted(entry: AuditEntry) -> None:
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason="Another one."),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert AuditEntry.objects.get().reason == WHY


def test_not_in_the_admin_either(boss: User, entry: AuditEntry) -> None:
    staff = browser(boss)
    page = f"/admin/accounts/auditentry/{entry.pk}"
    assert staff.get("/admin/accounts/auditentry/").status_code == 200
    assert staff.get(f"{page}/change/").status_code == 200

    assert staff.post(f"{page}/change/", {"reason": "Another one."}).status_code == 403
    assert staff.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get("/admin/accounts/auditentry/add/").status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(entry.pk)], "post": "yes"}
    staff.post("/admin/accounts/auditentry/", form)
    assert AuditEntry.objects.get().reason == WHY


def test_it_is_searched_by_ids(boss: User, alice: User, bob: User, entry: AuditEntry) -> None:
    act(boss, "revoke_sessions", bob)
    staff = browser(boss)

    for wanted, count in ((alice.pk, 1), (boss.pk, 2), ("alice", 0)):
        page = staff.get("/admin/accounts/auditentry/", {"q": str(wanted)})
        assert page.status_code == 200
        assert page.context["cl"].result_count == count
