"""What no retry can help."""

from __future__ import annotations


class Poison(Exception):  # noqa: N818 - the field's word for a record that no retry can help
    """A record that can never be applied. `cause` is a short stable word for counting, the message says the rest."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause
