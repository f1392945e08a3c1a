"""The doctor's words: what is missing, and what to type."""

import json
import os
import socket
from pathlib import Path

import pytest

from stack.components.store import check_readable
from stack.doctor import __main__ as doctor
from stack.doctor import packages, room, tools
from stack.doctor.finding import MISSING, OK, WARNING, Finding
from stack.errors import StackError


def nothing(_name):
    return None


def everything(name):
    return f"/usr/bin/{name}"


def test_an_old_python_is_named_with_packages():
    found = tools.python((3, 9, 2))
    assert (found.state, found.detail) == (MISSING, "3.9.2; 3.11 or newer is needed")
    assert "python3.11" in found.packages
    assert tools.python((3, 11, 0)).state == OK


def test_debians_python_without_venv():
    assert tools.venv(nothing).packages[-1] == "python3-venv"
    assert tools.venv(everything).state == OK


def test_a_missing_program_says_what_it_is_for():
    found = tools.program("mvn", nothing, ("maven",), "fetches Kafka and Debezium")
    assert found == Finding("mvn", MISSING, "not on PATH; it fetches Kafka and Debezium", ("maven",))


def test_an_old_java_says_which_it_found():
    def old():
        raise StackError("/usr/bin/java is Java 11; Kafka needs 17 or newer")

    assert tools.java(old).detail == "/usr/bin/java is Java 11; Kafka needs 17 or newer"


def test_a_missing_library_names_its_package():
    def load(_name):
        raise OSError

    assert tools.library("libcurl.so.4", ("libcurl4t64", "libcurl4"), load).packages == ("libcurl4t64", "libcurl4")


@pytest.mark.parametrize(
    ("system", "machine", "libc", "state"),
    [
        ("Linux", "x86_64", (2, 36), OK),
        ("Linux", "aarch64", (2, 36), MISSING),
        ("Linux", "x86_64", (2, 31), MISSING),
        ("Linux", "x86_64", (), MISSING),
        ("Darwin", "x86_64", (), MISSING),
    ],
)
def test_other_platforms_are_sent_to_compose(system, machine, libc, state):
    found = tools.platform_kind(system, machine, libc)
    assert found.state == state
    assert ("MODE=compose" in found.advice) == (state == MISSING)


def test_download_tools_are_needed_only_for_what_is_not_there_yet():
    def names(lacking):
        return {found.name for found in tools.tools(lacking, everything)}

    assert names({"kafka", "prometheus"}) - names(set()) == {"mvn", "prometheus"}


def test_compose_needs_docker():
    assert [found.name for found in tools.compose(nothing) if found.state == MISSING] == ["make", "docker"]


MEMINFO = "MemTotal:       24000000 kB\nMemAvailable:    8000000 kB\n"


@pytest.mark.parametrize(("limit", "gigabytes"), [("", 8.0), ("max\n", 8.0), ("2000000000\n", 2.0)])
def test_a_containers_limit_counts(limit, gigabytes):
    assert room.available_gb(MEMINFO, limit) == pytest.approx(gigabytes)


def test_little_memory_is_a_warning_and_a_full_disk_is_not():
    assert room.memory(1.0).state == WARNING
    full = room.disk("disk for data", Path("/data"), 0.4, 2.0)
    assert full.state == MISSING
    assert "STACK_DIR=" in full.advice


def test_a_taken_port_is_named_with_its_owner_and_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        found = room.ports({"kafka": number}, running=False)
        assert found.detail == f"in use by another program: {number} (kafka)"
        assert "STACK_PORT_OFFSET" in found.advice
        assert room.ports({"kafka": number}, running=True).state == OK


def test_a_closed_cache_is_the_users_problem_only_for_root(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(room, "postgres_user", lambda: "nobody")
    monkeypatch.setattr(room, "check_readable", lambda cache: check_readable(cache, uid=0))
    assert room.account(closed / "cache").state == MISSING
    monkeypatch.setattr(room, "postgres_user", lambda: None)
    assert room.account(closed / "cache").state == OK


LACKING = [
    Finding("Java", MISSING, "none", ("openjdk-21-jre-headless", "openjdk-17-jre-headless")),
    Finding("make", OK, "there", ("make",)),
]


def test_the_first_package_that_the_distribution_has_is_chosen():
    assert packages.command(LACKING, lambda _names: {"openjdk-17-jre-headless"}) == ["openjdk-17-jre-headless"]
    assert packages.command(LACKING, set) == ["openjdk-21-jre-headless"]
    assert packages.command(LACKING, lambda _names: set()) == ["openjdk-17-jre-headless"]


POLICY = """openjdk-21-jre-headless:
  Installed: (none)
  Candidate: (none)
  Version table:
openjdk-17-jre-headless:
  Installed: (none)
  Candidate: 17.0.19+10-1~deb12u2
  Version table:
     17.0.19+10-1~deb12u2 500
        500 somewhere bookworm/main amd64 Packages
"""


def test_what_apt_has_is_read_from_its_policy(tmp_path, monkeypatch):
    (tmp_path / "apt-cache").write_text(f"#!/bin/sh\ncat <<'E'\n{POLICY}E\n")
    (tmp_path / "apt-cache").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert packages.known(["openjdk-21-jre-headless", "openjdk-17-jre-headless", "nonsense"]) == {"openjdk-17-jre-headless"}


def test_the_report_ends_with_one_command(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lines = doctor.report(LACKING, ["openjdk-17-jre-headless"])
    assert lines[0].split() == ["MISSING", "Java", "none"]
    assert lines[-1].endswith("sudo apt-get update && sudo apt-get install -y openjdk-17-jre-headless")
    assert not any("make " in line and "there" in line for line in doctor.report(LACKING, [], quiet=True))


@pytest.fixture
def machine(monkeypatch):
    """A machine without Java until apt-get has installed it."""
    state = {"installed": False}

    def examine(_options):
        return [Finding("Java", OK, "17")] if state["installed"] else LACKING

    def install(_found, _progress):
        state["installed"] = True

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setattr(packages, "available", lambda: True)
    monkeypatch.setattr(packages, "known", set)
    monkeypatch.setattr(packages, "install", install)
    return state


def test_root_installs_and_looks_again(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert doctor.main(["--install"]) == 0
    assert machine["installed"]


def test_an_ordinary_user_is_told_what_to_type(machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert doctor.main(["--install", "--quiet"]) == 1
    assert not machine["installed"]
    assert "sudo apt-get install -y" in capsys.readouterr().out


def test_without_the_option_root_installs_nothing_and_json_is_for_scripts(machine, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert doctor.main(["--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert len(answer["install"]) == 1
    assert answer["findings"][0]["name"] == "Java"
    assert not machine["installed"]


def test_a_browser_is_asked_for_only_by_the_tests(monkeypatch):
    assert tools.for_tests(nothing)[0].packages == ("chromium",)
    assert tools.for_tests(everything)[0].state == OK
    asked = [doctor.examine(doctor._parser().parse_args(["--tools", *more])) for more in ([], ["--tests"])]
    assert [{one.name for one in found} & {"Chromium"} for found in asked] == [set(), {"Chromium"}]
