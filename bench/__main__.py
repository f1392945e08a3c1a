"""`python -m bench run | faults`: the benchmarks, on a stack of their own. Sizes come from SCALE and REPEATS."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import faults, faults_report, plot
from bench.measure import Bench
from bench.place import Place, running
from bench.report import markdown
from bench.sinks import sinks
from bench.sizes import Sizes, sizes
from bench.suite import COMPARED, Found, Suite
from bench.topics import Topics
from bench.workloads import memory_of_largest, workloads
from stack.errors import StackError
from stack.explain import explain
from stack.settings import ROOT

HERE = Path(__file__).parent
QUICK = ROOT / "artifacts" / "bench"


def main(argv: list[str] | None = None) -> int:
    """The command's exit code: 1 when the stack did not come up."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", choices=("run", "faults"))
    parser.add_argument("--no-growth", action="store_true", help="leave out the loads of growing sizes")
    parser.add_argument("--only", default="", metavar="SINKS", help=f"throughput of these alone, nothing is written: {','.join(COMPARED)}")
    arguments = parser.parse_args(argv)
    console = Console()
    try:
        found = sizes()
    except ValueError as error:
        print(f"{error}; try: make bench SCALE=0.1 REPEATS=1", file=sys.stderr)
        return 2
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"[{time.monotonic() - began:5.0f} s] {line}", highlight=False, markup=False, soft_wrap=True)

    try:
        with running(console) as place:
            bench = Bench(place, Topics(place.stack.env["CDC_BROKER"]))
            if arguments.what == "faults":
                _faults(bench, place, found, say)
            elif arguments.only:
                Suite(bench, sinks(place), found, say).compare(tuple(arguments.only.split(",")))
            else:
                suite = Suite(bench, sinks(place), found, say, keep=lambda so_far: _write(so_far, found, QUICK))
                result = suite.run(growth=not arguments.no_growth)
                _write(result, found, HERE if found.whole else QUICK)
                say(f"written to {(HERE if found.whole else QUICK).relative_to(ROOT)}/RESULTS.md")
    except KeyboardInterrupt:
        console.print("Interrupted: nothing was written.")
        return 130
    except StackError as error:
        explain(error, Console(stderr=True))
        return 1
    return 0


def _write(result: Found, found: Sizes, target: Path) -> None:
    lines = workloads(result)
    target.mkdir(parents=True, exist_ok=True)
    failed = [f"{sink}, {phase}: {why}" for (sink, phase), why in result.failed.items()]
    (target / "RESULTS.md").write_text(markdown(lines, found, _about(), memory_of_largest(result), failed))
    (target / "results.json").write_text(json.dumps({line.name: line.as_json() for line in lines}, indent=1) + "\n")
    (target / "ratios.svg").write_text(plot.ratios(lines))


def _faults(bench: Bench, place: Place, found: Sizes, say: Callable[[str], None]) -> None:
    known = sinks(place)
    chosen = [known[name] for name in ("joined", "mongodb", "debezium")]
    for sink in chosen:
        sink.warm()
    outcomes = faults.run(bench, chosen, say, found.scale)
    target = HERE if found.whole else QUICK
    target.mkdir(parents=True, exist_ok=True)
    (target / "FAULTS.md").write_text(faults_report.markdown(outcomes, found.scale, _about()))


def _about() -> dict[str, str]:
    return {"machine": _machine(), "date": dt.datetime.now(dt.UTC).date().isoformat()}


def _machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ""
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:.0f} GB, everything on it"


if __name__ == "__main__":
    sys.exit(main())
