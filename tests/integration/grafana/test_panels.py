"""The panel test: on a real stack under load each expression of each panel has data, or is listed with the reason why it may not."""

from __future__ import annotations

import time

import httpx2
import pytest

from monitor.board.fill import expression
from monitor.board.prometheus import Prometheus
from tests.integration.grafana.healthy import EMPTY_WHEN_HEALTHY, excused, wanted
from tests.integration.grafana.load import load
from tests.unit.grafana.boards import BOARDS, targets
from tests.waiting import eventually

_SECONDS = 90
_RANGE = 300


@pytest.fixture(scope="module")
def busy(stack):
    """The session's stack while clients use it."""
    with load(stack.api_url):
        yield stack


def has_data(prometheus, target):
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(("job", "instance", "table", "topic"), ())
    found = prometheus.instant(expression(target["expr"], nothing, _RANGE), time.time())
    return any(value is not None for _, value in found)


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
