from __future__ import annotations

import json
from typing import Any

import emoji
import pytest
from django.conf import LazySettings
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_user
from checkins import demo
from checkins.current import current_check_ins
from checkins.models import CheckIn
from groups.models import Group, Membership, MembershipSpan, Status
from groups.periods import Period, period_of_day
from notifications.models import Notification

TABLES: tuple[type[Model], ...] = (User, Group, Membership, MembershipSpan, CheckIn, Notification)


@pytest.fixture
def debugging(settings: LazySettings) -> None:
    settings.DEBUG = True


@pytest.fixture
def seeded(db: None, debugging: None) -> None:
    call_command("seed_demo")


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def closed_periods(group: Group, count: int) -> list[Period]:
    """Written again for the test: stepping back a day at a time from the open period."""
    found: list[Period] = []
    day = group.period_at(timezone.now()).start
    while len(found) < count:
        day = found[-1].start if found else day
        day = period_of_day(day, group.check_in_frequency, group.timezone).start
        found.append(
            period_of_day(day.fromordinal(day.toordinal() - 1), group.check_in_frequency, group.timezone),
        )
    return found


def was_present(span: MembershipSpan, period: Period) -> bool:
    left_on = span.left_at.date() if span.left_at else period.end
    return span.joined_at.date() <= period.end and left_on >= period.start


def demo_person() -> User:
    return User.objects.by_email(demo.DEMO_EMAIL).get()


@pytest.mark.usefixtures("seeded")
class TestSeeded:
    def test_counts_equal_a_recount(self) -> None:
        assert Group.objects.count() == len(demo.CIRCLES)
        for group in Group.objects.all():
            assert group.member_count == group.memberships.filter(status=Status.ACTIVE).count()
            assert group.total_check_ins == group.check_ins.count()

    def test_participation_is_that_of_the_last_twelve_closed_periods(self) -> None:
        for group in Group.objects.all():
            spans = list(MembershipSpan.objects.filter(membership__group=group))
            present = checked_in = 0
            for period in closed_periods(group, 12):
                present += sum(was_present(span, period) for span in spans)
                checked_in += CheckIn.objects.of_group(group, period).count()
            assert float(group.average_participation_rate) == pytest.approx(checked_in / present, abs=0.005)
            assert 0.5 < group.average_participation_rate <= 1

    def test_every_check_in_is_made_in_its_period_by_somebody_present(self) -> None:
        spans = {(span.membership.user_id, span.membership.group_id): span for span in all_spans()}
        assert len(spans) == Membership.objects.count()
        for check_in in CheckIn.objects.select_related("group"):
            group, span = check_in.group, spans[check_in.user_id, check_in.group_id]
            period = group.period_at(check_in.submitted_at)
            assert (check_in.week_start_date, check_in.period_end) == (period.start, period.end)
            assert check_in.submitted_at < check_in.closes_at == period.closes_at
            assert span.joined_at < check_in.submitted_at < (span.left_at or check_in.closes_at)

    def test_who_has_left_is_no_member(self) -> None:
        for span in all_spans():
            assert (span.left_at is None) == (span.membership.status == Status.ACTIVE)

    def test_the_demo_person_may_still_check_in_to_the_main_group_and_has_been_told_of_friends(self) -> None:
        current = {row.group_id: row.check_in for row in current_check_ins(demo_person())}
        assert len(current) == len(demo.CIRCLES)
        assert current[Group.objects.get(name=demo.MAIN_CIRCLE).pk] is None
        assert Notification.objects.for_user(demo_person()).unread().count() >= 4

    def test_some_check_ins_are_private_and_one_person_keeps_all_scores_private(self) -> None:
        assert CheckIn.objects.filter(is_private=True).exclude(user=demo_person()).exists()
        assert [user.username for user in User.objects.all() if user.keeps_scores_private] == ["mei_lin"]

    def test_a_year_of_notes_and_emojis(self) -> None:
        days = sorted(CheckIn.objects.values_list("week_start_date", flat=True))
        assert (days[-1] - days[0]).days > 350
        assert CheckIn.objects.exclude(reflection_note=None).count() > 30
        for mood in CheckIn.objects.exclude(mood_emoji=None).values_list("mood_emoji", flat=True).distinct():
            assert emoji.is_emoji(mood)

    def test_the_sign_ins_work(self) -> None:
        for email, is_staff in ((demo.DEMO_EMAIL, False), (demo.ADMIN_EMAIL, True)):
            user = User.objects.by_email(email).get()
            assert user.check_password(demo.PASSWORD)
            assert (user.is_staff, user.is_superuser) == (is_staff, is_staff)
            validate_password(demo.PASSWORD, user)

    def test_a_second_run_says_so_and_changes_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        before = everything()
        call_command("seed_demo")
        assert capsys.readouterr().out == "The demo is there already; nothing was changed.\n"
        assert everything() == before


def all_spans() -> list[MembershipSpan]:
    return list(MembershipSpan.objects.select_related("membership"))


def test_without_debug_it_is_refused_and_nothing_is_made(db: None) -> None:
    with pytest.raises(CommandError, match="DEBUG=1") as refusal:
        call_command("seed_demo")
    assert refusal.value.returncode == 1
    assert not any(everything().values())


def test_a_dry_run_makes_nothing(db: None, debugging: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--dry-run")
    assert capsys.readouterr().out == "The demo would be made: 8 people, 4 groups. Nothing was changed.\n"
    call_command("seed_demo", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["made"] is False
    assert not any(everything().values())


def test_where_somebody_has_one_of_its_names_nothing_is_made(db: None, debugging: None) -> None:
    make_user("Jonas")
    before = everything()
    with pytest.raises(CommandError, match="names or addresses"):
        call_command("seed_demo")
    assert everything() == before
