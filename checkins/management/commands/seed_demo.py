"""`manage.py seed_demo`: a believable database to look around in."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User, default_privacy
from checkins import demo
from checkins.demo import Circle, Entry
from checkins.models import CheckIn
from checkins.participation import refresh_participation
from checkins.services import submit_check_in
from groups.models import Group, Membership, MembershipSpan, Role, Status
from groups.periods import start_of_day
from hucares.commands import Progress, add_dry_run, add_json, as_json

WHAT = f"{len(demo.PEOPLE)} people, {len(demo.CIRCLES)} groups"


class Command(BaseCommand):
    """Fills the database with the demo, once."""

    help = (
        "Fills the database with a demo: eight friends, four groups, a year of check-ins and one member of staff. "
        f"They all sign in with the password {demo.PASSWORD}; {demo.DEMO_EMAIL} has not checked in to "
        f"“{demo.MAIN_CIRCLE}” yet, and {demo.ADMIN_EMAIL} may use the admin. "
        "Works only with DEBUG=1, because everybody knows that password. Run again, it changes nothing. The exit code "
        "is 0, or 1 when the demo was not made: the reason is on stderr."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Two choices."""
        add_dry_run(parser, "say whether it would be made")
        add_json(parser)

    def handle(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        """Seed, or say in one sentence why not."""
        if not settings.DEBUG:
            raise CommandError("The demo is made only with DEBUG=1, because everybody knows its password.")
        if User.objects.by_email(demo.DEMO_EMAIL).exists():
            self.say("The demo is there already; nothing was changed.", json, made=False)
            return
        if dry_run:
            self.say(f"The demo would be made: {WHAT}. Nothing was changed.", json, made=False)
            return
        try:
            with transaction.atomic(), Progress(self.stderr) as progress:
                progress.say("Making the demo …")
                check_ins = seed(timezone.now())
        except IntegrityError as error:
            raise CommandError(
                "The demo was not made: somebody here already has one of its names or addresses."
            ) from error
        self.say(f"The demo is made: {WHAT}, {check_ins} check-ins.", json, made=True)

    def say(self, sentence: str, json: bool, *, made: bool) -> None:
        """The report."""
        self.stdout.write(as_json({"made": made, "message": sentence}) if json else sentence)


def seed(now: datetime) -> int:
    """Write the whole demo; how many check-ins it has.

    History arrives in bulk and silently; the open period's check-ins are made the usual way, so friends hear of them.
    """
    random = Random(20240101)  # noqa: S311  # a story, not a secret, and the same one each time
    users = make_users(now)
    persons = {person.username: person for person in demo.PEOPLE}
    told = {
        circle.name: [
            entry
            for place in circle.places
            for entry in demo.history(random, circle, place, persons[place.username], now)
        ]
        for circle in demo.CIRCLES
    }
    demo.write_notes(random, [entry for entries in told.values() for entry in entries])
    groups = {circle.name: make_group(circle, told[circle.name], users, now) for circle in demo.CIRCLES}
    for fresh in demo.FRESH:
        submit_check_in(
            user=users[fresh.username],
            group_id=groups[fresh.circle].pk,
            **dict(zip(demo.COLUMNS, fresh.scores, strict=True)),
            mood_emoji=fresh.emoji,
            reflection_note=fresh.note,
            is_private=fresh.is_private,
        )
    return len(demo.FRESH) + sum(len(entries) for entries in told.values())


def make_users(now: datetime) -> dict[str, User]:
    """The people of the demo by username, and a member of staff."""
    password = make_password(demo.PASSWORD)  # once: it is slow on purpose
    common = {"password": password, "email_verified": True, "created_at": now - timedelta(days=400)}
    users = [
        User(
            username=person.username,
            email=person.email,
            timezone=person.timezone,
            privacy_settings={**default_privacy(), "scores": person.scores},
            **common,
        )
        for person in demo.PEOPLE
    ]
    staff = User(username="ines_staff", email=demo.ADMIN_EMAIL, is_staff=True, is_superuser=True, **common)
    User.objects.bulk_create([*users, staff])
    return {user.username: user for user in users}


def make_group(circle: Circle, entries: list[Entry], users: dict[str, User], now: datetime) -> Group:
    """A group with its members and its history."""
    periods = demo.closed_periods(circle, now, max(place.since for place in circle.places))
    founded_at = start_of_day(periods[-1].start, circle.timezone) + timedelta(hours=6)
    group = Group(
        name=circle.name,
        description=circle.description,
        check_in_frequency=circle.frequency,
        timezone=circle.timezone,
        created_by=next(users[place.username] for place in circle.places if place.role == Role.ADMIN),
        created_at=founded_at,
        member_count=sum(place.until == 0 for place in circle.places),
        total_check_ins=len(entries),
    )
    group.schedule_close()
    Group.objects.bulk_create([group])
    make_memberships(group, circle, entries, users, now)
    make_check_ins(group, entries, users)
    refresh_participation(group)
    return group


def make_memberships(group: Group, circle: Circle, entries: list[Entry], users: dict[str, User], now: datetime) -> None:
    """Everybody's membership and when they were present."""
    memberships, spans = [], []
    for place in circle.places:
        periods = demo.closed_periods(circle, now, place.since)
        membership = Membership(
            user=users[place.username],
            group=group,
            role=place.role,
            status=Status.INACTIVE if place.until else Status.ACTIVE,
            joined_at=start_of_day(periods[-1].start, circle.timezone) + timedelta(hours=6),
            last_active_at=max(entry.at for entry in entries if entry.username == place.username),
        )
        left_at = periods[place.until].closes_at - timedelta(hours=1) if place.until else None
        memberships.append(membership)
        spans.append(MembershipSpan(membership=membership, joined_at=membership.joined_at, left_at=left_at))
    Membership.objects.bulk_create(memberships)
    MembershipSpan.objects.bulk_create(spans)


def make_check_ins(group: Group, entries: list[Entry], users: dict[str, User]) -> None:
    """The history, without a word to anybody."""
    CheckIn.objects.bulk_create(
        CheckIn(
            user=users[entry.username],
            group=group,
            week_start_date=entry.period.start,
            period_end=entry.period.end,
            closes_at=entry.period.closes_at,
            check_in_date=entry.at,
            submitted_at=entry.at,
            **entry.columns,
        )
        for entry in entries
    )
    CheckIn.objects.filter(group=group).update(updated_at=F("submitted_at"))  # nobody has edited them
