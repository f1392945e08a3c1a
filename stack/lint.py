"""`python -m stack.lint`: the filled Prometheus configuration, checked by Prometheus' own promtool."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from stack.components import provide
from stack.render import fill


def main() -> int:
    """Promtool's exit code, with its words when it is not 0."""
    components = provide(lambda text: print(text, file=sys.stderr))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "prometheus.yml"
        path.write_text(fill("prometheus.yml", {"PROMETHEUS_TARGETS": scratch}))
        for job in ("prometheus", "api", "worker", "prober", "kafka", "connect"):
            (Path(scratch) / f"{job}.json").write_text('[{"targets": ["127.0.0.1:1"]}]\n')
        done = subprocess.run(
            [str(components.promtool), "check", "config", str(path)], capture_output=True, text=True, timeout=60, check=False
        )
    print("promtool: the configuration is valid" if done.returncode == 0 else done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
