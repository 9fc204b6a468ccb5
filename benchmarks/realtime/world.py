"""Where a run takes place: a database and a Redis of its own, with people in groups of ten."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import django
import psycopg
import redis
from django.core.management import call_command

from benchmarks.realtime.dialects import Person
from benchmarks.realtime.publisher import Circle, name_of
from hucares.testing.servers import PrivatePostgres, PrivateRedis

SECRETS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")
PEER_TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class World:
    """Everything that both servers need."""

    environment: dict[str, str]
    redis_url: str
    peer_secret: str
    circles: list[Circle]

    def people_of_hucares(self) -> list[Person]:
        """Everybody, with a fresh access token."""
        from accounts.models import Session
        from accounts.tokens import access_token

        tokens = {row.user_id: access_token(row) for row in Session.objects.select_related("user")}
        return self.people(tokens)

    def people_of_the_peer(self) -> list[Person]:
        """Everybody, with a token for the other server."""
        import time

        import jwt

        expires = int(time.time()) + PEER_TOKEN_SECONDS
        tokens = {
            member: jwt.encode(
                {"userId": str(member), "groups": [str(circle.group_id)], "exp": expires}, self.peer_secret, "HS256"
            )
            for circle in self.circles
            for member in circle.members
        }
        return self.people(tokens)

    def people(self, tokens: dict[UUID, str]) -> list[Person]:
        """Members of one group are not neighbours, so that those who come in together are strangers."""
        members = [
            Person(tokens[member], str(circle.group_id), group)
            for group, circle in enumerate(self.circles)
            for member in circle.members
        ]
        each = len(self.circles[0].members)
        return [person for first in range(each) for person in members[first::each]]

    def redis_cpu(self) -> float:
        """Seconds of CPU that Redis has used."""
        with contextlib.closing(redis.Redis.from_url(self.redis_url)) as client:
            info = client.info("cpu")
        assert isinstance(info, dict)
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])

    def set_heads(self, heads: list[int]) -> None:
        """Let the groups' logs end with these numbers, for sockets that join again."""
        from realtime.models import GroupLog

        for circle, head in zip(self.circles, heads, strict=True):
            GroupLog.objects.filter(group=circle.group_id).update(head=head)


@contextlib.contextmanager
def world(folder: Path, sockets: int, per_group: int, postgres_options: Sequence[str] = ()) -> Iterator[World]:
    """A world that is gone afterwards. `DATABASE_URL` and `REDIS_URL` name the servers, else private ones start.

    A private PostgreSQL gets the options that are given.
    """
    with contextlib.ExitStack() as stack:
        redis_url = os.environ.get("REDIS_URL") or stack.enter_context(PrivateRedis()).url
        postgres = PrivatePostgres(options=postgres_options)
        server_url = os.environ.get("DATABASE_URL") or stack.enter_context(postgres).url
        database_url = stack.enter_context(scratch_database(server_url))
        environment = environment_for(database_url, redis_url, folder)
        os.environ.update(environment)
        django.setup()
        stack.callback(close_connections)
        call_command("migrate", verbosity=0)
        yield World(environment, redis_url, secrets.token_urlsafe(48), seed(sockets // per_group, per_group))


@contextlib.contextmanager
def scratch_database(server_url: str) -> Iterator[str]:
    """A new database on this server; the URL of it. It is dropped afterwards."""
    name = f"hucares_benchmark_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def environment_for(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """The settings of a production server."""
    return {
        **{name: secrets.token_urlsafe(48) for name in SECRETS},
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "hucares.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DRAIN_SECONDS": "0",
        "EMAIL_URL": "consolemail://",
        "MEDIA_ROOT": str(folder),
    }


def seed(groups: int, per_group: int) -> list[Circle]:
    """People who are signed in, each in one group. Rows alone: nobody is told of anything."""
    from accounts.models import Session, User
    from groups.models import Group, Membership, MembershipSpan
    from realtime.models import GroupLog

    circles = []
    for number in range(groups):
        people = [User() for _ in range(per_group)]
        for user in people:
            user.username = name_of(user.pk)
            user.email = f"{user.username}@example.com"
            user.set_unusable_password()
        group = Group(name=f"Group {number}", member_count=per_group, created_by=people[0])
        memberships = [Membership(user=user, group=group) for user in people]
        User.objects.bulk_create(people)
        Session.objects.bulk_create([Session(user=user) for user in people])
        Group.objects.bulk_create([group])
        Membership.objects.bulk_create(memberships)
        MembershipSpan.objects.bulk_create([MembershipSpan(membership=row) for row in memberships])
        GroupLog.objects.bulk_create([GroupLog(group=group)])
        circles.append(Circle(group.pk, [user.pk for user in people]))
    return circles


def close_connections() -> None:
    """Let go of the database."""
    from django.db import connections

    connections.close_all()
