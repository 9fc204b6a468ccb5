"""Whether the version before could still run beside each migration: `make lint-migrations`.

During a rollout the database is migrated first, and servers of both versions run for a while. So a migration may
neither take anything away that the earlier version uses, nor demand anything that it does not give. Rules and judgement
are those of django-migration-linter, on the SQL for PostgreSQL; a warning (an index that is built while writers wait)
is told and passes. Exit codes: 0, or 1 if a migration breaks the version before.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "groups", "checkins", "analytics", "notifications", "realtime"]


def main() -> int:
    """Lint the migrations of every app of ours."""
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    from hucares.testing.servers import PrivatePostgres

    with PrivatePostgres() as server:  # asked for its version alone
        os.environ |= {"DATABASE_URL": server.url, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "hucares.settings"}
        import django
        from django.db import connections
        from django_migration_linter import MigrationLinter

        django.setup()
        logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
        linter = MigrationLinter(str(ROOT), include_apps=APPS, no_cache=True)
        linter.lint_all_migrations()
        linter.print_summary()
        connections.close_all()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
