"""docker-compose.yml is a Compose file. compose-spec.json is the Compose Specification's schema (Apache License 2.0,
compose-spec.LICENSE), unchanged, as the PyPI package check-jsonschema 0.39.0 ships it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import yaml

from stack.settings import ROOT

SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
ROOTS = ("/usr/libexec/docker", "/usr/lib/docker", "/usr/local/lib/docker", Path.home() / ".docker")


def test_the_file_follows_the_specification(text):
    problems = jsonschema.Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(text))
    assert [f"{error.json_path}: {error.message}" for error in problems] == []


def test_the_schema_finds_a_misspelt_key(text):
    broken = yaml.safe_load(text)
    broken["services"]["api"]["healtcheck"] = broken["services"]["api"].pop("healthcheck")
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(broken)


if shutil.which("docker") and any((Path(root) / "cli-plugins" / "docker-compose").exists() for root in ROOTS):

    def test_docker_itself_reads_the_file():
        command = ["docker", "compose", "--env-file", "stack/stack.env", "--profile", "tools", "config", "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
