"""Which Java."""

import pytest

from stack.components import java
from stack.errors import StackError


@pytest.fixture
def jdk(tmp_path, monkeypatch):
    def make(version):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
        (tmp_path / "bin" / "java").chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("text", "major"), [('openjdk version "17.0.15" 2025-04-15', 17), ('JAVA_VERSION="21"', 21), ('java version "1.8.0_292"', 8), ("", 0)]
)
def test_the_major_version(text, major):
    assert java.major(text) == major


def test_java_home_wins_over_path(jdk):
    home = jdk("21.0.1")
    assert java.find_java() == home / "bin" / "java"
    assert java.version_of(home / "bin" / "java") == "21.0.1"


def test_the_release_file_saves_starting_a_jvm(jdk):
    home = jdk("11")
    (home / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="17.0.2"\n')
    assert java.find_java() == home / "bin" / "java"


def test_an_old_java_is_refused(jdk):
    jdk("11.0.2")
    with pytest.raises(StackError, match="is Java 11; Kafka needs 17 or newer") as raised:
        java.find_java()
    assert "apt-get install openjdk-17" in raised.value.advice


def test_no_java_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="Java is missing"):
        java.find_java()
