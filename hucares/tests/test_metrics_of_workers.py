"""Figures of several processes: whichever tells them, it tells the sum, and nothing of them is left at the end."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hucares.tests.figures import TOKEN, Figures
from hucares.tests.served_process import WAIT_SECONDS, Serve, Server, servers, until
from hucares.tests.test_serve_workers import TWO, alive, workers

COUNTING = "hucares.tests.counting_app:application"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where servers find room for temporary files."""
    made = tmp_path / "place"
    made.mkdir()
    return made


@pytest.fixture
def serve(place: Path) -> Iterator[Serve]:
    with servers() as make:
        yield lambda **variables: make(COUNTING, **{"METRICS_TOKEN": TOKEN, "TMPDIR": str(place), **variables})


def scrape(server: Server) -> tuple[str, Figures]:
    """(the process that answered, what it told)."""
    first, _, text = server.get("/metrics").partition("\n")
    return first.removeprefix("# "), Figures(text)


def count(server: Server) -> Counter[str]:
    """Has requests counted until two processes have done so; how many each counted."""
    counted: Counter[str] = Counter()

    def two_counted() -> bool:
        counted[server.ask("/count")[1]] += 1
        return len(counted) == 2

    until(two_counted)
    return counted


def told_by_both(server: Server) -> list[Figures]:
    """What two processes tell, each once."""
    told: dict[str, Figures] = {}

    def two_told() -> bool:
        told.update([scrape(server)])
        return len(told) == 2

    until(two_told)
    return list(told.values())


def held(server: Server) -> float:
    return scrape(server)[1].value("tests_held")


def folders(place: Path) -> list[Path]:
    return list(place.glob("hucares-metrics-*"))


@pytest.mark.needs_servers
def test_every_process_tells_the_sum_of_all(serve: Serve) -> None:
    server = serve(**TWO)
    workers(server)
    total = count(server).total()

    for figures in told_by_both(server):
        assert figures.value("tests_counted_total") == figures.value("tests_held") == total
        assert figures.value("tests_took_seconds_count") == total
        assert figures.value("tests_took_seconds_bucket", le="0.01") == 0
        assert figures.value("tests_took_seconds_bucket", le="0.05") == total
        assert figures.value("tests_took_seconds_sum") == pytest.approx(0.02 * total)
        assert not any("pid" in sample.labels for sample in figures.samples)


@pytest.mark.needs_servers
def test_of_a_process_that_is_killed_stays_what_it_has_counted_but_not_what_it_held(serve: Serve) -> None:
    server = serve(**TWO)
    workers(server)
    counted = count(server)
    dead, lives = counted
    os.kill(int(dead), signal.SIGKILL)

    until(lambda: held(server) == counted[lives])
    workers(server)
    assert scrape(server)[1].value("tests_counted_total") == counted.total()

    more = count(server).total()
    for figures in told_by_both(server):
        assert figures.value("tests_counted_total") == counted.total() + more
        assert figures.value("tests_held") == counted[lives] + more


@pytest.mark.needs_servers
def test_a_process_that_is_about_to_start_counting_keeps_nobody_from_telling(serve: Serve, place: Path) -> None:
    server = serve(**TWO)
    workers(server)
    total = count(server).total()
    (folder,) = folders(place)
    for kind in ("counter", "histogram", "gauge_livesum"):
        (folder / f"{kind}_0.db").touch()

    assert {figures.value("tests_counted_total") for figures in told_by_both(server)} == {total}


@pytest.mark.needs_servers
def test_a_process_that_is_replaced_leaves_what_it_has_counted(serve: Serve) -> None:
    server = serve(**TWO, DRAIN_SECONDS="0")
    workers(server)
    counted = count(server)

    def replaced() -> bool:
        server.signal(signal.SIGHUP)  # again and again: a busy machine may start a process too late, which is given up
        with contextlib.suppress(OSError, http.client.HTTPException):
            return held(server) < counted.total()
        return False

    until(replaced)
    figures = scrape(server)[1]
    assert figures.value("tests_held") in {0, *counted.values()}
    assert figures.value("tests_counted_total") == counted.total()


@pytest.mark.needs_servers
def test_when_the_server_ends_so_does_the_folder_of_its_figures(serve: Serve, place: Path) -> None:
    server = serve(**TWO, DRAIN_SECONDS="0")
    workers(server)
    (folder,) = folders(place)
    assert folder.stat().st_mode & 0o777 == 0o700

    server.signal()

    assert server.end()[0] == 0
    assert folders(place) == []


@pytest.mark.needs_servers
def test_a_second_signal_leaves_no_folder_either(serve: Serve, place: Path) -> None:
    server = serve(**TWO, DRAIN_SECONDS="30")
    workers(server)
    server.signal()
    until(lambda: server.ask()[0] == "draining")

    server.signal()

    assert server.end()[0] == 0
    assert folders(place) == []


@pytest.mark.needs_servers
def test_processes_that_lose_their_supervisor_remove_the_folder_themselves(serve: Serve, place: Path) -> None:
    server = serve(**TWO, DRAIN_SECONDS="0")
    pids = [int(pid) for pid in workers(server)]
    assert len(folders(place)) == 1

    server.signal(signal.SIGKILL)

    server.process.wait(WAIT_SECONDS)
    until(lambda: not any(alive(pid) for pid in pids))
    assert folders(place) == []


@pytest.mark.needs_servers
def test_two_servers_share_nothing_whatever_their_environment_says(serve: Serve, place: Path) -> None:
    first = serve(**TWO)
    workers(first)
    (folder,) = folders(place)
    second = serve(**TWO, DRAIN_SECONDS="0", PROMETHEUS_MULTIPROC_DIR=str(folder))
    workers(second)
    total = count(first).total()

    assert len(folders(place)) == 2
    assert scrape(second)[1].value("tests_counted_total") == 0
    second.signal()
    assert second.end()[0] == 0
    assert folders(place) == [folder]
    assert scrape(first)[1].value("tests_counted_total") == total


@pytest.mark.needs_servers
def test_without_a_token_there_is_no_folder(serve: Serve, place: Path) -> None:
    server = serve(**TWO, METRICS_TOKEN="")
    workers(server)

    assert folders(place) == []


def test_a_single_process_needs_no_folder(serve: Serve, place: Path) -> None:
    server = serve(PROMETHEUS_MULTIPROC_DIR=str(place / "nowhere")).started()
    for _ in range(3):
        server.ask("/count")

    figures = scrape(server)[1]
    assert figures.value("tests_counted_total") == figures.value("tests_held") == 3
    assert folders(place) == []
