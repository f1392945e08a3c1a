"""A stack for tests: in a directory and on ports of its own, tied to the life of this process."""

import contextlib
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stack.layout import layout
from stack.ports import all_free
from stack.settings import ROOT, load
from stack.supervision import Supervisor

_UP_SECONDS = 280
_MOST_WORKERS = 4


@dataclass(frozen=True)
class SessionStack:
    """Where a stack lives. `python -m stack` commands are run in it by `run`, others with its settings by `exec`."""

    directory: Path
    offset: int

    @classmethod
    def somewhere(cls):
        """A short path that other accounts can reach (Postgres runs as one when this is root), and free ports."""
        home = Path(tempfile.mkdtemp(prefix="cdc-test-", dir="/tmp"))
        home.chmod(0o755)
        offsets = list(range(2000, 5000, 50))
        random.shuffle(offsets)  # two sessions that start together should not look in the same order
        return cls(home / "s", next(offset for offset in offsets if _fits(offset)))

    @property
    def env(self):
        """The variables of every process."""
        return dict(word.split("=", 1) for word in shlex.split((self.directory / "env").read_text()))

    @property
    def api_url(self):
        """http://127.0.0.1:port, without a slash."""
        return f"http://{self.env['API_HOST']}:{self.env['API_PORT']}"

    @property
    def place(self):
        """The variables that choose this stack."""
        return {"STACK_DIR": str(self.directory), "STACK_PORT_OFFSET": str(self.offset)}

    def popen(self, *arguments, **kwargs):
        """Starts `python -m stack ...` for this stack."""
        command = [sys.executable, "-m", "stack", *map(str, arguments)]
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.place}, stdin=subprocess.DEVNULL, **kwargs)

    def run(self, *arguments, check=True, timeout=_UP_SECONDS):
        """Runs `python -m stack ...` to its end; the result holds both streams in `stdout`."""
        process = self.popen(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        done = subprocess.CompletedProcess(arguments, process.returncode, output)
        assert not check or done.returncode == 0, f"python -m stack {arguments} ended with {done.returncode}:\n{output}"
        return done

    def up(self, *arguments):
        """`up` without rows, ending with this process at the latest."""
        return self.run("up", "--no-seed", "--watch-pid", os.getpid(), *arguments)

    def status(self):
        """What `status --json` says, by service."""
        return {row["service"]: row for row in json.loads(self.run("status", "--json", check=False).stdout)}

    def exec(self, *command, env=None, timeout=120):
        """Runs a command with the settings of every process; raises CalledProcessError for an exit code other than 0."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        full = {**os.environ, **self.place, **self.env, "PATH": path, **(env or {})}
        try:
            return subprocess.run(command, cwd=ROOT, env=full, check=True, capture_output=True, text=True, timeout=timeout)
        except subprocess.CalledProcessError as error:
            error.add_note(f"{error.stdout}{error.stderr}")
            raise

    @property
    def supervisor(self):
        """The stack's supervisord: signal_program(name, "KILL"), stop_program(name), start_program(name)."""
        return Supervisor(layout(self.directory))

    def delete(self):
        """Stops whatever runs and deletes everything."""
        if (self.directory / "secrets.json").exists():
            self.run("reset", "--yes", timeout=120)
        shutil.rmtree(self.directory.parent, ignore_errors=True)


def _fits(offset):
    shared = load({}).shared
    single = [int(value) + offset for key, value in shared.items() if key.endswith("_PORT")]
    return all_free([*single, *(int(shared["WORKER_METRICS_PORT"]) + offset + n for n in range(_MOST_WORKERS))])


@contextlib.contextmanager
def ended(place):
    """A place whose stack is gone afterwards."""
    try:
        yield place
    finally:
        place.delete()


@contextlib.contextmanager
def started():
    """A running stack with one worker and no rows."""
    with ended(SessionStack.somewhere()) as place:
        place.up("--workers", 1)
        yield place
