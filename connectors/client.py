"""Kafka Connect's REST interface: one method a request, each bounded by a timeout."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.errors import ConnectBusyError, ConnectorMissingError, ConnectRefusedError, ConnectUnreachableError

_REBALANCING: Final = "rebalance is expected"
"""What Connect says with 500, not 409, when the worker that leads has not joined again yet."""


@dataclass(frozen=True)
class Status:
    """States of a connector and its tasks: RUNNING, PAUSED, STOPPED, FAILED, RESTARTING, UNASSIGNED."""

    connector: str
    tasks: tuple[str, ...]
    trace: str
    """Connect's own stack trace of what FAILED, else empty."""

    @property
    def running(self) -> bool:
        """Whether the connector and all its tasks, at least one, are RUNNING."""
        return self.connector == "RUNNING" and bool(self.tasks) and set(self.tasks) == {"RUNNING"}

    @property
    def failed(self) -> bool:
        """Whether anything is FAILED."""
        return "FAILED" in (self.connector, *self.tasks)

    @property
    def cause(self) -> str:
        """The innermost cause that the trace names, else its first line: the outermost says no more than that something happened."""
        causes = [line.strip() for line in self.trace.splitlines() if line.startswith("Caused by: ")]
        text = (causes or self.trace.splitlines() or ["Connect gave no reason."])[-1 if causes else 0]
        return text[:300]


class Connect:
    """A client of one connector. Raises the errors of `connectors.errors`."""

    def __init__(self, url: str, name: str, timeout: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self.name = name
        self.timeout = timeout

    def config(self) -> dict[str, str] | None:
        """The registered configuration, None when there is no such connector."""
        try:
            found: dict[str, str] = self._call("GET", "/config")
        except ConnectorMissingError:
            return None
        return {key: value for key, value in found.items() if key != "name"}

    def create_stopped(self, config: Mapping[str, str]) -> None:
        """Register a new connector that does nothing yet: its stored offsets can be looked at first."""
        body = {"name": self.name, "config": dict(config), "initial_state": "STOPPED"}
        self._request("POST", "/connectors", body)

    def put_config(self, config: Mapping[str, str]) -> None:
        """Replace the configuration."""
        self._call("PUT", "/config", dict(config))

    def patch_config(self, changes: Mapping[str, str]) -> None:
        """Change some keys (KIP-477); unlike a PUT it never makes a connector that somebody has just deleted."""
        self._call("PATCH", "/config", dict(changes))

    def status(self) -> Status:
        """States as Connect last heard of them."""
        found = self._call("GET", "/status")
        parts = [found["connector"], *found["tasks"]]
        trace = next((part.get("trace", "") for part in parts if part["state"] == "FAILED"), "")
        return Status(found["connector"]["state"], tuple(task["state"] for task in found["tasks"]), trace)

    def offsets(self) -> list[dict[str, Any]]:
        """The source offsets stored for the connector, one object each; empty when there are none."""
        found: list[dict[str, Any]] = self._call("GET", "/offsets")["offsets"]
        return [entry["offset"] for entry in found if entry["offset"]]

    def delete_offsets(self) -> None:
        """Forget the offsets (KIP-875); the connector must be STOPPED."""
        self._call("DELETE", "/offsets")

    def stop(self) -> None:
        """Ask it to end its tasks and keep its configuration."""
        self._call("PUT", "/stop")

    def pause(self) -> None:
        """Ask it to pause; the slot stays in use."""
        self._call("PUT", "/pause")

    def resume(self) -> None:
        """Ask a paused or stopped connector to run."""
        self._call("PUT", "/resume")

    def restart(self, *, only_failed: bool) -> None:
        """Restart the connector and its tasks."""
        self._call("POST", f"/restart?includeTasks=true&onlyFailed={str(only_failed).lower()}")

    def delete(self) -> None:
        """Remove the connector; its offsets stay."""
        self._call("DELETE", "")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self._request(method, f"/connectors/{urllib.parse.quote(self.name, safe='')}{path}", body)

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is a setting of the operator
            self.url + path, data=data, method=method, headers={"Content-Type": "application/json", "Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 - as above
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ConnectUnreachableError(
                f"Kafka Connect does not answer at {self.url}: {reason}",
                "See what runs with `make status`, and its log with `make logs S=connect`.",
            ) from error
        return json.loads(text) if text else None


def _refusal(code: int, body: bytes) -> ConnectRefusedError:
    """The error for an HTTP status; Connect's own message if it sent one."""
    try:
        message = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        message = body.decode(errors="replace").strip()[:500]
    kind = {404: ConnectorMissingError, 409: ConnectBusyError}.get(code, ConnectRefusedError)
    if code == http.client.INTERNAL_SERVER_ERROR and _REBALANCING in message:
        kind = ConnectBusyError
    return kind(f"Kafka Connect answered {code}: {message}", "See its log with `make logs S=connect`.")
