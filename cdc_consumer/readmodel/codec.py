"""How document values become BSON and come back: Decimal <-> Decimal128, aware datetimes in UTC, standard UUIDs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry
from bson.decimal128 import Decimal128


class DecimalCodec(TypeCodec):
    """decimal.Decimal <-> BSON Decimal128 (34 digits; more raise decimal.Inexact, a data error)."""

    python_type = Decimal
    bson_type = Decimal128

    def transform_python(self, value: Decimal) -> Decimal128:
        """To BSON."""
        return Decimal128(value)

    def transform_bson(self, value: Decimal128) -> Decimal:
        """From BSON."""
        return value.to_decimal()


CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    uuid_representation=UuidRepresentation.STANDARD,
    type_registry=TypeRegistry([DecimalCodec()]),
)

# Mirrors hold what came as JSON, so they need no conversion; the driver decodes twice as fast without a type registry.
PLAIN: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, uuid_representation=UuidRepresentation.STANDARD)
