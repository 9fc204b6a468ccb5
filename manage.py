#!/usr/bin/env python
"""Django's command line for HuCares."""

import os
import sys


def main() -> None:
    """Run one management command; a wrong setting is told in one sentence (exit code 2)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hucares.settings")
    from django.core.management import execute_from_command_line

    from hucares.env import SettingError

    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        print(f"hucares: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
