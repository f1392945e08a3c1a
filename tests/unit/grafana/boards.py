"""The committed dashboards, and PromQL as far as the rules need it."""

from __future__ import annotations

import json
import re

from stack.settings import ROOT

FILES = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
BOARDS = {board["uid"]: board for board in (json.loads(path.read_text()) for path in FILES)}

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORDS = {"by", "on", "or", "and", "unless", "bool", "group_left", "group_right", "without", "ignoring", "offset"}


def panels(board):
    """Everything but rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def targets():
    """(dashboard, panel, target) of all of them, with a name for pytest."""
    for uid, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield uid, panel, target


def filled(expr, variables=".+"):
    """The expression with every variable replaced, as Prometheus gets it."""
    expr = expr.replace("$__rate_interval", "20s").replace("$__range", "900s")
    return re.sub(r"\$\{?\w+\}?", lambda _: variables, expr)


def metrics(expr):
    """Names of the metrics in an expression: words that are no function, label, keyword or duration."""
    bare = _STRING.sub('""', filled(expr))
    bare = re.sub(r"\b(by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)", " ", bare)
    selectors = re.sub(r"\{[^}]*\}|\[[^]]*\]", "{}", bare)
    words = re.findall(r"[a-zA-Z_:][\w:]*(?!\w*\s*\()\b(?!\s*\()", selectors)
    return {word for word in words if word not in _WORDS}
