"""python -m benchmarks.admin: what the admin's pages cost with few people, and with a hundred thousand."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks.analytics.__main__ import move_in, seconds_of
from benchmarks.realtime.report import aligned, machine
from benchmarks.realtime.world import World, world
from hucares.testing.private_server import ServerUnavailable

if TYPE_CHECKING:
    from django.test import Client

FRIENDS = 10
WEEKS = 52
MILLISECONDS = 1000.0

# Of everybody, what was left in the last days: ten notifications, three sockets that have closed.
TRACES = """
    INSERT INTO notifications (id, user_id, type, title, message, data, is_read, is_sent, created_at, expires_at)
    SELECT gen_random_uuid(), id, 'friend_check_in', 'A friend checked in', '', '{}', true, true,
           now() - day * interval '1 day', now() + interval '20 days'
    FROM users, generate_series(1, 10) AS day;
    INSERT INTO user_sessions (id, user_id, socket_id, connected_at, last_heartbeat, closed_at)
    SELECT gen_random_uuid(), id, 'specific.' || id || day, now() - day * interval '1 day', now(), now()
    FROM users, generate_series(1, 3) AS day;
    INSERT INTO group_events (group_id, seq, event, data, created_at)
    SELECT id, seq, 'checkin-submitted', '{}', now() - seq * interval '1 hour'
    FROM groups, generate_series(1, 40) AS seq;
    ANALYZE
"""


# Their indexes and what is beside the rows included.
SIZES = """
    SELECT relname, pg_total_relation_size(oid) / reltuples FROM pg_class
    WHERE relname = ANY(ARRAY['users', 'check_ins', 'notifications', 'group_events', 'sign_in_sessions'])
    ORDER BY relname
"""


def main() -> int:
    """Measure, and tell. 0; 2 if it could not be measured."""
    options = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="hucares-benchmark-") as name, world(Path(name), FRIENDS, 10) as place:
            print(compared(place, options.people, options.times))
    except ServerUnavailable as problem:
        print(f"benchmark: it could not be measured: {problem}.", file=sys.stderr)
        return 2
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What the admin's pages cost, with few people and with many.")
    parser.add_argument("--people", type=int, default=100_000, help="people, who check in for a year (100000)")
    parser.add_argument("--times", type=int, default=10, help="how often each page is asked for (10)")
    return parser.parse_args()


def compared(place: World, people: int, times: int) -> str:
    """Both measurements, side by side."""
    from checkins.models import CheckIn

    staff, pages = browser(), pages_of(place)
    before = {page: cost(staff, page, times) for page in pages}
    move_in(people, known=[], weeks=WEEKS)
    leave_traces()
    many = CheckIn.objects.count()
    rows: list[tuple[str, ...]] = [("page", f"ms with {FRIENDS} people", f"ms with {people:,}", "ratio")]
    for page, name in pages.items():
        after = cost(staff, page, times)
        rows.append((name, f"{before[page]:.1f}", f"{after:.1f}", f"{after / before[page]:.2f}"))
    sizes = ", ".join(f"{name} {size:.0f}" for name, size in bytes_a_row())
    title = f"{machine()}; medians of {times}; {many:,} check-ins"
    return "\n".join([title, *aligned(rows), f"bytes a row: {sizes}"])


def browser() -> Client:
    """A superuser's."""
    from django.test import Client

    from accounts.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser("staff@example.com", "Correct1horse"))
    return client


def pages_of(place: World) -> dict[str, str]:
    """Their addresses, and what they are called here."""
    from django.apps import apps
    from django.contrib import admin

    from hucares.admin import address_of_list

    models = [model for model in apps.get_models() if admin.site.is_registered(model)]
    lists = {address_of_list(model): f"{model._meta.verbose_name_plural}" for model in models}
    circle, known = place.circles[0], {model.__name__: address_of_list(model) for model in models}
    of_somebody = urlencode({"user__exact": str(circle.members[0])})
    return {
        "/admin/": "the first page",
        **lists,
        f"{known['User']}?q=zzz": "users, searched for nobody",
        f"{known['User']}?created_at__gte=2000-01-01T00:00:00Z": "users by date",
        f"{known['CheckIn']}?q=nobody": "check-ins, searched for nobody",
        f"{known['CheckIn']}?is_private__exact=1": "check-ins that are private (there are none)",
        f"{known['CheckIn']}?{of_somebody}": "check-ins of somebody",
        f"{known['Notification']}?{of_somebody}": "notifications of somebody",
        f"{known['Membership']}?q=nobody": "memberships, searched for nobody",
        f"{known['User']}{circle.members[0]}/change/": "somebody's page",
        f"{known['Group']}{circle.group_id}/change/": "a group's page",
    }


def leave_traces() -> None:
    """What comes of people being there."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(TRACES)


def bytes_a_row() -> list[tuple[str, float]]:
    """What a row of the tables that grow takes on the disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        return [(name, size) for name, size in cursor.fetchall()]


def cost(client: Client, page: str, times: int) -> float:
    """Milliseconds at the median, without what is remembered."""
    return median(seconds_of(asking(client, page)) for _ in range(times)) * MILLISECONDS


def asking(client: Client, page: str) -> Callable[[], None]:
    """Asks for a page anew."""
    from hucares.remembering import forget_everything

    def ask() -> None:
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)

    forget_everything()
    return ask


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    sys.exit(main())
