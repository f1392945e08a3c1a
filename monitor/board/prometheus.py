"""The few questions that the board asks Prometheus, each bounded in time."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

Labels = dict[str, str]
_OUR_FAULT = (400, 422)
"""An expression that does not parse or cannot be executed."""


class PrometheusError(Exception):
    """No answer, or a refusal. `away`: Prometheus itself does not answer, so the next question would not be answered either."""

    def __init__(self, message: str, advice: str, *, away: bool) -> None:
        super().__init__(message)
        self.advice = advice
        self.away = away


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus at http://host:port. Safe for several threads: each question has a connection of its own."""

    url: str
    timeout: float

    def instant(self, expr: str, time: float) -> list[tuple[Labels, float | None]]:
        """The value of each series at a moment (seconds since 1970). Raises PrometheusError."""
        result = self._vector("query", {"query": expr, "time": f"{time:.3f}"}, "vector")
        return [(one["metric"], _number(one["value"][1])) for one in result]

    def span(self, expr: str, start: int, end: int, step: int) -> list[tuple[Labels, list[float | None]]]:
        """The values of each series at start, start + step, ... end; None where there is none. Raises PrometheusError."""
        result = self._vector("query_range", {"query": expr, "start": str(start), "end": str(end), "step": str(step)}, "matrix")
        length = (end - start) // step + 1
        found = []
        for one in result:
            values: list[float | None] = [None] * length
            for time, value in one["values"]:
                values[round((time - start) / step)] = _number(value)
            found.append((one["metric"], values))
        return found

    def label_values(self, metric: str, label: str, start: int, end: int) -> list[str]:
        """The values of a label among the series of a selector within a time range. Raises PrometheusError."""
        query = urlencode({"match[]": metric, "start": start, "end": end})
        values: list[str] = self._ask("GET", f"/api/v1/label/{quote(label)}/values?{query}")
        return values

    def _vector(self, question: str, parameters: Mapping[str, str], wanted: str) -> list[dict[str, Any]]:
        body = urlencode({**parameters, "timeout": f"{round(self.timeout * 1000)}ms"})
        data = self._ask("POST", f"/api/v1/{question}", body)
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        if data["resultType"] != wanted:
            raise PrometheusError(f"a {data['resultType']} where a {wanted} was expected", "Mend the panel's expression.", away=False)
        result: list[dict[str, Any]] = data["result"]
        return result

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        place = urlsplit(self.url)
        connection = HTTPConnection(place.hostname or "127.0.0.1", place.port or 80, timeout=self.timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            reason = f"no answer within {self.timeout:g} s" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
            raise PrometheusError(f"Prometheus does not answer: {reason}", "make status; make logs S=prometheus", away=True) from error
        finally:
            connection.close()
        try:
            found = json.loads(text)
        except ValueError:
            message = f"Prometheus answered {answer.status} and no JSON"
            raise PrometheusError(message, "make logs S=prometheus", away=answer.status >= 500) from None
        if found.get("status") != "success":
            advice = "Mend the panel's expression." if answer.status in _OUR_FAULT else "make logs S=prometheus"
            raise PrometheusError(f"Prometheus refused: {found.get('error', answer.status)}", advice, away=False)
        return found["data"]


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
