"""The command line: `python -m stack COMMAND`; the Makefile has a target for each."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from stack import commands, handle
from stack.down import down, erase
from stack.errors import CancelledError, StackError
from stack.explain import explain
from stack.lock import locked
from stack.plan import Step, Watch, execute
from stack.report import TerminalReport
from stack.status import as_rows, as_table, await_ready, statuses
from stack.tables import print_urls, say
from stack.up import Options, up


def _up(args: argparse.Namespace, console: Console) -> int:
    up(Options(args.workers, args.brokers, args.mongo_nodes, args.proxies, args.seed, args.watch_pid), console)
    return 0


def _down(_args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    with locked(stack.paths.directory):
        stopped = down(stack, console)
    say(console, "The stack is down; its data stays (make reset deletes it)." if stopped else "Nothing was running.")
    return 0


def _agreed(args: argparse.Namespace, question: str) -> None:
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise StackError("this deletes data, and nobody is there to ask", advice="Say so: YES=1 (or --yes)")
    if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise StackError("nothing was done")


def _reset(args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    _agreed(args, f"Stop the stack and delete all its data in {stack.paths.directory}?")
    with locked(stack.paths.directory):
        down(stack, console)
        erase(stack)
    say(console, f"Deleted the stack in {stack.paths.directory}. A new one: make up")
    return 0


def _reset_all(args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    stack.require_running()
    _agreed(args, "Replace every row and document by newly seeded ones?")
    with locked(stack.paths.directory):
        stack.settings.remember(resetting=True)
    up(Options(), console)
    return 0


def _status(args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    if not stack.supervisor.answers() and args.json:
        print("[]")
        return 1
    stack.require_running()
    found = statuses(stack)
    if args.json:
        print(json.dumps(as_rows(found), indent=1))
    else:
        say(console, as_table(found))
    return 0 if all(status.ready for status in found) else 1


def _wait(args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    stack.require_running()

    def ready(watch: Watch) -> str:
        await_ready(stack, args.timeout, watch.note)
        return "every service is ready"

    with TerminalReport(console) as report:
        execute([Step("wait", ready)], report)
    return 0


def _urls(args: argparse.Namespace, console: Console) -> int:
    stack = handle.existing()
    if args.json:
        print(json.dumps({service.name: service.url for service in stack.services()}, indent=1))
    else:
        print_urls(stack, console)
    return 0


def _logs(args: argparse.Namespace, _console: Console) -> int:
    commands.logs(handle.existing(), args.program, lines=args.lines, follow=args.follow)


def _restart(args: argparse.Namespace, console: Console) -> int:
    commands.restart(handle.existing(), args.program, console)
    return 0


def _exec(args: argparse.Namespace, _console: Console) -> int:
    commands.run(handle.existing(), args.command_line)


Command = Callable[[argparse.Namespace, Console], int]
COMMANDS: dict[str, tuple[Command, str]] = {
    "up": (_up, "start what does not run, wait until it serves, seed the first rows and wait until they are in MongoDB"),
    "down": (_down, "stop everything that this stack started; data stays"),
    "status": (_status, "each service: its process and whether it serves; exit code 1 if one does not"),
    "wait": (_wait, "wait until every service is ready"),
    "urls": (_urls, "what runs where"),
    "logs": (_logs, "the ends of the logs"),
    "restart": (_restart, "restart one program and wait until the stack is ready again"),
    "exec": (_exec, "run a command with the settings of every process in its environment"),
    "reset": (_reset, "stop the stack and delete its data"),
    "reset-all": (_reset_all, "new schema, empty MongoDB, new rows, while workers and API go on running"),
}


def parser() -> argparse.ArgumentParser:
    """The command line. STACK_DIR and STACK_PORT_OFFSET choose the stack."""
    top = argparse.ArgumentParser(
        prog="python -m stack",
        description="The pipeline as processes of this machine; STACK_DIR (default .stack) and STACK_PORT_OFFSET (default 0) choose which.",
    )
    found = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {name: found.add_parser(name, help=text, description=text) for name, (_, text) in COMMANDS.items()}
    made["up"].add_argument("--workers", type=int, metavar="N", help="number of workers (default: as before, or 1)")
    made["up"].add_argument("--brokers", type=int, metavar="N", help="1, or 3 with three copies of everything (default: as before, or 1)")
    made["up"].add_argument("--mongo-nodes", type=int, metavar="N", help="1, or 3 in one replica set (default: as before, or 1)")
    made["up"].add_argument(
        "--proxies", type=int, metavar="N", help="1: connections go through toxiproxy, to be disturbed (default: as before, or 0)"
    )
    made["up"].add_argument("--no-seed", dest="seed", action="store_false", help="leave the tables as they are")
    made["up"].add_argument("--watch-pid", type=int, default=0, metavar="PID", help="end the stack when this process ends (for tests)")
    for name in ("status", "urls"):
        made[name].add_argument("--json", action="store_true", help="print JSON")
    for name in ("reset", "reset-all"):
        made[name].add_argument("--yes", action="store_true", help="do not ask")
    made["wait"].add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="how long (default 120)")
    made["logs"].add_argument("program", nargs="?", help="worker, kafka, api, ... (default: all)")
    made["logs"].add_argument("-n", "--lines", type=int, default=100, help="how many lines of each (default 100)")
    made["logs"].add_argument("-f", "--follow", action="store_true", help="go on showing new lines")
    made["restart"].add_argument("program", help="worker, worker-1, kafka, connect, ...")
    made["exec"].add_argument("command_line", nargs=argparse.REMAINDER, metavar="-- COMMAND ...", help="the command and its arguments")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; 0 if it did what it says, 1 if not, 130 after Ctrl-C."""
    top = parser()
    args = top.parse_args(argv)
    if args.command == "exec":
        args.command_line = args.command_line[args.command_line[:1] == ["--"] :]
        if not args.command_line:
            top.error("exec needs a command: python -m stack exec -- env")
    console, errors = Console(), Console(stderr=True)
    run, _ = COMMANDS[args.command]
    try:
        return run(args, console)
    except StackError as error:
        explain(error, errors)
        return 1
    except (KeyboardInterrupt, CancelledError):
        errors.print("\nInterrupted. What was started keeps running: make up continues, make down stops it.", highlight=False)
        return 130
