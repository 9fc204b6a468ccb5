"""The pytest plugin that gives the tests safe settings and servers, before Django reads its settings.

`HUCARES_TEST_EMBEDDED=1` runs them on the embedded default instead. Otherwise `DATABASE_URL` and `REDIS_URL`
are used where set, and private servers are started where not; workers of xdist inherit the environment.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any
from urllib.parse import urlsplit

import pytest

from hucares.testing.private_server import PrivateServer, ServerUnavailable
from hucares.testing.servers import PrivatePostgres, PrivateRedis

SAFE_VALUES = {
    "SECRET_KEY": "for-tests-only-django-secret-key-0123456789abcdef",
    "JWT_ACCESS_SECRET": "for-tests-only-access-token-secret-0123456789abcdef",
    "JWT_REFRESH_SECRET": "for-tests-only-refresh-token-secret-0123456789abcdef",
    "PIN_PEPPER": "for-tests-only-pin-pepper-0123456789abcdef-0123456789",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "EMAIL_URL": "consolemail://",
    "THROTTLE_SCALE": "0",
    "DRAIN_SECONDS": "0",
    "PUBLIC_URL": "http://testserver",
    "DJANGO_SETTINGS_MODULE": "hucares.settings",
}
SERVERS: dict[str, type[PrivateServer]] = {"DATABASE_URL": PrivatePostgres, "REDIS_URL": PrivateRedis}
NOT_RUN = "not run on the embedded default: these need PostgreSQL, Redis or several processes"

not_run_key = pytest.StashKey[list[str]]()
header_key = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the environment; pytest-django reads the settings in this same hook, after us."""
    early_config.addinivalue_line(
        "markers", "needs_servers: needs PostgreSQL, Redis or several processes, not the embedded default"
    )
    early_config.addinivalue_line("markers", "asks_no_database: the same on whatever the tests run; once is enough")
    early_config.stash[not_run_key] = []
    set_safe_values(early_config)
    options = early_config.known_args_namespace
    if embedded():
        for variable in SERVERS:
            forget(variable)
        early_config.stash[header_key] = "embedded default (SQLite, in-process layer)"
    elif not (options.help or options.version):
        early_config.stash[header_key] = ", ".join([provide(early_config, name) for name in SERVERS])


def embedded() -> bool:
    """Whether this run is on the embedded default."""
    return os.environ.get("HUCARES_TEST_EMBEDDED") == "1"


def set_safe_values(config: pytest.Config) -> None:
    """Give every setting the tests need a value, without overruling the caller's."""
    for name, value in SAFE_VALUES.items():
        os.environ.setdefault(name, value)
    if "MEDIA_ROOT" not in os.environ:
        os.environ["MEDIA_ROOT"] = media = tempfile.mkdtemp(prefix="hucares-test-media-")
        config.add_cleanup(lambda: forget("MEDIA_ROOT"))
        config.add_cleanup(lambda: shutil.rmtree(media, ignore_errors=True))


def forget(variable: str) -> None:
    """Take out of the environment what no longer exists, for a later run in the same process."""
    os.environ.pop(variable, None)


def provide(config: pytest.Config, variable: str) -> str:
    """Make sure that the variable names a server, and say in a few words which."""
    given = os.environ.get(variable)
    url = of_worker(without_kept_connections(given or start_server(config, variable)))
    os.environ[variable] = url
    return f"{place(url)} ({variable if given else 'private'})"


def start_server(config: pytest.Config, variable: str) -> str:
    """Start the server a variable should name; pytest's clean-up stops it, even when Django cannot load."""
    server = SERVERS[variable]()
    config.add_cleanup(server.stop)
    config.add_cleanup(lambda: forget(variable))
    try:
        return server.start()
    except ServerUnavailable as error:
        raise pytest.UsageError(str(error)) from error


def without_kept_connections(url: str) -> str:
    """PostgreSQL cannot drop a test database that a thread's kept connection still uses."""
    if not url.startswith(("postgres", "psql", "pgsql")) or "conn_max_age=" in url.lower():
        return url
    return f"{url}{'&' if '?' in url else '?'}conn_max_age=0"


def of_worker(url: str) -> str:
    """Each worker of xdist counts and tells in a Redis database of its own, as Django gives it one of PostgreSQL's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker.startswith("gw") or not url.startswith("redis"):
        return url
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + int(worker.removeprefix("gw")) + 1
    return parts._replace(path=f"/{number}").geturl()


def place(url: str) -> str:
    """A URL's scheme, host, port and path; only the scheme if a password might hide in the others."""
    scheme = url.partition(":")[0]
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return scheme
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return scheme
    return f"{scheme}://{parts.hostname or ''}{port}{parts.path}"


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what the tests run on."""
    header = config.stash.get(header_key, None)
    return f"tests run on: {header}" if header else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out, on the embedded default, what cannot run there."""
    if not embedded():
        return
    left_out = [item for item in items if item.get_closest_marker("needs_servers")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("needs_servers")]
        config.hook.pytest_deselected(items=left_out)
        config.stash[not_run_key] = [item.nodeid for item in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tests are collected in xdist's workers, and the summary is written by their controller."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["hucares_not_run"] = session.config.stash[not_run_key]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over a worker's list; every worker collects the same tests."""
    listed = getattr(node, "workeroutput", {}).get("hucares_not_run")
    if listed:
        node.config.stash[not_run_key] = listed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what was not run, so that a green embedded run does not claim too much."""
    not_run = config.stash.get(not_run_key, [])
    if not_run:
        terminalreporter.section(NOT_RUN)
        for node_id in sorted(not_run):
            terminalreporter.write_line(node_id)
