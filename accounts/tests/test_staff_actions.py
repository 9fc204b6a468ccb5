"""What staff do to people in the admin: asked first, done by services, and kept in the audit log."""

from __future__ import annotations

from typing import Any

import pytest

import hucares.admin
from accounts.audit import AppendOnly, AuditEntry
from accounts.models import OutgoingMail, PinEnrolment, Session, User
from accounts.personal_data import export_person
from accounts.pin_sign_in import enrol
from accounts.roles import MODERATOR, SUPERUSER, SUPPORT, give_role, role_of
from accounts.sessions import Device
from accounts.tests.builders import PASSWORD, make_enrolment, make_session, make_user
from accounts.tests.lives import make_wilhelmina
from accounts.tests.staff import OF_SIGNING_IN, WHY, act, browser, entries, make_staff, told
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.snapshots import changes, snapshot

ACTIONS = ("deactivate", "reactivate", "revoke_sessions", "send_verification_again", "export", "erase")
OF_SUPERUSERS = ("make_support", "make_moderator", "make_superuser", "take_role", "remove_second_factor")
FOR_MODERATORS = ("export", "erase")


@pytest.fixture
def boss(db: None) -> User:
    return make_staff(SUPERUSER, "boss")


@pytest.fixture
def support(db: None) -> User:
    return make_staff(SUPPORT)


@pytest.fixture
def moderator(db: None) -> User:
    return make_staff(MODERATOR)


def noted() -> list[tuple[Any, ...]]:
    return entries("staff_id", "action", "subject_type", "subject_id", "reason", "address")


@pytest.mark.parametrize("action", [*ACTIONS, *OF_SUPERUSERS])
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
    assert changes(before, snapshot()).keys() <= OF_SIGNING_IN
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
    assert noted() == [
        (boss.pk, "deactivate", "users", alice.pk, WHY, "127.0.0.1"),
        (boss.pk, "reactivate", "users", alice.pk, WHY, "127.0.0.1"),
    ]
    assert entries("before", "after") == [
        ({"is_active": True}, {"is_active": False}),
        ({"is_active": False}, {"is_active": True}),
    ]


def test_signing_somebody_out_everywhere_reaches_the_admin_too(boss: User, support: User) -> None:
    their_browser = browser(support)
    make_session(support)
    make_enrolment(support)
    assert their_browser.get("/admin/").status_code == 200

    act(boss, "revoke_sessions", support)

    assert not Session.objects.filter(user=support, revoked_at=None).exists()
    assert not PinEnrolment.objects.exists()
    assert their_browser.get("/admin/").status_code == 302
    assert [entry[1:4] for entry in noted()] == [("revoke sessions", "users", support.pk)]


