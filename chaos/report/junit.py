"""JUnit XML, for a CI that shows runs as tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from chaos.run import Done


def report(runs: Sequence[Done]) -> str:
    """One test case a run; UNKNOWN and ABORTED are errors, since nothing was shown."""
    words = [done.word for done in runs]
    errors = words.count("UNKNOWN") + words.count("ABORTED")
    numbers = {"tests": len(runs), "failures": words.count("FAIL"), "errors": errors, "skipped": words.count("SKIPPED")}
    suite = ET.Element("testsuite", {"name": "chaos", **{name: str(number) for name, number in numbers.items()}})
    for done in runs:
        times = done.verdict.times if done.verdict else None
        took = times.end - times.fault if times else 0.0
        case = ET.SubElement(suite, "testcase", classname="chaos", name=done.name, time=f"{took:.1f}")
        said = "; ".join(done.verdict.reasons) if done.verdict else done.skipped or done.aborted
        kind = {"FAIL": "failure", "UNKNOWN": "error", "ABORTED": "error", "SKIPPED": "skipped"}.get(done.word)
        if kind:
            ET.SubElement(case, kind, message=said)
    ET.indent(suite)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{ET.tostring(suite, encoding='unicode')}\n"
