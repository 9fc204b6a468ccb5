"""`manage.py run_worker`: does what is not done in requests."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hucares import worker


class Command(BaseCommand):
    """Runs the loop of `hucares.worker` until it is told to end."""

    help = (
        "Sends mails and does what recurs, until SIGTERM or SIGINT (Ctrl-C). Run one beside the servers wherever "
        "DATABASE_URL names a PostgreSQL database or REDIS_URL is set; a second one does no harm. On the embedded "
        "default (neither) the server does this itself."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A plain flag: an Event has a lock, which the signal handler might wait for while its own thread holds it.
        self._stopped = False

    def add_arguments(self, parser: CommandParser) -> None:
        """One choice."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end (for cron)")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Work."""
        if once:
            worker.run_once()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.stdout.write("The worker is running. Ctrl-C ends it.")
        self.stdout.flush()
        worker.run(lambda: self._stopped)
        self.stdout.write("The worker has ended.")

    def stop(self, number: int, frame: FrameType | None) -> None:
        """End after the job under way; a second signal ends at once."""
        self._stopped = True
        signal.signal(number, signal.SIG_DFL)
