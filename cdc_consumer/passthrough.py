"""Faust's schema for chunks: none."""

from __future__ import annotations

from typing import Any

import faust


class PassThrough(faust.Schema):  # type: ignore[misc]
    """Hands the chunk over as it is: decoding is the pipeline's business, so that a bad record cannot be acknowledged unseen."""

    def loads_key(self, app: Any, message: Any, **kwargs: Any) -> None:
        """Nothing: a chunk has no key."""

    def loads_value(self, app: Any, message: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The chunk."""
        return message.value
