"""`python -m monitor.watch`: freshness, lag, roundtrip and states, live. Settings: PROBER_METRICS_HOST, PROBER_METRICS_PORT."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.live import Live

from monitor.prober.settings import ProberSettings
from monitor.watch.draw import line, screen
from monitor.watch.scrape import Scrape, fetch, parse
from monitor.watch.view import View, build

WINDOW: Final = 60
"""Looks that quantiles go back."""
DESCRIPTION: Final = """The pipeline as the prober sees it, again and again until Ctrl-C; without a terminal one line each time.

exit code of --once  0 the prober answered   1 it did not"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m monitor.watch", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--once", action="store_true", help="look once; quantiles are those since the prober began")
    top.add_argument("--json", action="store_true", help="one JSON object a look")
    top.add_argument("--every", type=float, default=1.0, metavar="S", help="seconds between two looks (default 1)")
    top.add_argument("--url", help="where /metrics is (default: the prober of these settings)")
    return top


class Looks:
    """The last scrapes of one prober."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._past: deque[Scrape] = deque([Scrape(0.0)], maxlen=WINDOW)

    def look(self) -> View:
        """The view now; one without data, and why, when the prober does not answer."""
        try:
            now = parse(fetch(self.url), time.time())
        except (OSError, ValueError) as error:
            return build(Scrape(time.time()), Scrape(0.0), f"The prober does not answer at {self.url} ({error}): make logs S=prober")
        view = build(now, self._past[0])
        if self._past[0].at == 0.0:
            self._past.clear()
        self._past.append(now)
        return view


def main(argv: Sequence[str] | None = None) -> int:
    """Shows the view; 1 when --once found no prober."""
    args = parser().parse_args(argv)
    settings, console = ProberSettings(), Console()
    looks = Looks(args.url or f"http://{settings.metrics_host}:{settings.metrics_port}/metrics")
    if args.once:
        view = looks.look()
        _print(view, console, args, whole=True)
        return 1 if view.why else 0
    try:
        _go_on(looks, console, args)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        sys.stdout = None  # whoever read has gone; nothing is left to flush
    return 0


def _go_on(looks: Looks, console: Console, args: argparse.Namespace) -> None:
    if args.json or not console.is_terminal:
        while True:
            _print(looks.look(), console, args, whole=False)
            time.sleep(args.every)
    with Live(screen(looks.look()), console=console, auto_refresh=False, screen=True) as live:
        while True:
            time.sleep(args.every)
            live.update(screen(looks.look()), refresh=True)


def _print(view: View, console: Console, args: argparse.Namespace, *, whole: bool) -> None:
    if args.json:
        print(json.dumps(view.to_json()), flush=True)
    elif whole:
        console.print(screen(view), soft_wrap=True)
    else:
        print(line(view), flush=True)


if __name__ == "__main__":
    sys.exit(main())
