"""Figures from a read replica: as new as those of the database, or from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import signed_in
from analytics.tests.copies import Copy, copy_of_the_database
from checkins.tests.builders import make_check_in
from groups.models import Group
from hucares.tests.answers import data_of
from hucares.tests.forgetting import forget_figures
from hucares.tests.fresh_process import run_fresh

pytestmark = [pytest.mark.needs_servers, pytest.mark.django_db(transaction=True)]


def calls(group: Group) -> list[str]:
    return ["personal", "comparison", "insights", f"group/{group.pk}"]


@pytest.fixture
def copy(settings: LazySettings) -> Iterator[Copy]:
    with copy_of_the_database() as made:
        settings.DATABASE_ROUTERS = ["hucares.replica.ReplicaRouter"]
        yield made


def asked(alias: str, user: User, call: str) -> tuple[Any, list[str]]:
    """What is answered, worked out anew, and the statements about check-ins that a database had for it."""
    forget_figures()
    with CaptureQueriesContext(connections[alias]) as captured:
        data = data_of(signed_in(user).get(f"/api/v1/analytics/{call}"))
    statements = [one["sql"] for one in captured if 'FROM "check_ins"' in one["sql"]]
    return data, statements


def test_figures_come_from_a_replica_that_has_come_as_far(copy: Copy, alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    make_check_in(bob, porch)
    copy.catch_up()

    for call in calls(porch):
        of_copy, statements = asked("replica", alice, call)
        assert statements, call
        assert asked("default", alice, call) == (of_copy, []), call


def test_one_that_is_behind_is_not_asked_for_them(copy: Copy, alice: User, porch: Group) -> None:
    copy.catch_up()
    make_check_in(alice, porch)

    for call in calls(porch):
        assert asked("replica", alice, call)[1] == [], call
        assert asked("default", alice, call)[1] != [], call
    assert asked("default", alice, "personal")[0]["series"][-1]["checkIns"] == 1


def test_what_has_become_private_is_in_no_figure_though_the_replica_does_not_know(
    copy: Copy, alice: User, bob: User, porch: Group
) -> None:
    for person in (alice, bob):
        make_check_in(person, porch)
    copy.catch_up()
    before = asked("replica", alice, f"group/{porch.pk}")[0]
    data_of(signed_in(bob).put("/api/v1/users/profile", {"privacySettings": {"scores": "private"}}))

    after = asked("replica", alice, f"group/{porch.pk}")[0]
    assert before["series"][-1]["averages"]["huCares"] is not None
    assert after["series"][-1]["averages"]["huCares"] is None


def test_while_it_is_away_the_database_is_asked(
    copy: Copy, alice: User, porch: Group, caplog: pytest.LogCaptureFixture
) -> None:
    make_check_in(alice, porch)
    copy.catch_up()
    copy.cut_off()

    data, statements = asked("default", alice, "personal")

    assert data["series"][-1]["checkIns"] == 1
    assert statements
    assert "The replica is away" in caplog.text


def test_nothing_is_written_there(copy: Copy, alice: User, porch: Group) -> None:
    copy.catch_up()
    with CaptureQueriesContext(connections["replica"]) as captured:
        make_check_in(alice, porch)
        data_of(signed_in(alice).get(f"/api/v1/analytics/group/{porch.pk}"))
    assert not [one["sql"] for one in captured if not one["sql"].startswith("SELECT")]


def test_the_settings_name_it_and_migrations_leave_it_alone() -> None:
    shown = run_fresh(
        "-c",
        "import django; django.setup()\n"
        "from django.db import connections, router\n"
        "host = connections['replica'].settings_dict['HOST']\n"
        "print([*connections], host, router.allow_migrate('replica', 'accounts'))",
        DATABASE_URL="postgres://hucares:x@primary.example/hucares",
        DATABASE_REPLICA_URL="postgres://hucares:x@replica.example/hucares",
    )
    assert shown.stdout == "['default', 'replica'] replica.example False\n"
    assert connection.alias == "default"
