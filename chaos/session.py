"""One run: its load, its watchers, its fault and its history. Chaos Toolkit's actions and probes reach it through `current`."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos.backends import Backend
from chaos.faults.base import Fault, Room
from chaos.history.book import Book
from chaos.history.clock import Clock
from chaos.history.records import Mark
from chaos.load.open_loop import OpenLoop
from chaos.load.watcher import Watcher
from chaos.load.world import WEIGHTS, World
from chaos.measure.sampler import Sampler
from chaos.tokens import Tokens
from stack.errors import StackError

EFFECT_SECONDS = 20.0
SERVE_SECONDS = 150.0
STEADY_LAG, STEADY_FOR, STEADY_SECONDS = 1.0, 3.0, 180.0  # under load: this late at most, for so long, within so long


@dataclass(frozen=True)
class Options:
    """`rate` and `read_rate` a second, `duration` of the fault in seconds, `converge` how long to wait for the end.

    `read_database` is where documents are looked for, `weights` how often the clients do what.
    """

    duration: float = 20.0
    rate: float = 15.0
    seed: int = 1
    phase: str = "stream"
    warm_up: float = 8.0
    after: float = 6.0
    read_rate: float = 10.0
    read_database: str = ""
    converge: float = 180.0
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)


@dataclass
class Session:
    """Everything of one run."""

    backend: Backend
    fault: Fault
    options: Options
    directory: Path | None = None
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        env = self.backend.env
        self.tokens = Tokens(f"c{uuid.uuid4().hex[:8]}")
        self.book = Book(self.directory / "history.jsonl" if self.directory else None)
        self.room = Room(self.backend)
        world = World(self.tokens, random.Random(self.options.seed), weights=self.options.weights)  # noqa: S311 - replays a run
        database = self.options.read_database or env["CDC_MONGO_DB"]
        self.watcher = Watcher(env["CDC_MONGO_URI"], database, self.tokens, self.book, self.clock)
        url = f"http://{env['API_HOST']}:{env['API_PORT']}"
        self.load = OpenLoop(url, world, self.book, self.clock, self.options.rate, self.options.read_rate, self.watcher.told)
        self.sampler = Sampler(self.backend, self.book, self.clock, self.watcher.lag)

    def mark(self, name: str, detail: str = "") -> None:
        """Notes that something happened."""
        self.book.write(Mark(name, self.clock.now(), detail))

    def start(self) -> None:
        """Load, watcher and sampler begin."""
        self.sampler.start()
        self.watcher.start()
        self.load.start()
        self.mark("load")

    def settle(self) -> str:
        """Wait until the pipeline keeps up with its clients, as one that has just started does not; answers what it lacks, else nothing."""
        begin = since = time.monotonic()
        while (now := time.monotonic()) - since < STEADY_FOR:
            lag, waiting = self.watcher.lag()
            if lag > STEADY_LAG:
                since = now
            if now - begin > STEADY_SECONDS:
                late = f"with {self.options.rate:g} writes/s it is {lag:.0f} s late, {waiting} acknowledged writes wait: try a lower RATE="
                self.mark("unsteady", late)
                return late
            time.sleep(0.1)
        return ""

    def inject(self) -> str:
        """The fault; answers the evidence that it took effect, empty when there is none within 20 s."""
        self.mark("fault", self.fault.describe())
        self.fault.inject(self.room)
        end = time.monotonic() + EFFECT_SECONDS
        while not (evidence := self.fault.effect(self.room)):
            if time.monotonic() > end:
                return ""
            time.sleep(0.2)
        self.mark("effect", evidence)
        return evidence

    def heal(self) -> None:
        """The fault is mended, and everything serves again; marked once, however often it is called."""
        history = self.book.history
        if history.mark("heal") is None and history.mark("fault") is not None:
            self.mark("heal")
        self.fault.heal(self.room)
        if history.mark("heal") is None or history.mark("serves") is not None:
            return
        end, missing = time.monotonic() + SERVE_SECONDS, self.backend.unready()
        while missing and time.monotonic() < end:
            time.sleep(0.2)
            missing = self.backend.unready()
        self.mark("serves", "; ".join(missing))

    def converge(self) -> str:
        """Go on for a while, stop writing, and wait until nothing waits: what was acknowledged can be read, Kafka is empty.

        Answers what still waits after the deadline, empty when nothing does.
        """
        end = time.monotonic() + self.options.converge
        self._until(lambda: not self._waits(busy=True), end)
        time.sleep(self.options.after)
        self.load.stop()
        self.mark("load_end")
        self._until(lambda: not self._waits(busy=False), end)
        left = self._waits(busy=False)
        self.mark("gave_up" if left else "converged", left)
        return left

    def _waits(self, *, busy: bool) -> str:
        """What keeps it from being quiet. While clients write (`busy`) something always waits, but not for long."""
        lag, waiting = self.watcher.lag()
        down = [f"{name} is {state}" for name, state in self.sampler.sample().states.items() if state != "up"]
        if busy:
            return ", ".join([*down, *([f"lag {lag:.0f} s"] if lag > 2.0 else [])])
        records = self.sampler.records.value
        late = [f"{waiting} acknowledged writes"] if waiting else []
        return ", ".join([*down, *late, *([f"{records} records in Kafka"] if records != 0 else [])])

    @staticmethod
    def _until(done: Callable[[], bool], end: float) -> None:
        while not done() and time.monotonic() < end:
            time.sleep(0.2)

    def close(self) -> None:
        """Everything ends. Harmless when it has."""
        self.load.stop()
        self.watcher.stop()
        self.sampler.stop()
        self.book.close()


_current: list[Session] = []


def begin(session: Session) -> None:
    """Make this the session that actions and probes work on."""
    _current[:] = [session]


def current() -> Session:
    """The session of this process. Raises StackError outside of a run."""
    if not _current:
        raise StackError("no experiment runs in this process", advice="Experiments are run by: make chaos-NAME")
    return _current[0]
