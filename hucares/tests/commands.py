"""Management commands in processes of their own, as cron and service managers start them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from hucares.tests.fresh_process import ROOT
from hucares.tests.served_process import database_url

Start = Callable[..., "subprocess.Popen[str]"]


@contextlib.contextmanager
def processes_of(command: str) -> Iterator[Start]:
    """Gives what starts the command on the test's database, and sees to it that none outlives the block."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, email_url: str, stdin: str = "") -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", command, *arguments],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": email_url},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        pipe = started[-1].stdin
        assert pipe is not None
        pipe.write(stdin)
        pipe.close()
        started[-1].stdin = None  # so that nobody closes it once more
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()
