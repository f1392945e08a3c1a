"""`python -m stack.lint`: configuration and rules of Prometheus and Alertmanager, checked by their own tools."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from stack.components import provide
from stack.render import fill
from stack.rules import RULES

JOB = re.compile(r"\$\{PROMETHEUS_TARGETS\}/(\w+)\.json")


def prepare(directory: Path, rule_file: Path) -> Path:
    """The filled configuration, with a file of targets for each job it names."""
    values = {"PROMETHEUS_TARGETS": str(directory), "PROMETHEUS_RULES": str(rule_file)}
    path = directory / f"prometheus-{rule_file.stem}.yml"
    path.write_text(fill("prometheus.yml", values))
    for job in set(JOB.findall(fill("prometheus.yml", values | {"PROMETHEUS_TARGETS": "${PROMETHEUS_TARGETS}"}))):
        (directory / f"{job}.json").write_text('[{"targets": ["127.0.0.1:1"]}]\n')
    return path


def main() -> int:
    """1 if a tool finds something, with its words."""
    components = provide(lambda text: print(text, file=sys.stderr))
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        routes = Path(scratch) / "alertmanager.yml"
        routes.write_text(fill("alertmanager.yml", {}))
        commands = [[str(components.amtool), "check-config", str(routes)]]
        # `check config` follows rule_files, so the rules of each profile are checked with it.
        commands += [[str(components.promtool), "check", "config", str(prepare(Path(scratch), rules))] for rules in RULES.glob("*.yml")]
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            if done.returncode:
                failed = True
                print(done.stdout + done.stderr)
    print("promtool and amtool found problems" if failed else "promtool, amtool: configuration, rules and routes are valid")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
