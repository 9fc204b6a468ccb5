"""The second factor of staff: set up, asked for, used once, and not to be gone round."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.sessions.models import Session as BrowserSession
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import User
from accounts.roles import SUPERUSER, SUPPORT
from accounts.tests.builders import PASSWORD
from accounts.tests.staff import act, browser, entries, make_staff
from hucares.tests.snapshots import changes, snapshot

PAGE = "/admin/second-factor/"
LISTS = "/admin/accounts/user/"


@pytest.fixture
def support(db: None) -> User:
    return make_staff(SUPPORT)


@pytest.fixture
def codes(support: User) -> list[str]:
    """The recovery codes of support, who has set up an authenticator in another browser."""
    second_factor.unconfirmed_device(support)
    with time_machine.travel(timedelta(minutes=-10)):  # the codes of today are still good
        return second_factor.turn_on(user=support, code=code_of(support))[1]


def code_of(user: User) -> str:
    """What somebody's authenticator shows now."""
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(bytes.fromhex(device.key)):06}"


def wrong_code_of(user: User) -> str:
    return f"{(int(code_of(user)) + 500_000) % 1_000_000:06}"


def enter(client: Client, code: str, **form: str) -> Any:
    return client.post(PAGE, {"code": code, **form})


def gets_in(client: Client) -> bool:
    return client.get(LISTS).status_code == 200


def recovery_codes_on(answer: Any) -> list[str]:
    return re.findall(r"<code>([a-z2-7-]+)</code>", answer.content.decode())


# --- Setting it up ---


def test_who_has_none_gets_in_without_where_none_is_required(support: User) -> None:
    assert gets_in(browser(support))


def test_where_it_is_required_the_first_thing_is_to_set_it_up(support: User, settings: LazySettings) -> None:
    settings.ADMIN_REQUIRE_2FA = True
    client = Client()
    signed_in = client.post(
        f"/admin/login/?next={LISTS}", {"username": support.email, "password": PASSWORD}, follow=True
    )
    assert signed_in.redirect_chain[-1][0] == f"{PAGE}?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert not gets_in(client)
    page = signed_in.content.decode()
    device = TOTPDevice.objects.get(user=support)
    assert second_factor.secret_of(device) in page
    assert 'class="segno"' in page

    codes = enter(client, code_of(support), next=LISTS)

    assert len(set(recovery_codes_on(codes))) == second_factor.RECOVERY_CODES
    assert f'href="{LISTS}"' in codes.content.decode()
    assert gets_in(client)
    assert entries("action", "subject_id") == [("second factor on", support.pk)]


def test_a_wrong_code_sets_nothing_up(support: User) -> None:
    client = browser(support)
    client.get(PAGE)

    answer = enter(client, wrong_code_of(support))

    assert answer.status_code == 400
    assert "This code is not right" in answer.content.decode()
    assert not second_factor.is_on(support)
    assert not StaticToken.objects.exists()
    assert entries("action") == []


def test_looking_at_the_page_again_shows_the_same_key(support: User) -> None:
    client = browser(support)
    assert len({client.get(PAGE).context["secret"] for _ in range(2)}) == 1
    assert TOTPDevice.objects.count() == 1


def test_recovery_codes_are_kept_as_hashes(codes: list[str]) -> None:
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == len(codes)
    assert not kept & {*codes, *(code.replace("-", "") for code in codes)}


# --- Asking for it ---


def test_who_has_one_is_asked_for_it_whether_or_not_it_is_required(support: User, codes: list[str]) -> None:
    client = browser(support)
    assert not gets_in(client)
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == PAGE

    answer = enter(client, code_of(support), next=LISTS)

    assert (answer.status_code, answer["Location"]) == (302, LISTS)
    assert gets_in(client)
    assert not gets_in(browser(support)), "another browser has shown none"


def test_the_page_that_asks_shows_no_key(support: User, codes: list[str]) -> None:
    page = browser(support).get(PAGE).content.decode()
    assert 'class="segno"' not in page
    assert second_factor.secret_of(TOTPDevice.objects.get()) not in page


def test_a_code_is_good_once(support: User, codes: list[str]) -> None:
    code = code_of(support)
    assert enter(browser(support), code).status_code == 302

    again = browser(support)
    assert enter(again, code).status_code == 400
    assert not gets_in(again)


