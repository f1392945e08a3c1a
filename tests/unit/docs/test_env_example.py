""".env.example names every variable there is, with its real value or default."""

from __future__ import annotations

import re

import pytest

from api.models.migrate import MigrateSettings
from api.settings import Settings as ApiSettings
from cdc_consumer.settings import Settings as WorkerSettings
from connectors.keeper.settings import KeeperSettings
from connectors.settings import ConnectSettings
from monitor.alerts.settings import AlertsSettings
from monitor.board.settings import BoardSettings
from monitor.prober.settings import ProberSettings
from monitor.verify.settings import VerifySettings
from scripts.clean_mongo import CleanSettings
from scripts.seed import SeedSettings
from stack.environment import process_env
from stack.passwords import Passwords
from stack.settings import ROOT, Settings, State, parse_env

CLASSES = (
    *(ApiSettings, WorkerSettings, MigrateSettings, ConnectSettings, KeeperSettings, BoardSettings),
    *(VerifySettings, ProberSettings, AlertsSettings, SeedSettings, CleanSettings),
)
STACK = {
    *("STACK_DIR", "STACK_PORT_OFFSET", "SEED_USERS", "SEED_ITEMS", "SEED_TAGS", "CDC_CACHE"),
    *("ALERT_PROFILE", "RUNBOOK_URL", "DASHBOARD_URL"),
}
TEXT = (ROOT / ".env.example").read_text()
OPTIONAL = dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.*)$", TEXT, re.MULTILINE))


@pytest.fixture
def written(tmp_path):
    """What `make up` writes, with a password that is known."""
    shared = parse_env((ROOT / "stack" / "stack.env").read_text())
    found = process_env(Settings(tmp_path, State(), shared), Passwords("secret", "secret", "secret", "secret"))
    return {name: value.replace(str(tmp_path), ".stack") for name, value in found.items()}


def fields():
    """(variable, default) of every setting of every process."""
    for settings in CLASSES:
        for name, field in settings.model_fields.items():
            yield f"{settings.model_config['env_prefix']}{name}".upper(), field.default


def test_the_values_are_those_of_a_local_stack(written):
    assert parse_env(TEXT) == written


def test_every_setting_is_there_and_no_other(written):
    assert {name for name, _ in fields()} | STACK | {"PROMETHEUS_URL"} == written.keys() | OPTIONAL.keys()


def test_what_may_be_left_out_shows_its_default():
    for name, default in fields():
        if name in OPTIONAL:
            assert OPTIONAL[name] == ("" if default is None else str(default)), name


def test_no_variable_is_named_twice():
    names = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", TEXT, re.MULTILINE)
    assert len(names) == len(set(names))
