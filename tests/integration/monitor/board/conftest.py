"""The board with a made-up Prometheus, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import threading

import pytest
import uvicorn

from monitor.board.app import create_app
from monitor.board.prometheus import Prometheus
from stack.settings import ROOT
from tests.browser.chromium import chromium
from tests.browser.fake_prometheus import fake_prometheus
from tests.waiting import eventually

SHOTS = ROOT / "artifacts" / "board"
DRAWN = "document.querySelectorAll('.panel').length > 0 && !document.querySelector('.panel[data-state=loading]')"


@contextlib.contextmanager
def serving(url):
    """A board of its own that asks this Prometheus; yields its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(Prometheus(url, 4)), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, seconds=20, what="the board serves")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session")
def prometheus():
    with fake_prometheus() as fake:
        yield fake


@pytest.fixture
def fake(prometheus):
    """It answers as usual, until the test says otherwise."""
    prometheus.mode = "live"
    prometheus.held.set()
    return prometheus


@pytest.fixture(scope="session")
def board(prometheus):
    with serving(prometheus.url) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    with chromium() as tab:
        yield tab


@pytest.fixture
def page(browser):
    """A tab at 1280 px, light."""
    found = browser()
    found.look(1280, 900, dark=False)
    return found


@pytest.fixture
def shown(page, board):
    """Opens a tab of the board and waits until nothing is loading."""

    def show(uid="cdc-overview"):
        page.open(f"{board}/#{uid}")
        eventually(lambda: page.run(DRAWN), seconds=20, what=f"{uid} is drawn")
        return page

    return show


STATES = """Object.fromEntries([...document.querySelectorAll('.panel')].map(
  panel => [`${panel.dataset.id} ${panel.querySelector('h3').textContent}`, panel.dataset.state]))"""


def states(page):
    """Id and title to state of every panel."""
    return page.run(STATES)


def again(page):
    """Makes the page refresh now, as it does when somebody comes back to it."""
    page.run("document.dispatchEvent(new Event('visibilitychange'))")
