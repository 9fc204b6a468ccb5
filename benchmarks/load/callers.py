"""Calls at a steady rate, whatever the answers take: who comes late waits in a queue, and that counts too."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.load.calls import Call, Guest, any_call

CALLERS = 32
TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class Answers:
    """How long calls took, in seconds, by route, from when they were due; and which ones went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Load:
    """`rate` calls a second for so many seconds, of people chosen at random."""

    def __init__(self, ports: list[int], guests: list[Guest], rate: float, seconds: float) -> None:
        self.ports, self.guests = ports, guests
        self.pause, self.count = 1 / rate, int(rate * seconds)
        self.taken = 0
        self.begun = 0.0
        self.answers = Answers()
        self.lock = threading.Lock()

    def run(self) -> Answers:
        """Make all calls; what came of them."""
        self.begun = time.perf_counter()
        of_callers = itertools.islice(itertools.cycle(self.ports), CALLERS)
        threads = [threading.Thread(target=self.call_on, args=(port,)) for port in of_callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.answers

    def call_on(self, port: int) -> None:
        """Take the next call, wait until it is due, make it; until there is none."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)) as connection:
            while (due := self.next_due()) is not None:
                time.sleep(max(0.0, due - time.perf_counter()))
                guest = random.choice(self.guests)
                with self.lock:
                    call = any_call(guest)
                outcome = ask(connection, guest, call)
                self.note(call, outcome, time.perf_counter() - due)

    def next_due(self) -> float | None:
        """When the next call is due."""
        with self.lock:
            if self.taken == self.count:
                return None
            self.taken += 1
            return self.begun + self.taken * self.pause

    def note(self, call: Call, outcome: str, seconds: float) -> None:
        """Keep what came of one."""
        with self.lock:
            if outcome.startswith("2"):
                self.answers.seconds[call.name].append(seconds)
            else:
                self.answers.wrong[f"{call.name}: {outcome}"] += 1


def ask(connection: http.client.HTTPConnection, guest: Guest, call: Call) -> str:
    """The status of the answer, or what prevented one."""
    headers = {"Authorization": f"Bearer {guest.token}", "Content-Type": "application/json"}
    try:
        connection.request(call.method, call.path, call.body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__
    return str(answer.status)
