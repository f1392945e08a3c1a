"""`python -m monitor.alerts.ask EXPRESSION`: what Prometheus answers, a line a series. Exit code 0: values; 1: no data; 2: no answer."""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.alerts.settings import AlertsSettings


def line(sample: Mapping[str, Any]) -> str:
    """`3.5  {topic="cdc.public.items"}`."""
    labels = ", ".join(f'{key}="{value}"' for key, value in sorted(sample["metric"].items()) if key != "__name__")
    return f"{float(sample['value'][1]):<14.6g} {{{labels}}}"


def ask(url: str, expression: str, seconds: float) -> list[str]:
    """One line a series. Raises OSError when Prometheus does not answer, ValueError with its words when it refuses the expression."""
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{query}", timeout=seconds) as answer:  # noqa: S310 - the operator's setting
            data = json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise ValueError(json.load(error).get("error", str(error))) from error
    if data["resultType"] != "vector":
        return [str(data["result"])]
    return [line(sample) for sample in data["result"]]


def main(argv: Sequence[str] | None = None) -> int:
    """Asks once, for the present moment."""
    parser = argparse.ArgumentParser(prog="python -m monitor.alerts.ask", description=__doc__)
    parser.add_argument("expression", help="PromQL, for example: cdc:freshness_seconds")
    expression = parser.parse_args(argv).expression
    settings = AlertsSettings()
    try:
        found = ask(settings.prometheus_url, expression, settings.timeout_s)
    except ValueError as error:
        print(f"Prometheus refuses the expression: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Prometheus at {settings.prometheus_url} does not answer: {error}. Look at: make status", file=sys.stderr)
        return 2
    print("\n".join(found) or "no data: nothing matches, or what it counts is not known")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
