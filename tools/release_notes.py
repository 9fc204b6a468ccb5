"""The notes of a release: `python tools/release_notes.py 1.2.0` prints that version's section of CHANGELOG.md.

Exit codes: 0; 1 if there is no such section, or nothing in it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def main(version: str) -> int:
    """Print the section."""
    notes = notes_of(version, CHANGELOG.read_text())
    if not notes:
        print(f"CHANGELOG.md says nothing of {version}.", file=sys.stderr)
        return 1
    print(notes)
    return 0


def notes_of(version: str, changelog: str) -> str:
    """What stands below a version's heading (`## 1.2.0`, `## [1.2.0] - 2026-03-25`), up to the next one."""
    heading = re.compile(rf"^## \[?{re.escape(version)}\]?(?: .*)?$", re.MULTILINE)
    found = heading.search(changelog)
    if found is None:
        return ""
    return re.split(r"^## ", changelog[found.end() :], maxsplit=1, flags=re.MULTILINE)[0].strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]) if len(sys.argv) == 2 else __doc__)
