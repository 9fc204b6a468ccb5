"""`manage.py run_worker`: does what is not done in requests."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hucares import worker
from hucares.stopping import Stop


class Command(BaseCommand):
    """Runs the loop of `hucares.worker` until it is told to end."""

    help = (
        "Sends mails and does what recurs, until SIGTERM or SIGINT (Ctrl-C). Run one beside the servers wherever "
        "DATABASE_URL names a PostgreSQL database or REDIS_URL is set; a second one does no harm. On the embedded "
        "default (neither) the server does this itself. A job that fails is in the log, and tried again. The exit code "
        "is 0 once it has ended."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One choice."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end (for cron)")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Work."""
        if once:
            worker.run_once()
            return
        stop = Stop()
        stop.listen()
        self.stdout.write("The worker is running. Ctrl-C ends it.")
        self.stdout.flush()
        worker.run(stop)
        self.stdout.write("The worker has ended.")
