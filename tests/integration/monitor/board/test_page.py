"""The board in a browser: sizes, themes, and every state that a panel can have. Screenshots are kept in artifacts/board/."""

from __future__ import annotations

import pytest

from tests.integration.monitor.board.conftest import SHOTS, again, serving, states
from tests.unit.grafana.boards import BOARDS
from tests.waiting import eventually

# Panels whose body shows nothing: no text, and a canvas (if there is one) of one colour.
BLANK = """[...document.querySelectorAll('.panel')].filter(panel => {
  const canvas = panel.querySelector('canvas');
  if (!canvas) return !panel.querySelector('.body').innerText.trim();
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return pixels.every(pixel => pixel === pixels[0]);
}).map(panel => panel.querySelector('h3').textContent)"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
GREEN = "document.querySelectorAll('[data-verdict=green], .segment.calm').length"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_overview_is_drawn(fake, page, shown, width, dark):
    page.look(width, 900, dark=dark)
    shown()
    assert set(states(page).values()) == {"live"}
    assert page.run(BLANK) == []
    assert page.run(OVERFLOW) <= 0
    background = page.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(14, 17, 22)") is dark
    page.screenshot(SHOTS / f"overview-{width}-{'dark' if dark else 'light'}-live.png")
    assert page.problems == []


@pytest.mark.parametrize("uid", [uid for uid in BOARDS if uid != "cdc-overview"])
def test_every_dashboard_is_drawn(fake, page, shown, uid):
    shown(uid)
    assert set(states(page).values()) == {"live"}
    assert page.run(BLANK) == []
    assert page.run(OVERFLOW) <= 0
    page.screenshot(SHOTS / f"{uid.removeprefix('cdc-')}-1280-light-live.png")
    assert page.problems == []


def test_without_data_nothing_is_green(fake, page, shown):
    fake.mode = "empty"
    shown()
    assert set(states(page).values()) == {"empty"}
    assert page.run("[...document.querySelectorAll('.body')].filter(body => !body.innerText.includes('NO DATA')).length") == 0
    assert page.run(GREEN) == 0
    assert "without data" in page.run("document.getElementById('pulse').textContent")
    page.screenshot(SHOTS / "overview-1280-light-empty.png")
    assert page.problems == []


def test_a_refusal_stands_in_every_panel(fake, page, shown):
    fake.mode = "refusing"
    page.look(1280, 900, dark=True)
    shown()
    assert set(states(page).values()) == {"error"}
    assert page.run("[...document.querySelectorAll('.body')].filter(body => !body.innerText.includes('NO ANSWER')).length") == 0
    assert "timed out" in page.run("document.getElementById('banner').textContent")
    page.screenshot(SHOTS / "overview-1280-dark-error.png")


def test_when_prometheus_dies_no_old_value_stays(fake, page, shown):
    shown()
    before = page.run("document.querySelector('.stat .value').textContent")
    fake.mode = "gone"
    again(page)
    eventually(lambda: set(states(page).values()) == {"error"}, seconds=20, what="every panel says that nobody answers")
    assert page.run("document.querySelectorAll('.stat .value, canvas, .segment').length") == 0
    assert before not in page.run("document.querySelector('.stat').innerText")
    assert page.run("document.getElementById('pulse').textContent") == "no answer"
    fake.mode = "live"
    again(page)
    eventually(lambda: set(states(page).values()) == {"live"}, seconds=20, what="the values come back by themselves")


def test_series_that_ended_are_shown_as_past(fake, page, shown):
    shown()
    fake.mode = "behind"
    again(page)
    eventually(lambda: "live" not in {state for name, state in states(page).items() if "Components" not in name}, seconds=20, what="stale")
    assert page.run("document.querySelector('.stat').innerText").replace("\n", " ").startswith("Freshness ? NO DATA ○ was")
    assert page.run("[...document.querySelectorAll('.timeseries .badge')].every(badge => badge.textContent.includes('no value for 2 min'))")
    assert (
        page.run("document.querySelectorAll('.segment.gap').length")
        >= len(page.run("[...document.querySelectorAll('.track')].map(() => 1)")) - 2
    )
    page.screenshot(SHOTS / "overview-1280-light-stale.png")
    assert page.problems == []


def test_loading_is_drawn(fake, page, board):
    fake.held.clear()
    page.open(board)
    eventually(
        lambda: page.run("document.querySelectorAll('.panel[data-state=loading] .skeleton').length") > 10, seconds=20, what="skeletons"
    )
    assert page.run("document.getElementById('board').getAttribute('aria-busy')") == "true"
    page.screenshot(SHOTS / "overview-1280-light-loading.png")
    fake.held.set()
    eventually(lambda: set(states(page).values()) == {"live"}, seconds=20, what="drawn")


def test_when_the_board_dies_the_page_says_how_old_it_is(fake, page):
    with serving(fake.url) as url:
        page.open(url)
        eventually(lambda: set(states(page).values()) == {"live"}, seconds=20, what="drawn")
    again(page)
    eventually(lambda: page.run("document.body.classList.contains('old')"), seconds=20, what="the page is marked as old")
    banner = page.run("document.getElementById('banner').textContent")
    assert "The board does not answer" in banner
    assert "What you see is from" in banner
    assert page.run("getComputedStyle(document.querySelector('.panel'), '::after').content") == '"OLD"'
    page.screenshot(SHOTS / "overview-1280-light-old.png")
