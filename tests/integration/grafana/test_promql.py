"""Every expression parses, by Prometheus' own parser."""

from __future__ import annotations

import json
import subprocess

from stack.components import provide
from tests.unit.grafana.boards import BOARDS, filled, targets


def check(tmp_path, expressions):
    rules = [{"record": f"x:{number}", "expr": expr} for number, expr in enumerate(expressions)]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))  # JSON is YAML
    command = [str(provide(print).promtool), "check", "rules", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_every_expression_parses(tmp_path):
    expressions = [filled(target["expr"]) for _, _, target in targets()]
    expressions += [filled(one["expr"]) for board in BOARDS.values() for one in board["annotations"]["list"]]
    done = check(tmp_path, expressions)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(expressions)} rules found" in done.stdout


def test_one_that_does_not_parse_is_found(tmp_path):
    assert check(tmp_path, ["sum(rate(x[5m])"]).returncode != 0
