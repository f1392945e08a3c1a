"""The worker of this project as a subject."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bench.place import Place
from bench.tape import Tape
from bench.views import View
from stack.environment import select
from stack.settings import ROOT

STOP_SECONDS: Final = 30.0


@dataclass
class Worker:
    """The worker of this project, a process of its own for each run."""

    place: Place
    name: str
    title: str
    view: View
    env: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def warm(self) -> None:
        """Nothing stays between runs."""

    def start(self, tape: Tape, database: str, label: str) -> str:
        """See Sink."""
        env = self.place.stack.env
        own = {"CDC_GROUP": label, "CDC_TOPIC_PREFIX": tape.prefix, "CDC_MONGO_DB": database, "CDC_WORKER": label, "CDC_METRICS_PORT": "0"}
        setpriv = shutil.which("setpriv")
        tied = (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()
        log = self.place.stack.paths.log / f"{self.name}.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                (*tied, sys.executable, "-m", "cdc_consumer", "worker"),
                env={**os.environ, **select(env, "CDC_"), **own, **self.env},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        return label

    def stop(self) -> None:
        """See Sink."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)

    def pid(self) -> int:
        """See Sink."""
        return self._process.pid if self._process else 0

    def state(self) -> str:
        """See Sink."""
        return "RUNNING" if self._process and self._process.poll() is None else "DEAD"

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Its collections are named after tables and documents."""
