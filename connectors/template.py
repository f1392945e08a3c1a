"""The connector's configuration: postgres.json with its placeholders filled in. Pure but for reading that file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from cdc_consumer.readmodel import routes
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.documents import DOCUMENTS, load
from connectors.settings import ConnectSettings

TEMPLATE = Path(__file__).with_name("postgres.json")
HEARTBEAT_TABLE = "cdc_heartbeat"
EPOCH_KEY = "transforms.epoch.value.literal"


def captured_tables(documents: Iterable[Document] = DOCUMENTS) -> list[str]:
    """Every table that a document is made of, and the heartbeat table; sorted."""
    return sorted({*routes.captured_tables(documents), HEARTBEAT_TABLE})


def snapshot_order(documents: Iterable[Document]) -> list[str]:
    """The captured tables as a snapshot best reads them: those that embed others last, so that each document is built once.

    Debezium reads them in the order of `table.include.list`.
    """
    documents = tuple(documents)
    late = routes.embedding(documents)
    return sorted(captured_tables(documents), key=lambda table: table in late)


def render(template: str, values: Mapping[str, str]) -> dict[str, str]:
    """A JSON object of strings with each $placeholder replaced.

    The JSON is parsed first, so that a value with quotes in it (a password) stays a value.
    Raises KeyError when a placeholder has no value.
    """
    config: dict[str, str] = json.loads(template)
    return {key: Template(text).substitute(values) for key, text in config.items()}


def connector_config(settings: ConnectSettings, epoch: int) -> dict[str, str]:
    """What Connect is given for this project."""
    values = settings.model_dump(exclude={"db_password", "documents"}) | {
        "db_password": settings.db_password.get_secret_value(),
        "tables": ",".join(f"public.{table}" for table in snapshot_order(load(settings.documents))),
        "epoch": epoch,
    }
    return render(TEMPLATE.read_text(encoding="utf-8"), {key: str(value) for key, value in values.items()})
