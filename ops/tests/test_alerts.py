"""Each alert fires beyond its bound, and is silent at it; its figures are ones that the server tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hucares.tests.fresh_process import run_fresh
from ops.tests.promql import Query, Series

FOLDER = Path(__file__).resolve().parents[1] / "prometheus"
RULES = {rule["alert"]: rule for rule in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]}
NOW = 1_800_000_000.0
HOUR = 3600
OF_OTHERS = re.compile(r"up|node_filesystem_\w+")  # Prometheus' own, and the node exporter's


def gauge(name: str, value: float, **labels: str) -> Series:
    return Series(name, labels, lambda now: value)


def counter(name: str, per_second: float, **labels: str) -> Series:
    return Series(name, labels, lambda now: 1000 + (now - NOW + 10 * HOUR) * per_second)


def histogram(name: str, buckets: dict[str, float], **labels: str) -> list[Series]:
    """So many a second up to each bound."""
    return [counter(f"{name}_bucket", per_second, le=bound, **labels) for bound, per_second in buckets.items()]


def requests(failed: float) -> list[Series]:
    """A thousand requests a second, some of which fail."""
    name = "hucares_http_requests_total"
    return [
        counter(name, 1000 - failed, route="/a", method="GET", status="200"),
        counter(name, failed / 2, route="/a", method="GET", status="500"),
        counter(name, failed / 2, route="/b", method="GET", status="503"),
    ]


def answers(within: float) -> list[Series]:
    """A hundred answers a second, so many within 200 ms. What is no part of the API is slow, and does not count."""
    api = {"route": "/api/v1/groups", "method": "GET"}
    page = {"route": "/admin/", "method": "GET"}
    name = "hucares_http_request_seconds"
    return [
        *histogram(name, {"0.1": 10, "0.2": within, "0.5": 100, "+Inf": 100}, **api),
        *histogram(name, {"0.1": 0, "0.2": 0, "0.5": 0, "+Inf": 9000}, **page),
    ]


def news(within: float) -> list[Series]:
    buckets = {"0.025": 10, "0.05": within, "0.1": 100, "+Inf": 100}
    return histogram("hucares_publish_to_send_seconds", buckets)


def disk(free: float) -> list[Series]:
    place = {"mountpoint": "/", "fstype": "ext4"}
    return [
        gauge("node_filesystem_avail_bytes", free, **place),
        gauge("node_filesystem_size_bytes", 100, **place),
        gauge("node_filesystem_avail_bytes", 0, mountpoint="/run", fstype="tmpfs"),
        gauge("node_filesystem_size_bytes", 100, mountpoint="/run", fstype="tmpfs"),
    ]


def one(name: str, **labels: str) -> Callable[[float], list[Series]]:
    return lambda value: [gauge(name, value, **labels)]


def rising(name: str, **labels: str) -> Callable[[float], list[Series]]:
    return lambda value: [counter(name, value, **labels)]


BACKUP = "hucares_last_backup_timestamp_seconds"
COPY = "hucares_last_backup_copy_timestamp_seconds"
# What it is about, a value at which it is silent, and one at which it fires.
CASES: dict[str, tuple[Callable[[float], list[Series]], float, float]] = {
    "ServerIsAway": (one("up", job="hucares"), 1, 0),
    "AnswersFail": (requests, 1, 1.1),
    "AnswersAreSlow": (answers, 95, 94.9),
    "NewsIsLate": (news, 95, 94.9),
    "NewsIsNotPublished": (rising("hucares_publishes_failed_total"), 0, 0.01),
    "MailsWait": (one("hucares_mails_oldest_due_seconds"), 600, 601),
    "MailsFail": (one("hucares_mails_failing"), 20, 21),
    "MailsAreStuck": (one("hucares_mails_stuck"), 0, 1),
    "WorkIsNotDone": (one("hucares_jobs_overdue_seconds"), 900, 901),
    "PushesWait": (one("hucares_pushes_oldest_due_seconds"), 600, 601),
    "BackupIsOld": (one(BACKUP), NOW - 26 * HOUR, NOW - 26 * HOUR - 1),
    "BackupCopyIsOld": (one(COPY), NOW - 26 * HOUR, NOW - 26 * HOUR - 1),
    "DiskFillsUp": (disk, 10, 9.9),
    "SignInsFail": (rising("hucares_sign_ins_failed_total", way="password"), 1, 1.1),
}


def fires(alert: str, series: list[Series]) -> bool:
    value = Query(RULES[alert]["expr"], series, NOW).value()
    assert isinstance(value, list)
    return bool(value)


def test_every_alert_has_its_case() -> None:
    assert RULES.keys() == CASES.keys()


@pytest.mark.parametrize("alert", CASES)
def test_it_fires_beyond_its_bound_and_not_at_it(alert: str) -> None:
    about, silent, loud = CASES[alert]

    assert not fires(alert, about(silent))
    assert fires(alert, about(loud))


@pytest.mark.parametrize("alert", [alert for alert in CASES if alert != "BackupIsOld"])
def test_without_figures_it_is_silent(alert: str) -> None:
    """But a server that does not answer is told of, and a backup that nobody has heard of."""
    assert not fires(alert, [])


def test_without_any_backup_it_fires() -> None:
    assert fires("BackupIsOld", [])


def test_of_several_servers_the_worst_counts() -> None:
    waiting = [gauge("hucares_mails_oldest_due_seconds", value, instance=str(value)) for value in (0, 601)]
    backups = [gauge(BACKUP, NOW - hours * HOUR, instance=str(hours)) for hours in (1, 40)]

    assert fires("MailsWait", waiting)
    assert not fires("BackupIsOld", backups)


@pytest.mark.parametrize("alert", RULES)
def test_it_says_what_to_do_and_how_bad_it_is(alert: str) -> None:
    rule: dict[str, Any] = RULES[alert]

    assert re.fullmatch(r"\d+m", rule["for"])
    assert rule["labels"]["severity"] in {"page", "warn"}
    assert rule["annotations"].keys() == {"summary", "description"}
    assert all(text.endswith(".") for text in rule["annotations"].values())


def test_its_figures_are_ones_that_the_server_tells() -> None:
    tell = (
        "import django; django.setup()\n"
        "import hucares.asgi\n"
        "from hucares.metrics import REGISTRY\n"
        "from hucares.states import STATES\n"
        "for family in REGISTRY.collect():\n"
        "    suffixes = {'counter': ['_total'], 'histogram': ['_bucket']}.get(family.type, [''])\n"
        "    print(*(family.name + suffix for suffix in suffixes))\n"
        "print(*STATES)\n"
    )
    told = set(run_fresh("-c", tell, DEBUG="1").stdout.split())
    used = {
        name for rule in RULES.values() for name in re.findall(r"\b(?:hucares|node|up)\w*", without_texts(rule["expr"]))
    }

    assert len(used) >= len(RULES)
    assert {name for name in used if not OF_OTHERS.fullmatch(name)} <= told


def without_texts(expression: str) -> str:
    """An expression without the values of its labels."""
    return re.sub(r'"[^"]*"', "", expression)


def test_the_example_of_prometheus_reads_the_rules_and_the_job_that_they_name() -> None:
    document = yaml.safe_load((FOLDER / "prometheus.yml").read_text())

    assert document["rule_files"] == ["alerts.yml"]
    assert [job["job_name"] for job in document["scrape_configs"]] == ["hucares", "node"]
