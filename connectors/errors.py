"""What can go wrong, and for each what to do next.

CommandError
├── ConnectUnreachableError    no answer from Connect's REST interface
├── ConnectRefusedError        Connect answered with an error
│   ├── ConnectorMissingError  404
│   └── ConnectBusyError       409, or 500 for a rebalance, or an unfinished request: worth another try
├── ConnectorFailedError       the connector or its task is FAILED, or did not come up in time
├── SourceUnreachableError     Postgres does not answer or refuses the login
├── SourceMismatchError        publication, slot and stored offsets do not fit together
├── OrphansError               rows deleted before a snapshot could not be removed yet
└── NotAgreedError             a new snapshot was needed and nobody agreed to it
"""

from __future__ import annotations


class CommandError(Exception):
    """An error to show to the operator: what happened, and the next step."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


class ConnectUnreachableError(CommandError):
    """No answer from Connect's REST interface."""


class ConnectRefusedError(CommandError):
    """Connect answered with an HTTP error."""


class ConnectorMissingError(ConnectRefusedError):
    """There is no such connector."""


class ConnectBusyError(ConnectRefusedError):
    """Connect is rebalancing or has not finished an earlier request."""


class ConnectorFailedError(CommandError):
    """The connector is FAILED, or was not in the wanted state in time."""


class SourceUnreachableError(CommandError):
    """Postgres does not answer, or refuses the connector's login."""


class SourceMismatchError(CommandError):
    """Publication, replication slot and stored offsets do not fit together."""


class OrphansError(CommandError):
    """Rows deleted before a snapshot could not be removed yet."""


class NotAgreedError(CommandError):
    """A new snapshot is needed, and the operator did not agree to it."""
