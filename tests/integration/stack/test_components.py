"""The real binaries: the versions that stack.env promises, runnable by the user that runs Postgres, found in no time."""

import os
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from stack.components import provide
from stack.layout import postgres_user
from stack.settings import ROOT, parse_env

SHARED = parse_env((ROOT / "stack" / "stack.env").read_text())


@pytest.fixture(scope="module")
def components():
    return provide(print)


def output(*command) -> str:
    """Runs as the unprivileged user when this is root, from a directory that everybody can enter."""
    user = postgres_user()
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        user=user,
        env={"PATH": os.environ["PATH"], "HOME": "/"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("name", ["postgres", "initdb", "pg_ctl", "psql", "pg_isready"])
def test_postgres(components, name):
    assert f"(PostgreSQL) {SHARED['POSTGRES_VERSION']}" in output(components.postgres_bin / name, "--version")


def test_postgres_has_logical_decoding(components):
    library = output(components.postgres_bin / "pg_config", "--pkglibdir").strip()
    assert Path(library, "pgoutput.so").exists()


def test_mongod(components):
    assert f"db version v{SHARED['MONGODB_VERSION']}" in output(components.mongod, "--version")


def test_redis(components):
    assert f"v={SHARED['REDIS_VERSION']} " in output(components.redis_server, "--version")


@pytest.mark.parametrize("name", ["prometheus", "promtool", "alertmanager"])
def test_monitoring(components, name):
    assert f"{name}, version " in output(getattr(components, name), "--version")


def test_kafka(components):
    classes = ("-cp", components.kafka_classpath)
    assert len(output(components.java, *classes, "kafka.tools.StorageTool", "random-uuid").strip()) == 22
    version = output(components.java, *classes, "org.apache.kafka.tools.BrokerApiVersionsCommand", "--version")
    assert version.split()[0] == SHARED["KAFKA_VERSION"]


def services(jar: Path, kind: str) -> list[str]:
    """What a jar declares for Connect's discovery by manifest, which reads nothing else."""
    with zipfile.ZipFile(jar) as archive:
        return archive.read(f"META-INF/services/org.apache.kafka.connect.{kind}").decode().split()


def test_connect_can_discover_debezium_and_the_transforms_by_manifest(components):
    (debezium,) = components.connect_plugins.glob(f"*/debezium-connector-postgres-{SHARED['DEBEZIUM_VERSION']}.jar")
    assert "io.debezium.connector.postgresql.PostgresConnector" in services(debezium, "source.SourceConnector")
    on_classpath = Path(components.kafka_classpath).parent / f"connect-transforms-{SHARED['KAFKA_VERSION']}.jar"
    assert "org.apache.kafka.connect.transforms.InsertHeader" in services(on_classpath, "transforms.Transformation")


def test_a_second_call_is_quick_and_silent(components):
    said: list[str] = []
    began = time.process_time()  # of this process, as other tests may keep the machine busy
    assert provide(said.append) == components
    assert time.process_time() - began < 0.3
    assert said == []
