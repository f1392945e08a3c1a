"""What every service of docker-compose.yml has to have."""

from __future__ import annotations

import re

import pytest
import yaml

from stack.settings import ROOT
from tests.unit.compose.conftest import VARIABLE

ONE_SHOT = {"configure", "mongo-init", "migrate", "topics", "register", "seed", "verify"}
OURS = {"pg-mongo-cdc/app", "pg-mongo-cdc/kafka", "pg-mongo-cdc/connect"}
SIZES = {"m": 1, "g": 1024}


def megabytes(size):
    return int(size[:-1]) * SIZES[size[-1].lower()]


def test_every_service_is_healthy_or_ends(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == ONE_SHOT
    assert {name for name, service in services.items() if service["restart"] == "no"} == ONE_SHOT
    assert {service["restart"] for service in services.values()} == {"no", "unless-stopped"}


def test_a_health_check_looks_often_while_a_service_starts(services):
    for service in services.values():
        if check := service.get("healthcheck"):
            assert check["start_interval"] in {"1s", "2s", "3s"}
            assert {"test", "interval", "timeout", "retries", "start_period"} <= check.keys()


def test_every_image_is_pinned(services):
    for service in services.values():
        name, _, tag = service["image"].rpartition(":")
        assert name in OURS if tag == "local" else re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-bookworm)?", tag)
        assert "build" not in service or service["pull_policy"] == "build"


def test_every_image_of_the_dockerfile_is_pinned_by_a_variable():
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(bases) == 5
    assert all(re.fullmatch(r"[a-z/]+:\$\{[A-Z]+_VERSION\}\S*", base) for base in bases)


def test_every_dependency_has_a_condition_that_can_be_met(services):
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            possible = {"service_completed_successfully"} if needed in ONE_SHOT else {"service_healthy"}
            if service is services["mongo-init"]:
                possible = {"service_started"}  # mongo is healthy only after it
            assert how["condition"] in possible


def test_a_one_shot_service_is_awaited(services):
    # `docker compose up --wait` takes the end of a service for a fault unless another service waits for that end.
    awaited = {needed for service in services.values() for needed in service.get("depends_on", {})}
    assert {name for name in ONE_SHOT if "profiles" not in services[name]} <= awaited


def test_every_variable_is_in_stack_env_and_required(text, shared):
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert set(VARIABLE.findall(lines)) - {"COMPOSE_PROJECT_NAME"} <= shared.keys()
    assert re.findall(r"(?<!\$)\$(?!\$|\{\w+:\?\})\S*", lines) == []


def test_ports_are_the_local_ones_and_open_to_this_machine_alone(services, local):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    # Kafka's controller talks to itself; workers cannot share a port, and Prometheus reaches them and the JVMs' agents inside.
    inside = {"kafka controller", "kafka metrics", "connect metrics", "worker-1"}
    wanted = {name: port for name, port in local.ports().items() if name not in inside}
    service = {"prober metrics": "prober", "keeper metrics": "keeper"}
    assert {service.get(name, name): [f"127.0.0.1:{port}:{port}"] for name, port in wanted.items()} == published


@pytest.mark.parametrize(("name", "heap"), [("kafka", "KAFKA_HEAP"), ("connect", "CONNECT_HEAP")])
def test_memory_is_bounded_and_leaves_room_beside_the_heap(services, shared, name, heap):
    assert all("mem_limit" in service for service in services.values())
    assert megabytes(services[name]["mem_limit"]) >= megabytes(shared[heap]) + 384
    assert services[name]["environment"]["KAFKA_HEAP_OPTS"].endswith(f"-Xmx{shared[heap]}")


def test_our_containers_have_no_rights(services):
    ours = [service for service in services.values() if service["image"] == "pg-mongo-cdc/app:local"]
    assert len(ours) == 11
    assert all(service["cap_drop"] == ["ALL"] and service["read_only"] and service["init"] for service in ours)
    assert re.search(r"^USER cdc$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_every_volume_is_used(text):
    whole = yaml.safe_load(text)
    mounted = {volume.partition(":")[0] for service in whole["services"].values() for volume in service.get("volumes", [])}
    assert {name for name in mounted if not name.startswith("./")} == whole["volumes"].keys()


def test_what_the_dockerfile_copies_is_in_its_context():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source.partition("/")[0] for line in copied for source in line.split()}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sources == allowed
    assert all((ROOT / source).exists() for source in sources)