def test_a_recovery_code_is_good_once_however_it_is_typed(support: User, codes: list[str]) -> None:
    assert enter(browser(support), f" {codes[0].upper().replace('-', ' ')} ").status_code == 302
    assert StaticToken.objects.count() == len(codes) - 1

    again = browser(support)
    assert enter(again, codes[0]).status_code == 400
    assert not gets_in(again)
    assert StaticToken.objects.count() == len(codes) - 1


@pytest.mark.parametrize("code", ["", "000", "not a code", "٣٣٣٣٣٣", "9" * 41, "a" * 5000])
def test_what_is_no_code_lets_nobody_in(support: User, codes: list[str], code: str) -> None:
    client = browser(support)
    assert enter(client, code).status_code == 400
    assert not gets_in(client)


def test_whoever_guesses_waits_even_with_the_right_one(support: User, codes: list[str]) -> None:
    client = browser(support)
    with time_machine.travel(timedelta(hours=1), tick=False) as clock:
        for _ in range(3):
            assert enter(client, wrong_code_of(support)).status_code == 400
            clock.shift(60)
        assert enter(client, wrong_code_of(support)).status_code == 400
        assert enter(client, code_of(support)).status_code == 400
        clock.shift(60)
        assert enter(client, code_of(support)).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(support: User, codes: list[str], elsewhere: str) -> None:
    assert enter(browser(support), code_of(support), next=elsewhere)["Location"] == "/admin/"


def test_the_key_of_the_browsers_session_changes(support: User, codes: list[str]) -> None:
    client = browser(support)
    before = client.session.session_key
    enter(client, code_of(support))
    assert client.session.session_key != before
    assert not BrowserSession.objects.filter(pk=before).exists()


# --- Who is nobody here ---


def test_strangers_and_people_who_are_no_staff_see_no_such_page(alice: User) -> None:
    for client in (Client(), browser(alice)):
        before = snapshot()
        assert client.get(PAGE)["Location"] == "/admin/login/"
        assert enter(client, "123456")["Location"] == "/admin/login/"
        assert changes(before, snapshot()) == {}


def test_who_has_not_shown_it_changes_nothing_on_the_page(support: User, codes: list[str]) -> None:
    client = browser(support)
    for do in ("renew", "turn off"):
        assert client.post(PAGE, {"do": do}).status_code == 400
    assert second_factor.is_on(support)
    assert StaticToken.objects.count() == len(codes)


# --- Seeing to it ---


@pytest.fixture
def passed(support: User, codes: list[str]) -> Client:
    """A browser in which support has shown a code."""
    client = browser(support)
    enter(client, code_of(support))
    return client


def test_other_recovery_codes_take_the_place_of_the_first(passed: Client, support: User, codes: list[str]) -> None:
    renewed = recovery_codes_on(passed.post(PAGE, {"do": "renew"}))

    assert len(renewed) == len(codes)
    assert enter(browser(support), codes[1]).status_code == 400
    with time_machine.travel(timedelta(minutes=1)):  # after a wrong one
        assert enter(browser(support), renewed[1]).status_code == 302
    assert entries("action") == [("renew recovery codes",)]


def test_it_is_turned_off_where_it_is_not_required(passed: Client, support: User, settings: LazySettings) -> None:
    settings.ADMIN_REQUIRE_2FA = True
    assert "turn off" not in passed.get(PAGE).content.decode()
    passed.post(PAGE, {"do": "turn off"})
    assert second_factor.is_on(support)

    settings.ADMIN_REQUIRE_2FA = False
    assert "turn off" in passed.get(PAGE).content.decode()
    passed.post(PAGE, {"do": "turn off"})
    assert not second_factor.is_on(support)
    assert not StaticToken.objects.exists()
    assert gets_in(browser(support))
    assert entries("action") == [("second factor off",)]


def test_superusers_remove_it_for_whoever_has_lost_it(support: User, codes: list[str]) -> None:
    act(make_staff(SUPERUSER, "boss"), "remove_second_factor", support)

    assert gets_in(browser(support))
    assert entries("action", "subject_id") == [("remove second factor", support.pk)]


def test_no_page_of_the_admin_shows_devices(passed: Client, support: User) -> None:
    device = TOTPDevice.objects.get()
    assert passed.get(f"/admin/otp_totp/totpdevice/{device.pk}/change/").status_code == 404
    assert device.key not in passed.get(f"{LISTS}{support.pk}/change/").content.decode()
