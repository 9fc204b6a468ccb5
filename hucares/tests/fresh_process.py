"""Python in a process of its own, with an environment that holds what the test gives it and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    name: f"for-tests-only-{name}-0123456789abcdef-0123456789"
    for name in ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")
}
# Prints status, body and headers of one request.
ASK = """
import json, sys, django
django.setup()
from django.test import Client
response = Client(raise_request_exception=False).get(sys.argv[1], secure=sys.argv[2] == "https")
print(json.dumps([response.status_code, response.content.decode(), dict(response.headers)]))
"""


def run_fresh(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python …` with sound secrets and the variables given; an empty one is as good as none."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "hucares.settings", **SECRETS, **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
