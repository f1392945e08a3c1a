"""A row as a record holds it: JSON that is read when somebody looks at it. Pure.

Of a row that changed often in a chunk only the newest image is written, and of the others at most the columns that lead to a parent are
asked for (docs/decisions/0021-looked-at.md). `usual` has seen that it is an object of texts that can be read.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import orjson

from cdc_consumer.poison import Poison

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_decoders: Final[dict[str, Any]] = {}  # of one column
_ABSENT: Final = object()
UNREADABLE: Final = (msgspec.MsgspecError, ValueError, RecursionError)  # what msgspec raises


class _Meta(ABCMeta, msgspec.StructMeta):
    """Of a mapping that is made without running Python: there are two for each record."""


class Image(Mapping[str, Any], msgspec.Struct, metaclass=_Meta, gc=False, eq=False):
    """The columns of a row, given as a JSON value.

    Looking at them raises Poison when they cannot be read: a number is too large for a double.
    """

    _raw: msgspec.Raw
    _row: dict[str, Any] | None = None

    def row(self) -> dict[str, Any]:
        """All of them."""
        if self._row is None:
            self._row = _read(self._raw)
        return self._row

    def get(self, key: str, default: Any = None) -> Any:
        """One of them, and the others stay unread."""
        row = self._row
        if row is None:
            try:
                value = (_decoders.get(key) or _column(key))(self._raw).value
            except UNREADABLE:
                row = self.row()
            else:
                return default if value is _ABSENT else value
        return row.get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self.row()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.row())

    def __len__(self) -> int:
        return len(self.row())

    def __bool__(self) -> bool:
        return len(self._raw) > len("{}") or bool(self.row())

    def __repr__(self) -> str:
        return repr(self.row())


def read(image: Mapping[str, Any]) -> Mapping[str, Any]:
    """The image as a dictionary, which is quick to copy. Raises Poison as looking at it does."""
    return image.row() if type(image) is Image else image


def _read(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        return _decode(raw)
    except UNREADABLE:
        pass
    try:
        row = orjson.loads(memoryview(raw))
    except orjson.JSONDecodeError as error:
        raise Poison("not_json", f"value is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise Poison("not_json", "an image of a row is not a JSON object")
    return row


def _column(name: str) -> Any:
    one = msgspec.defstruct("Column", [("value", Any, _ABSENT)], rename={"value": name}, gc=False)
    found = _decoders[name] = msgspec.json.Decoder(one).decode
    return found
