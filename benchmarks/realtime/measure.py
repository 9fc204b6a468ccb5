"""The run: both servers with all their sockets, measured in turn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.realtime import servers
from benchmarks.realtime.client import run_client
from benchmarks.realtime.dialects import Dialect, HuCares, Person, SocketIo
from benchmarks.realtime.figures import OURS, Cell, Idle, Round, Setup, percentile
from benchmarks.realtime.processes import machine_seconds, wait_until_quiet
from benchmarks.realtime.publisher import Published, run_publisher
from benchmarks.realtime.remote import Remote
from benchmarks.realtime.tally import Heard
from benchmarks.realtime.world import World

WARM_UP_SOCKETS = 20
WARM_UP_RATE, WARM_UP_SECONDS = 500, 2.0
QUIET_SECONDS = 30.0  # at most, until a server has done what it had to
NANOSECONDS_IN_A_MILLISECOND = 1e6
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to measure. Seconds are those of one round, of an idle stretch, and of waiting before memory is read."""

    processes: tuple[int, ...]
    rates: tuple[int, ...]
    rounds: int
    seconds: float
    idle_seconds: float
    settle_seconds: float
    sides: tuple[str, ...]


@dataclass(frozen=True)
class Used:
    """Readings of clocks, or what lies between two: real time, and CPU of the server, of Redis, of the machine."""

    seconds: float
    server: float
    redis: float
    machine: float

    def __sub__(self, earlier: Used) -> Used:
        return Used(
            self.seconds - earlier.seconds,
            self.server - earlier.server,
            self.redis - earlier.redis,
            self.machine - earlier.machine,
        )


@dataclass
class Side:
    """One server with its clients. `idle_busy` is the share of a core that it took, each time that it was looked at,
    while there was nothing to tell.
    """

    name: str
    server: servers.Server
    client: Remote
    idle_busy: list[float] = field(default_factory=list)


class Run:
    """One number of server processes."""

    def __init__(self, world: World, plan: Plan, sides: list[Side], publisher: Remote, say: Say) -> None:
        self.world = world
        self.plan = plan
        self.sides = sides
        self.publisher = publisher
        self.say = say

    def fill(self, side: Side, people: list[Person]) -> Idle:
        """Let everybody in, and see what that takes. The first few only come to have everything loaded."""
        side.client.call("enter", people[:WARM_UP_SOCKETS])
        side.client.call("leave")
        self.settle(side)
        before = side.server.memory()
        began = time.monotonic()
        side.client.call("enter", people)
        seconds = time.monotonic() - began
        self.settle(side)
        each = (side.server.memory() - before) / len(people)
        self.say(f"  {side.name}: {len(people)} sockets in {seconds:.1f} s, {each / 1024:.1f} KiB each")
        return Idle(each / 1024, before / 1024, seconds)

    def settle(self, side: Side) -> None:
        """Let a server come to rest."""
        wait_until_quiet(side.server.process.pid, QUIET_SECONDS)
        time.sleep(self.plan.settle_seconds)

    def rest(self, side: Side) -> None:
        """See what a server takes when there is nothing to tell."""
        self.focus(side)
        before = self.used(side)
        time.sleep(self.plan.idle_seconds)
        used = self.used(side) - before
        side.idle_busy.append(used.server / used.seconds)

    def focus(self, side: Side) -> None:
        """Only this one's clients beat now."""
        for other in self.sides:
            if other is not side:
                other.client.call("be_quiet")
        side.client.call("wake_up")
        wait_until_quiet(side.server.process.pid, QUIET_SECONDS)

    def cell(self, rate: int) -> Cell:
        """All rounds at one rate; who comes first changes from one to the next."""
        for side in self.sides:
            self.rest(side)
        rounds: dict[str, list[Round]] = {side.name: [] for side in self.sides}
        for number in range(self.plan.rounds):
            for side in self.sides if number % 2 == 0 else reversed(self.sides):
                one = self.round(side, rate, self.plan.seconds)
                rounds[side.name].append(one)
                self.say(f"  {rate:>5}/s {side.name:<10} {one.cpu:6.1f} µs, p95 {one.p95:6.1f} ms, {one.lost} lost")
        return Cell(rate, rounds)

    def round(self, side: Side, rate: int, seconds: float) -> Round:
        """Publish to one server and listen."""
        self.focus(side)
        side.client.call("begin", self.publisher.call("heads", side.name))
        before = self.used(side)
        published: Published = self.publisher.call("publish", side.name, rate, seconds)
        heard: Heard = side.client.call("finish", published.heads)
        used = self.used(side) - before
        if heard.lost and side.name == OURS:
            self.mend(side, published.heads)
        return round_of(published, heard, used, side.idle_busy[-1] if side.idle_busy else 0.0)

    def used(self, side: Side) -> Used:
        """What has been used up to now."""
        return Used(time.monotonic(), side.server.cpu(), self.world.redis_cpu(), machine_seconds())

    def mend(self, side: Side, heads: list[int]) -> None:
        """A socket that misses an event asks the log for it, where these are not: let all join where the groups are."""
        self.world.set_heads(heads)
        side.client.call("join_again")


