"""Which packages have known weaknesses: `make audit`. A report, which fails nothing.

Advisory services cannot be reached from everywhere, and a weakness that is found today is no fault of today's change.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SECONDS = 60
COMMAND = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]


def main() -> int:
    """Ask about every package of this environment, for a minute at most. 0, whatever comes of it."""
    try:
        done = subprocess.run(COMMAND, timeout=SECONDS, capture_output=True, text=True, check=False)
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        print(f"The advisory service did not answer within {SECONDS} seconds: nothing is known of today's weaknesses.")
    except (ValueError, LookupError, TypeError):
        print(
            "The advisory service could not be asked:", (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        )
    else:
        print("\n".join(report(packages)))
    return 0


def report(packages: list[dict[str, Any]]) -> list[str]:
    """A line for each weakness, and how many packages were looked up at all."""
    lines = [
        f"{package['name']} {package['version']}: {weakness['id']}, {mended(weakness['fix_versions'])}"
        for package in packages
        for weakness in package.get("vulns", [])
    ]
    unknown = sum(1 for package in packages if "skip_reason" in package)
    lines.append(
        f"{len(lines)} known weaknesses in {len(packages) - unknown} packages; {unknown} could not be looked up."
    )
    return lines


def mended(versions: list[str]) -> str:
    """Where a weakness is gone."""
    return f"mended in {', '.join(versions)}" if versions else "not mended yet"


if __name__ == "__main__":
    sys.exit(main())
