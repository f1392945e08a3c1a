"""What the stack writes: filled templates, supervisor's configuration, the environment."""

import configparser
import shlex
from pathlib import Path

import pytest
import yaml

from stack import render
from stack.columns import columns
from stack.components import Components
from stack.environment import as_dotenv, process_env
from stack.kafka import topics
from stack.layout import layout
from stack.passwords import Passwords, load_or_create
from stack.program import section
from stack.programs import programs
from stack.settings import load


@pytest.fixture
def settings(tmp_path):
    return load({"STACK_DIR": str(tmp_path / "s 1"), "STACK_PORT_OFFSET": "10"})


@pytest.fixture
def components():
    names = (
        *("java", "jmx_exporter", "postgres_bin", "connect_plugins", "mongod", "redis_server"),
        *("prometheus", "promtool", "alertmanager", "amtool"),
    )
    return Components(kafka_classpath="/libs/*", **{name: Path("/bin") / name for name in names})


@pytest.fixture
def env(settings):
    return process_env(settings, Passwords("p1", "p2", "p3", "p4"))


def test_every_template_is_filled_with_the_shifted_ports(settings, components):
    values = render.values(settings, layout(settings.directory), components.connect_plugins)
    for name in (
        "postgresql.conf",
        "pg_hba.conf",
        "kafka.properties",
        "connect.properties",
        "mongod.conf",
        "redis.conf",
        "prometheus.yml",
        "alertmanager.yml",
    ):
        assert "${" not in render.fill(name, values)
    assert "port = 15442" in render.fill("postgresql.conf", values)
    assert yaml.safe_load(render.fill("mongod.conf", values))["net"]["port"] == 27127
    assert "bootstrap.servers=127.0.0.1:19102" in render.fill("connect.properties", values)


def test_a_missing_value_is_an_error_not_a_hole(settings):
    with pytest.raises(KeyError):
        render.fill("mongod.conf", {})


def test_nothing_listens_beyond_this_machine(settings, components):
    values = render.values(settings, layout(settings.directory), components.connect_plugins)
    everything = "".join(render.fill(name, values) for name in ("postgresql.conf", "kafka.properties", "connect.properties", "redis.conf"))
    assert "0.0.0.0" not in everything
    assert "//:" not in everything


def test_an_unchanged_file_is_left_alone(tmp_path):
    path = tmp_path / "a" / "x.conf"
    assert render.write(path, "1", mode=0o600)
    before = path.stat().st_mtime_ns
    assert not render.write(path, "1", mode=0o600)
    assert path.stat().st_mtime_ns == before
    assert path.stat().st_mode & 0o777 == 0o600


def test_supervisor_gets_one_program_a_process_and_one_a_worker(settings, components, env):
    three = settings.remember(workers=3)
    found = {program.name: program for program in programs(three, layout(three.directory), components, env)}
    assert set(found) == {
        "postgres",
        "kafka",
        "mongo",
        "redis",
        "connect",
        "api",
        "prober",
        "keeper",
        "worker-1",
        "worker-2",
        "worker-3",
        "board",
        "prometheus",
        "alertmanager",
    }
    assert found["worker-3"].env["CDC_WORKER"] == "worker-3"
    assert found["worker-3"].env["CDC_METRICS_PORT"] == "9113"


def test_a_program_sees_its_own_settings_only(settings, components, env):
    found = {program.name: program for program in programs(settings, layout(settings.directory), components, env)}
    assert not [key for key in found["worker-1"].env if key.startswith(("API_", "MIGRATE_", "CONNECT_"))]
    assert not [key for key in found["api"].env if key.startswith(("CDC_", "MIGRATE_", "CONNECT_"))]


def test_consumers_stop_before_what_they_use(settings, components, env):
    priority = {program.name: program.priority for program in programs(settings, layout(settings.directory), components, env)}
    assert priority["worker-1"] > priority["connect"] > priority["kafka"]


def test_a_programs_section_survives_percent_signs_and_spaces(settings, components, env):
    paths = layout(settings.directory)
    found = {program.name: program for program in programs(settings, paths, components, env)}
    parser = configparser.RawConfigParser()
    parser.read_string(section(found["mongo"], paths))
    command = shlex.split(parser["program:mongo"]["command"])
    assert command[-2:] == ["--config", str(paths.etc / "mongod.conf")]
    assert parser["program:mongo"]["stopasgroup"] == "true"


def test_the_environment_can_be_sourced_by_a_shell(env):
    lines = as_dotenv(env | {"ODD": "a 'b' $c &"})
    assert dict(word.split("=", 1) for word in shlex.split(lines)) == env | {"ODD": "a 'b' $c &"}


def test_each_password_goes_to_its_role(env):
    assert "postgres:p1@" in env["MIGRATE_POSTGRES_DSN"]
    assert "cdc_api:p2@" in env["API_POSTGRES_DSN"]
    assert (env["CONNECT_DB_USER"], env["CONNECT_DB_PASSWORD"]) == ("cdc_connector", "p3")
    assert "cdc_prober:p4@" in env["PROBER_POSTGRES_DSN"]
    assert [env[f"MIGRATE_{role}_PASSWORD"] for role in ("API", "CONNECTOR", "PROBER")] == ["p2", "p3", "p4"]


def test_passwords_are_made_once_for_their_owner_only(tmp_path):
    first = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert len({first.postgres, first.api, first.connector, first.prober}) == 4


def test_a_new_role_gets_a_password_beside_those_that_are_there(tmp_path):
    (tmp_path / "secrets.json").write_text('{"postgres": "a", "api": "b", "connector": "c"}')
    found = load_or_create(tmp_path)
    assert (found.postgres, found.api, found.connector) == ("a", "b", "c")
    assert load_or_create(tmp_path).prober == found.prober


def test_every_captured_table_has_a_topic_that_forgets(settings):
    found = topics(settings)
    assert {name for name in found if name.startswith("cdc.public.")} == {
        f"cdc.public.{table}" for table in ("users", "items", "tags", "item_tags", "cdc_canary", "cdc_heartbeat", "cdc_signal")
    }
    assert found["cdc.public.items"][0] == 4
    assert found["cdc.public.cdc_heartbeat"][0] == 1
    dead = found.pop("cdc.dead-letters")
    assert (dead[0], dead[1]["retention.ms"]) == (1, "-1")  # in the order of parking, and nothing expires unread
    assert all(int(config["retention.ms"]) > 0 for _, config in found.values())


def test_records_outlive_no_tombstone(settings):
    from cdc_consumer.settings import Settings

    kept = int(topics(settings)["cdc.public.items"][1]["retention.ms"]) / 1000
    assert kept < Settings().tombstone_ttl.total_seconds()


def test_columns_line_up_and_are_never_cut():
    assert columns(("a", "rows"), [("long name", "7"), ("b", "1,000")], right=frozenset({1})) == (
        "a           rows\nlong name      7\nb          1,000"
    )
