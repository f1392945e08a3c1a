"""Runs experiments on a stack of a test, and shows their lines."""

from chaos.backends import Local
from chaos.checker.verdict import Result
from chaos.experiments.catalogue import entry
from chaos.report.line import line
from chaos.run import run
from chaos.session import Options
from stack import layout, passwords, settings
from stack.handle import Stack
from tests.asked import number

RATE = number("RATE", Options.rate, least=1)  # writes a second


def backend(place):
    """The back end of a test's stack."""
    found = settings.load({"STACK_DIR": str(place.directory)})
    return Local(Stack(found, layout.layout(found.directory), passwords.load_or_create(found.directory)))


def passes(name, place):
    """Runs an experiment as `make chaos-NAME ALERTS=1` does, with its report where that has it; it has to pass."""
    found = entry(name)
    done = run(found, backend(place), Options(duration=found.lasts(alerts=True), rate=RATE))
    print(line(done), flush=True)  # noqa: T201 - a long test tells how it goes
    assert done.verdict, done.skipped or done.aborted
    assert done.verdict.result is Result.PASS, done.verdict.reasons
