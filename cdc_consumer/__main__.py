"""`python -m cdc_consumer worker` runs the stream processor; `dead-letters` looks after what it set aside, `sweep` removes orphans."""

from __future__ import annotations

import argparse
import gc
import sys
from typing import Final

from cdc_consumer.crash_points import arm_from
from cdc_consumer.dead_letters import cli as dead_letters
from cdc_consumer.logs import configure
from cdc_consumer.memory import give_back
from cdc_consumer.settings import Settings
from cdc_consumer.sweep import cli as sweep

TURN: Final = 0.0005  # seconds


def main(argv: list[str] | None = None) -> None:
    """Parse the command line and run it."""
    parser = argparse.ArgumentParser(prog="python -m cdc_consumer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("worker", help="apply change events to MongoDB; settings come from CDC_* variables")
    dead_letters.add_to(commands)
    sweep.add_to(commands)
    arguments = parser.parse_args(argv)
    settings = Settings()
    configure(settings.log_format)
    if arguments.command == "dead-letters":
        sys.exit(dead_letters.main(arguments, settings))
    if arguments.command == "sweep":
        sys.exit(sweep.main(arguments, settings))
    if settings.crash_at:
        arm_from(settings.crash_at)
    run(settings)


def run(settings: Settings) -> None:
    """Run the worker in this process; returns through SystemExit."""
    import mode.loop  # noqa: PLC0415 - the loop has to be chosen before anything of Faust is imported

    mode.loop.use("uvloop")
    import faust  # noqa: PLC0415

    from cdc_consumer import watchdog  # noqa: PLC0415
    from cdc_consumer.app import build_app  # noqa: PLC0415
    from cdc_consumer.death import bound_stop, die  # noqa: PLC0415
    from cdc_consumer.group import Group  # noqa: PLC0415
    from cdc_consumer.pulse import Pulse  # noqa: PLC0415
    from cdc_consumer.readmodel.documents import load  # noqa: PLC0415

    give_back()
    # The event loop and Kafka's thread take turns. Either sleeps often, for an answer, and then waits this long while the other computes:
    # a dozen times a batch, with Python's 5 ms (docs/decisions/0020-turns.md).
    sys.setswitchinterval(TURN)
    # Each record makes some dozen small objects that live for one chunk; looking for cycles among them finds none.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    pulse = Pulse()
    app = build_app(settings, load(settings.documents), pulse)
    watchdog.start(Group(settings.broker, settings.group, settings.worker), pulse, settings.watchdog_seconds, die)

    class Worker(faust.Worker):  # type: ignore[misc]
        """Stops in bounded time."""

        async def stop(self) -> None:
            bound_stop()
            await super().stop()

    worker = Worker(app, loglevel="WARNING", quiet=True, redirect_stdouts=False, override_logging=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1:])
