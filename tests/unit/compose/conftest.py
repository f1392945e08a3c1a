from __future__ import annotations

import re

import pytest
import yaml

from stack.passwords import Passwords
from stack.settings import ROOT, Settings, State, parse_env

VARIABLE = re.compile(r"\$\{(\w+):\?\}")


@pytest.fixture(scope="session")
def text():
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="session")
def shared():
    return parse_env((ROOT / "stack" / "stack.env").read_text())


@pytest.fixture(scope="session")
def services(text, shared):
    """The services as compose sees them: variables replaced, `$$` read as a dollar sign."""
    known = shared | {"COMPOSE_PROJECT_NAME": yaml.safe_load(text)["name"]}
    return yaml.safe_load(VARIABLE.sub(lambda found: known[found[1]], text).replace("$$", "$"))["services"]


@pytest.fixture
def local(shared, tmp_path):
    """The stack of local mode with its ports unshifted."""
    return Settings(tmp_path, State(), shared)


@pytest.fixture(scope="session")
def passwords(shared):
    return Passwords(
        shared["POSTGRES_PASSWORD"],
        shared["POSTGRES_API_PASSWORD"],
        shared["POSTGRES_CONNECTOR_PASSWORD"],
        shared["POSTGRES_PROBER_PASSWORD"],
    )
