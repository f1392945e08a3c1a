import json

import pytest

from cdc_consumer.readmodel.declare import Document, Link, Many, One
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.kinds import Kind
from connectors.settings import ConnectSettings
from connectors.template import EPOCH_KEY, TEMPLATE, captured_tables, connector_config, render, snapshot_order


def test_the_captured_tables_are_those_of_the_declarations_and_the_heartbeat():
    assert captured_tables() == sorted({"cdc_heartbeat"}.union(*(document.tables() for document in DOCUMENTS)))


def test_a_new_declaration_is_captured_with_its_link_tables_at_any_depth():
    people = One("people", key="boss_id", fields={"name": Kind.RAW}, embeds={"home": One("homes", key="home_id", fields={})})
    clubs = Many("clubs", through=Link(table="members", parent="team_id", child="club_id"), fields={})
    teams = Document("teams_read", root="teams", fields={}, embeds={"boss": people, "clubs": clubs})
    assert captured_tables([teams]) == ["cdc_heartbeat", "clubs", "homes", "members", "people", "teams"]


def test_a_snapshot_reads_what_embeds_others_after_them():
    tables = connector_config(ConnectSettings(), epoch=7)["table.include.list"].split(",")
    assert tables[-1] == "public.items"
    assert tables[:-1] == [f"public.{table}" for table in captured_tables() if table != "items"]
    plain = Document("plain_read", root="a_plain", fields={})
    whole = Document("whole_read", root="a_whole", fields={}, embeds={"part": One("parts", key="part_id", fields={})})
    assert snapshot_order([plain, whole]) == ["a_plain", "cdc_heartbeat", "parts", "a_whole"]


def test_every_placeholder_is_filled_and_a_password_is_taken_as_it_is():
    config = connector_config(ConnectSettings(db_password='p"$slot\\', db_port=6543, slot="s1"), epoch=7)
    assert config["database.password"] == 'p"$slot\\'
    assert config["database.port"] == "6543"
    assert config["slot.name"] == "s1"
    assert config[EPOCH_KEY] == "7"
    assert not [key for key, value in config.items() if "$" in value and key != "database.password"]


def test_an_unknown_placeholder_is_an_error():
    with pytest.raises(KeyError, match="nowhere"):
        render('{"a": "$nowhere"}', {})


def test_what_the_pipeline_rests_on():
    """Each of these has a reason in design sections 4 and 7; changing one breaks a promise, not a taste."""
    config = json.loads(TEMPLATE.read_text())
    assert config["skipped.operations"] == "none", "the default drops TRUNCATE"
    assert config["publication.autocreate.mode"] == "disabled", "the migrations own the publication"
    assert config["decimal.handling.mode"] == "string"
    assert config["time.precision.mode"] == "isostring"
    assert config["interval.handling.mode"] == "string"
    assert config["binary.handling.mode"] == "bytes", "base64 gives NULL for a TOASTed bytea that an update left alone"
    assert config["event.converting.failure.handling.mode"] == "fail", "the default writes NULL for a value it cannot convert"
    assert config["include.unknown.datatypes"] == "true", "the default leaves the column out"
    assert config["errors.max.retries"] == "-1", "an outage is a pause"
    assert config["producer.override.acks"] == "all"
    assert int(config["poll.interval.ms"]) <= 20, "the default of 500 ms is the whole latency"
    assert config["producer.override.linger.ms"] == "5", "less costs a backlog a tenth to a fifth, more is waited for by each row (0026)"
    assert int(config["heartbeat.interval.ms"]) > 0, "an idle slot would hold the WAL"
    assert "cdc_heartbeat" in config["heartbeat.action.query"]
    assert config["value.converter.schemas.enable"] == config["key.converter.schemas.enable"] == "false"