def test_the_verification_mail_goes_again_where_there_is_something_to_verify(
    boss: User, alice: User, charlie: User
) -> None:
    page = act(boss, "send_verification_again", alice, charlie)

    assert [(mail.kind, mail.user_id) for mail in OutgoingMail.objects.all()] == [("verify-email", alice.pk)]
    assert [entry[3] for entry in noted()] == [alice.pk]
    assert sorted(told(page)) == [
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
    by_boss = [entry for entry in noted() if entry[0] == boss.pk]
    assert by_boss == [
        (boss.pk, "revoke sessions", "users", wilhelmina.pk, "", None),
        (boss.pk, "erase", "users", wilhelmina.pk, "", "127.0.0.1"),
    ]
    assert set(AuditEntry.objects.values_list("before", "after")) == {(None, None)}


def test_an_export_is_a_file_with_what_they_would_get_themselves(moderator: User, alice: User, porch: Group) -> None:
    make_check_in(alice, porch, reflection_note="a quiet week", is_private=True)

    answer = act(moderator, "export", alice)

    assert answer["Content-Disposition"] == 'attachment; filename="hucares-alice.json"'
    assert "no-store" in answer["Cache-Control"]
    document = answer.json()
    assert document.keys() == export_person(alice).keys()
    assert document["checkIns"][0]["reflectionNote"] == "a quiet week"
    assert [entry[1:4] for entry in noted()] == [("export", "users", alice.pk)]


def test_exports_are_made_one_at_a_time(moderator: User, alice: User, bob: User) -> None:
    assert told(act(moderator, "export", alice, bob)) == ["Export: choose one row."]
    assert noted() == []


def test_many_are_not_acted_on_at_once(boss: User, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User) -> None:
    monkeypatch.setattr(hucares.admin, "MOST_CHOSEN", 1)
    assert told(act(boss, "deactivate", alice, bob)) == ["Deactivate: choose one row."]
    monkeypatch.setattr(hucares.admin, "MOST_CHOSEN", 2)
    charlie = make_user("charlie")
    assert told(act(boss, "deactivate", alice, bob, charlie)) == ["Deactivate: choose 2 at most."]
    assert User.objects.filter(is_active=True).count() == 4
    assert noted() == []


def test_a_reason_is_kept_as_far_as_there_is_room(boss: User, alice: User) -> None:
    act(boss, "revoke_sessions", alice, reason="x" * 600)
    assert entries("reason") == [("x" * 500,)]


# --- Who may do it ---


@pytest.mark.parametrize("action", ACTIONS)
def test_support_helps_and_moderators_do_the_rest(support: User, moderator: User, alice: User, action: str) -> None:
    act(support, action, alice)
    assert [entry[0] for entry in noted()] == ([] if action in FOR_MODERATORS else [support.pk])
    assert User.objects.filter(pk=alice.pk).exists()

    act(moderator, action, alice)
    assert noted()[-1][:2] == (moderator.pk, action.replace("_", " "))


@pytest.mark.parametrize("action", OF_SUPERUSERS)
def test_superusers_alone_decide_who_is_staff(support: User, moderator: User, alice: User, action: str) -> None:
    before = snapshot()
    for staff in (support, moderator):
        act(staff, action, alice)
        act(staff, action, staff)
    assert changes(before, snapshot()).keys() <= OF_SIGNING_IN
    assert not User.objects.get(pk=alice.pk).is_staff


@pytest.mark.parametrize("action", ["deactivate", "revoke_sessions", "export", "erase"])
def test_staff_are_for_superusers_alone(boss: User, support: User, moderator: User, action: str) -> None:
    assert told(act(moderator, action, support))[0].endswith("you may not do that.")
    assert told(act(moderator, action, boss))[0].endswith("you may not do that.")
    assert User.objects.filter(pk__in=[boss.pk, support.pk], is_active=True).count() == 2
    assert noted() == []

    act(boss, action, support)
    assert [entry[:4] for entry in noted()] == [(boss.pk, action.replace("_", " "), "users", support.pk)]


@pytest.mark.parametrize("action", ["deactivate", "erase", "take_role"])
def test_nobody_acts_on_themselves(boss: User, action: str) -> None:
    assert told(act(boss, action, boss))[0].endswith("boss: you may not do that.")
    assert User.objects.get(pk=boss.pk).is_active
    assert User.objects.get(pk=boss.pk).is_superuser
    assert noted() == []


@pytest.mark.parametrize("role", ["support", "moderator", "superuser"])
def test_a_role_is_given_and_taken(boss: User, alice: User, role: str) -> None:
    act(boss, f"make_{role}", alice)
    person = User.objects.get(pk=alice.pk)
    assert role_of(person) == role
    their_browser = browser(person)
    assert their_browser.get("/admin/").status_code == 200

    act(boss, "take_role", person)
    assert role_of(User.objects.get(pk=alice.pk)) == ""
    assert not User.objects.get(pk=alice.pk).is_superuser
    assert their_browser.get("/admin/").status_code == 302
    give_role(user=alice, role=role)
    assert their_browser.get("/admin/").status_code == 302, "their sign-in of before has ended"
    assert entries("action", "subject_id", "before", "after") == [
        ("change role", alice.pk, {"role": ""}, {"role": role}),
        ("change role", alice.pk, {"role": role}, {"role": ""}),
    ]


def test_another_role_takes_the_place_of_the_one_before(boss: User, moderator: User) -> None:
    for action, role in (("make_superuser", SUPERUSER), ("make_support", SUPPORT), ("make_moderator", MODERATOR)):
        act(boss, action, moderator)
        assert role_of(User.objects.get(pk=moderator.pk)) == role
        assert User.objects.get(pk=moderator.pk).is_superuser is (role == SUPERUSER)


@pytest.mark.parametrize("action", ["deactivate", "export"])
def test_a_persons_page_offers_what_the_list_does(support: User, alice: User, action: str) -> None:
    page = browser(support).get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()

    assert (f'value="{action}"' in page) is (action not in FOR_MODERATORS)
    assert 'formaction="/admin/accounts/user/"' in page
    assert f'name="_selected_action" value="{alice.pk}"' in page


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
