"""`python3 -m stack.doctor [--install] [--json] [--quiet] [--tools] [--tests]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from stack import settings
from stack.components.catalogue import missing
from stack.doctor import packages
from stack.doctor.finding import MISSING, OK, Finding
from stack.doctor.room import room
from stack.doctor.tools import compose, for_tests, tools
from stack.errors import StackError

MARKS = {OK: "ok     ", MISSING: "MISSING"}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the stack can run here, 1 if something it needs is missing."""
    options = _parser().parse_args(arguments)
    try:
        found = examine(options)
        if options.install and packages.available() and os.geteuid() == 0 and any(one.packages and one.state == MISSING for one in found):
            packages.install(found, lambda line: print(line, file=sys.stderr, flush=True))
            found = examine(options)
    except StackError as error:
        print(f"{error.reason}\n{error.advice}", file=sys.stderr)
        return 1
    wanted = packages.command(found, packages.known) if packages.available() else []
    failed = any(one.state == MISSING for one in found)
    if options.json:
        print(json.dumps({"ok": not failed, "install": wanted, "findings": [asdict(one) for one in found]}, indent=1))
    elif failed or not options.quiet:
        print("\n".join(report(found, wanted, quiet=options.quiet)))
    return int(failed)


def examine(options: argparse.Namespace) -> list[Finding]:
    """All findings for a mode, `local` or `compose`."""
    if options.mode == "compose":
        return compose()
    lacking = missing()
    found = [*tools(lacking), *(for_tests() if options.tests else [])]
    return found if options.tools else [*found, *room(lacking, settings.load())]


def report(found: Sequence[Finding], wanted: Sequence[str], *, quiet: bool = False) -> list[str]:
    """The lines for a person: what was found, and the one command that installs what is missing."""
    lines = []
    for one in found:
        if one.state == OK and quiet:
            continue
        lines.append(f"{MARKS.get(one.state, one.state):7}  {one.name:18}  {one.detail}")
        if one.state != OK and (one.advice or (one.packages and not wanted)):
            lines.append(f"{'':29}{one.advice or 'install it with your package manager: ' + one.packages[-1]}")
    if wanted:
        sudo = "" if os.geteuid() == 0 else "sudo "
        lines += ["", f"To install what is missing:  {sudo}apt-get update && {sudo}apt-get install -y {' '.join(wanted)}"]
    elif not quiet:
        ready = all(one.state != MISSING for one in found)
        lines += ["", "This machine can run the stack: make up" if ready else "Mend what is marked MISSING, then: make up"]
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m stack.doctor", description="Names what this machine lacks and how to install it.")
    parser.add_argument("--install", action="store_true", help="as root on Debian or Ubuntu: install what is missing by apt-get")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="print only what is missing")
    parser.add_argument("--tools", action="store_true", help="leave out memory, disk, user and ports")
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    parser.add_argument("--mode", choices=("local", "compose"), default="local", help="what the stack will run in")
    return parser


if __name__ == "__main__":
    sys.exit(main())
