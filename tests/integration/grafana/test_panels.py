"""The panel test: on a real stack under load each expression of each panel has data, or is listed with the reason why it may not."""

from __future__ import annotations

import contextlib
import sys
import time

import httpx2
import pytest

from monitor.board.prometheus import Prometheus
from tests.asked import number
from tests.e2e.outage.load import Load
from tests.integration.grafana.healthy import EMPTY_WHEN_HEALTHY, excused, wanted
from tests.integration.grafana.load import load
from tests.integration.grafana.now import series
from tests.unit.grafana.boards import BOARDS, targets
from tests.waiting import eventually

_SECONDS = 90
RATE = number("PANELS_RATE", 0)
"""Writes a second. `make panels-check` asks for 200 and insists on it; without, it is what clients of the API write."""
CLIENTS_RATE = 60.0
"""Of them by the API; the others are SQL statements. One API process with everything else on two cores makes about 100."""


@pytest.fixture(scope="module")
def busy(stack):
    """The session's stack while clients use it."""
    with contextlib.ExitStack() as under:
        made = under.enter_context(load(stack.api_url, CLIENTS_RATE))
        rows = under.enter_context(Load(stack.env["VERIFY_POSTGRES_DSN"], RATE - CLIENTS_RATE)) if RATE > CLIENTS_RATE else None
        began = time.monotonic()
        yield stack
        clients = made.rate()
        achieved = clients + (rows.acknowledged / (time.monotonic() - began) if rows else 0.0)
    sys.stdout.write(f"\n{achieved:.0f} writes/s, {clients:.0f} of them by the API\n")
    assert achieved >= 0.95 * RATE


def has_data(prometheus, target):
    return any(value is not None for _, value in series(prometheus, target))


def test_every_panel_has_data(busy):
    prometheus = Prometheus(busy.env["PROMETHEUS_URL"], 10)
    named = {f"{uid} {panel['title']} {target['refId']}: {target['expr']}": target for uid, panel, target in targets()}
    missing = {name: target for name, target in named.items() if wanted(target["expr"])}
    assert len(missing) > 30

    def look():
        for name in [name for name, target in missing.items() if has_data(prometheus, target)]:
            del missing[name]
        return not missing

    try:
        eventually(look, seconds=_SECONDS, what="every expression gives data")
    except AssertionError:
        pytest.fail("no data, and not listed as empty when healthy:\n" + "\n".join(missing))


@pytest.mark.parametrize("rule", EMPTY_WHEN_HEALTHY)
def test_what_is_listed_as_empty_is_used(rule):
    assert any(excused(rule, target["expr"]) for _, _, target in targets())


@pytest.mark.parametrize("uid", BOARDS)
def test_the_board_of_the_stack_draws_it(busy, uid):
    url = f"http://{busy.env['BOARD_HOST']}:{busy.env['BOARD_PORT']}/api/dashboards/{uid}"
    answer = httpx2.get(f"{url}/data?minutes=5", timeout=30).json()
    assert {panel["error"]["message"] for panel in answer["panels"].values() if "error" in panel} == set()
    assert httpx2.get(f"{url}/variables", timeout=30).json()["job"] != []
