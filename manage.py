#!/usr/bin/env python
"""Django's command line for HuCares."""

import os
import sys


def main() -> None:
    """Run one management command; a wrong setting (exit code 2) or a database that is away (1) is one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    from hucares.env import SettingError

    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        print(f"hucares: {error}", file=sys.stderr)
        sys.exit(2)
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        print(f"hucares: the database is away, or not up to date (manage.py migrate): {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
