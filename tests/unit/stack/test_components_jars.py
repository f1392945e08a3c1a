"""The jars: what Maven brought has to be what was tested."""

import hashlib
import io
import tarfile

import pytest

from stack.components import jars
from stack.components.command import FinalError
from stack.errors import StackError
from stack.settings import ROOT, parse_env

SHARED = parse_env((ROOT / "stack" / "stack.env").read_text())


@pytest.fixture
def fetched(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "plugin").mkdir()
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "exporter-1.jar").write_bytes(b"agent")
    (tmp_path / "lib" / "a.jar").write_bytes(b"a")
    with tarfile.open(tmp_path / "plugin" / "connector.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("connector/connector.jar")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"jar"))
    return tmp_path


def test_the_pinned_files_pass(fetched):
    jars.verify(jars.checksums(fetched), jars.checksums(fetched))


def test_each_wrong_missing_and_unexpected_file_is_named(fetched):
    pinned = jars.checksums(fetched)
    (fetched / "lib" / "a.jar").write_bytes(b"tampered")
    (fetched / "lib" / "b.jar").write_bytes(b"b")
    (fetched / "plugin" / "connector.tar.gz").unlink()
    with pytest.raises(FinalError) as raised:
        jars.verify(jars.checksums(fetched), pinned)
    tampered, original = hashlib.sha256(b"tampered").hexdigest(), hashlib.sha256(b"a").hexdigest()
    assert f"lib/a.jar: has {tampered}, pinned is {original}" in raised.value.reason
    assert "plugin/connector.tar.gz: missing" in raised.value.reason
    assert "lib/b.jar: not pinned" in raised.value.reason
    assert "make lock" in raised.value.advice


def test_the_plugin_is_unpacked_and_its_archive_removed(fetched):
    jars.unpack_plugin(fetched)
    assert [path.name for path in (fetched / "plugin").rglob("*") if path.is_file()] == ["connector.jar"]


def test_the_agent_lies_apart_from_the_classpath(fetched):
    assert jars.agent(fetched) == fetched / "agent" / "exporter-1.jar"


def test_the_committed_checksums_are_of_the_versions_in_stack_env():
    pinned = jars.parse(jars.CHECKSUMS.read_text())
    kafka, scala = SHARED["KAFKA_VERSION"], SHARED["SCALA_VERSION"]
    assert {
        f"lib/kafka_{scala}-{kafka}.jar",
        f"lib/connect-runtime-{kafka}.jar",
        f"lib/connect-transforms-{kafka}.jar",
        f"lib/log4j-slf4j-impl-{SHARED['LOG4J_VERSION']}.jar",
        f"agent/jmx_prometheus_javaagent-{SHARED['JMX_EXPORTER_VERSION']}.jar",
        f"plugin/debezium-connector-postgres-{SHARED['DEBEZIUM_VERSION']}-plugin.tar.gz",
    } <= pinned.keys()
    assert all(len(digest) == 64 for digest in pinned.values())


def test_a_change_of_version_is_another_pin():
    assert jars.pin(SHARED) != jars.pin({**SHARED, "KAFKA_VERSION": "0.8"})


def test_a_machine_without_maven_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="Maven") as raised:
        jars.fetch(SHARED, tmp_path, tmp_path, print)
    assert "apt-get install maven" in raised.value.advice
