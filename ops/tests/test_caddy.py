"""The outer wall that the proxy is: it lets through what the server answers in words."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from hucares.http.request_body import DISCARD_LIMIT

CADDYFILE = (Path(__file__).resolve().parents[1] / "caddy" / "Caddyfile").read_text()
BOUND = 16_000_000


def test_its_two_bounds_on_a_body_are_one() -> None:
    (pattern,) = re.findall(r"header_regexp Content-Length (\S+)", CADDYFILE)
    for length in (0, 999, BOUND - 1, 9_999_999, 10_000_000):
        assert not re.fullmatch(pattern, str(length))
    for length in (BOUND, BOUND + 1, 20_000_000, 99_999_999, 100_000_000, 10**15):
        assert re.fullmatch(pattern, str(length))
    assert f"max_size {BOUND // 10**6}MB" in CADDYFILE


def test_what_it_lets_through_the_server_reads_to_its_end() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < BOUND < DISCARD_LIMIT