def round_of(published: Published, heard: Heard, used: Used, idle_busy: float) -> Round:
    """The figures of a round."""
    tally = heard.tally
    delays = sorted(tally.delays)
    p50, p95, p99 = (percentile(delays, share) / NANOSECONDS_IN_A_MILLISECOND for share in (0.5, 0.95, 0.99))
    client_cpu = heard.busy * heard.seconds
    return Round(
        lost=heard.lost,
        repeated=tally.repeated,
        out_of_order=tally.out_of_order,
        delivered=tally.received,
        offered=published.messages / published.seconds,
        p50=p50,
        p95=p95,
        p99=p99,
        cpu=microseconds(used.server - idle_busy * used.seconds, tally.received),
        busy=used.server / used.seconds,
        client_busy=heard.busy,
        others_busy=(used.machine - used.server - used.redis - published.cpu - client_cpu) / used.seconds,
        publisher_cpu=microseconds(published.cpu, published.messages),
        redis_cpu=microseconds(used.redis, published.messages),
    )


def microseconds(seconds: float, messages: int) -> float:
    """For one message."""
    return seconds / max(messages, 1) * 1e6


def measure(world: World, plan: Plan, folder: Path, say: Say) -> Iterator[Setup]:
    """One setup after the other."""
    for processes in plan.processes:
        say(f"{processes} server process{'es' if processes > 1 else ''}")
        with contextlib.ExitStack() as stack:
            boards = {side: new_file(folder / f"{side}-{processes}.board") for side in plan.sides}
            publisher = stack.enter_context(Remote(run_publisher, world.circles, boards, world.redis_url))
            sides = [stack.enter_context(open_side(world, name, processes, folder, boards)) for name in plan.sides]
            run = Run(world, plan, sides, publisher, say)
            idle = {side.name: run.fill(side, people_of(world, side.name)) for side in sides}
            for side in sides:
                run.round(side, WARM_UP_RATE, WARM_UP_SECONDS)
            cells = [run.cell(rate) for rate in plan.rates]
            yield Setup(processes, idle, {side.name: median(side.idle_busy) for side in sides}, cells)


def people_of(world: World, side: str) -> list[Person]:
    """Who connects to this server."""
    return world.people_of_hucares() if side == OURS else world.people_of_the_peer()


@contextlib.contextmanager
def open_side(world: World, name: str, processes: int, folder: Path, boards: dict[str, Path]) -> Iterator[Side]:
    """A running server, and a process for its clients."""
    log = folder / f"{name}-{processes}.log"
    dialect: Dialect
    if name == OURS:
        dialect, serving = HuCares(), servers.hucares(world.environment, processes, log)
    else:
        dialect, serving = SocketIo(), servers.peer(world.redis_url, world.peer_secret, processes, log)
    with serving as server, Remote(run_client, dialect, server.port, boards[name], len(world.circles)) as client:
        yield Side(name, server, client)


def new_file(path: Path) -> Path:
    """An empty file."""
    path.touch()
    return path
