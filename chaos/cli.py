"""`python -m chaos list | run NAME | all | random | heal`; the Makefile has a target for each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from chaos.backends import Backend, backend
from chaos.checker.alerts import Expected
from chaos.experiments.catalogue import ENTRIES, entry
from chaos.experiments.entry import Entry
from chaos.heal import heal_all
from chaos.nemesis import Nemesis, plan
from chaos.report.line import line
from chaos.report.summary import summary
from chaos.run import Done, run
from chaos.session import Options
from stack.errors import StackError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    top.add_argument("--mode", choices=("local", "compose"), default="local", help="which pipeline is broken")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="every experiment: what it breaks, what must hold, which alert is expected")
    one = commands.add_parser("run", help="run one experiment")
    one.add_argument("name", help="as `list` names it")
    every = commands.add_parser("all", help="run every experiment, one after the other")
    for made in (one, every):
        default = Options()
        made.add_argument("--duration", type=float, help="seconds that the fault lasts (default: as the experiment says)")
        made.add_argument("--rate", type=float, default=default.rate, help="writes a second (default %(default)g)")
        made.add_argument("--seed", type=int, default=default.seed, help="of the clients' choices (default %(default)d)")
        made.add_argument("--alerts", action="store_true", help="let the fault last until every expected alert must have fired")
        made.add_argument("--phase", choices=("stream", "snapshot"), default=default.phase, help="what the fault interrupts")
    chance = commands.add_parser("random", help="faults at random, one after the other, under one load; a seed replays exactly")
    chance.add_argument("--minutes", type=float, default=5.0, help="how long (default %(default)g)")
    chance.add_argument("--seed", type=int, default=1, help="of the faults and of the clients (default %(default)d)")
    chance.add_argument("--rate", type=float, default=Options().rate, help="writes a second (default %(default)g)")
    commands.add_parser("heal", help="mend everything that an experiment may have left behind")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """0 passed or skipped, 1 not, 2 cannot be done, 130 after Ctrl-C."""
    args = parser().parse_args(argv)
    try:
        if args.command == "list":
            print(_table())
            return 0
        chosen = backend(args.mode)
        if args.command == "heal":
            print("\n".join(heal_all(chosen)) or "Nothing was broken.")
            return 0
        if args.command == "random":
            return _random(chosen, args)
        names = [args.name] if args.command == "run" else list(ENTRIES)
        return _runs([entry(name) for name in names], chosen, args)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    except StackError as error:
        print(f"{error.reason}\n{error.advice}", file=sys.stderr)
        return 2


def _runs(entries: Sequence[Entry], chosen: Backend, args: argparse.Namespace) -> int:
    finished: list[Done] = []
    for found in entries:
        duration = args.duration or found.lasts(alerts=args.alerts)
        options = Options(duration=duration, rate=args.rate, seed=args.seed, phase=args.phase)
        done = run(found, chosen, options)
        finished.append(done)
        print(line(done), flush=True)
        if done.interrupted:
            return 130
    if len(finished) > 1:
        print(summary(finished))
    return 0 if all(done.good for done in finished) else 1


def _random(chosen: Backend, args: argparse.Namespace) -> int:
    turns = plan(args.seed, 60 * args.minutes)
    print("\n".join(f"after {turn.after:4.1f} s quiet: {turn.name}, {turn.held:.1f} s" for turn in turns), flush=True)
    nemesis = Nemesis(turns, lambda name: entry(name).fault())
    found = Entry(
        "random", lambda: nemesis, "nothing is lost, whatever comes", lambda: Expected(judged=False), stops_writes=True, recover_within=None
    )
    done = run(found, chosen, Options(duration=nemesis.seconds, rate=args.rate, seed=args.seed))
    print(line(done), flush=True)
    return 130 if done.interrupted else int(not done.good)


def _table() -> str:
    rows = []
    for name, found in ENTRIES.items():
        alerts = ", ".join(found.alerts().must) or "none has to"
        rows.append(f"chaos-{name}\n    breaks   {found.fault().describe()}\n    holds    {found.holds}\n    alerts   {alerts}")
    return "\n".join(rows)
