"""python -m benchmarks.analytics: what figures cost with few check-ins in the table, and with many of strangers."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.realtime.report import aligned, machine
from benchmarks.realtime.world import World, world
from hucares.testing.private_server import ServerUnavailable

if TYPE_CHECKING:
    from accounts.models import User
    from groups.models import Group

FRIENDS = 10
YEARS = 2
WEEKS_OF_STRANGERS = 500
PEOPLE_AT_ONCE = 5_000
MILLISECONDS = 1000.0

Calls = dict[str, Callable[[], Any]]

# Others check in week by week, everybody in the same order, as it happens in life. Nothing is checked while millions of
# rows go in: they are right.
STRANGERS = """
    INSERT INTO check_ins (id, user_id, group_id, week_start_date, period_end, closes_at, check_in_date, submitted_at,
                           updated_at, productive_score, satisfied_score, body_score, care_score, is_private)
    SELECT gen_random_uuid(), user_id, group_id, monday, monday + 6, monday + 7, monday + 3, monday + 3, monday + 3,
           1 + random() * 9, 1 + random() * 9, 1 + random() * 9, 1 + random() * 9, false
    FROM group_memberships, generate_series(1, %(weeks)s) AS ago,
         CAST(date_trunc('week', current_date - 7 * (ago - 1)) AS date) AS monday
    WHERE user_id <> ALL(%(known)s::uuid[])
    ORDER BY monday
"""


def main() -> int:
    """Measure, and tell. 0; 2 if it could not be measured."""
    options = arguments()
    strangers = -(-options.rows // (WEEKS_OF_STRANGERS * FRIENDS)) * FRIENDS
    try:
        with (
            tempfile.TemporaryDirectory(prefix="hucares-benchmark-") as name,
            world(Path(name), FRIENDS, FRIENDS) as place,
        ):
            print(compared(place, strangers, options.times))
    except ServerUnavailable as problem:
        print(f"benchmark: it could not be measured: {problem}.", file=sys.stderr)
        return 2
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What figures cost, with few check-ins in the table and with many.")
    parser.add_argument("--rows", type=int, default=10_000_000, help="other people's check-ins (10000000)")
    parser.add_argument("--times", type=int, default=100, help="how often each figure is worked out (100)")
    return parser.parse_args()


def compared(place: World, strangers: int, times: int) -> str:
    """Both measurements, side by side."""
    from checkins.models import CheckIn

    alice, group = befriend(place)
    calls = calls_of(alice, group)
    few, with_few = CheckIn.objects.count(), measured(calls, times)
    move_in(strangers, known=[member for circle in place.circles for member in circle.members])
    many, with_many = CheckIn.objects.count(), measured(calls, times)
    rows: list[tuple[str, ...]] = [("figures", "statements", f"ms at {few:,} rows", f"ms at {many:,}", "ratio")]
    for name in calls:
        (statements, before), (_, after) = with_few[name], with_many[name]
        rows.append((name, str(statements), f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f}"))
    return "\n".join([f"{machine()}; medians of {times}", *aligned(rows)])


def befriend(place: World) -> tuple[User, Group]:
    """Everybody in the one group has checked in each week for years."""
    from django.db import connection

    from groups.models import Group

    with connection.cursor() as cursor:
        cursor.execute(STRANGERS, {"weeks": YEARS * 52, "known": []})
        cursor.execute("ANALYZE")
    group = Group.objects.select_related("created_by").get(pk=place.circles[0].group_id)
    assert group.created_by is not None
    return group.created_by, group


def calls_of(alice: User, group: Group) -> Calls:
    """What is asked for, worked out anew each time."""
    from django.utils import timezone

    from analytics.comparison import comparison_of
    from analytics.group import group_figures
    from analytics.insights.history import history_of
    from analytics.personal import personal_figures
    from analytics.places import places_of
    from analytics.weeks import Weeks

    now = timezone.now()
    weeks = Weeks.until(now, "UTC", 12)
    return {
        "personal": lambda: personal_figures(alice, weeks, now, places_of(alice), None),
        "personal, one group": lambda: personal_figures(alice, weeks, now, places_of(alice, group.pk), group.pk),
        "group": lambda: group_figures(group, weeks),
        "comparison": lambda: comparison_of(alice, [group], weeks),
        "insights": lambda: history_of(alice, weeks, now, places_of(alice), None),
        "insights, one group": lambda: history_of(alice, weeks, now, places_of(alice, group.pk), group.pk),
    }


def move_in(strangers: int, known: list[Any], weeks: int = WEEKS_OF_STRANGERS) -> None:
    """People of whom the friends know nothing, with the check-ins of so many weeks."""
    from django.db import connection

    from benchmarks.realtime.world import seed

    while strangers > 0:
        seed(min(strangers, PEOPLE_AT_ONCE) // FRIENDS, FRIENDS)
        strangers -= PEOPLE_AT_ONCE
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no foreign key is looked up for each row
        cursor.execute(STRANGERS, {"weeks": weeks, "known": known})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE)")


def measured(calls: Calls, times: int) -> dict[str, tuple[int, float]]:
    """(statements, milliseconds at the median) of each."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    figures = {}
    for name, call in calls.items():
        with CaptureQueriesContext(connection) as captured:
            call()
        figures[name] = (len(captured), median(seconds_of(call) for _ in range(times)) * MILLISECONDS)
    return figures


def seconds_of(call: Callable[[], Any]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    sys.exit(main())
