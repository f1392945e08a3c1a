"""What a person does on the board: by keyboard, by pointer, by the choices in its head."""

from __future__ import annotations

from tests.integration.monitor.board.conftest import SHOTS, again, states
from tests.waiting import eventually

FOCUS = "document.activeElement.outerHTML.slice(0, 80)"
SHOWN = "[...document.querySelectorAll('.tip')].filter(tip => !tip.hidden).map(tip => tip.innerText)"


def test_everything_is_reached_by_the_keyboard(fake, shown):
    page = shown()
    for _ in range(30):
        page.press("Tab")
        if "info" in page.run("document.activeElement.className"):
            break
    assert "About Freshness" in page.run(FOCUS + " + document.activeElement.ariaLabel")
    page.press("Enter")
    about = "getComputedStyle(document.querySelector('.panel .about')).display"
    assert page.run(about) == "block"
    text = page.run("document.querySelector('.panel .about').innerText")
    assert "Good:" in text
    assert "Next:" in text
    page.screenshot(SHOTS / "overview-1280-light-about.png")
    page.press("Escape")
    assert page.run(about) == "none"


def test_arrows_read_a_graph(fake, shown):
    page = shown()
    page.run("document.querySelector('.canvas').focus()")
    page.press("ArrowLeft")
    eventually(lambda: not page.run("document.querySelector('.tip').hidden"), seconds=10, what="the values at the cursor")
    values = page.run(SHOWN)
    assert len(values) == 1, "only the graph with the focus"
    assert "canary" in values[0]
    again(page)
    eventually(lambda: len(page.run(SHOWN)) == 1, seconds=10, what="a refresh leaves the values where they are")
    page.screenshot(SHOTS / "overview-1280-light-cursor.png")


def test_a_range_is_asked_for(fake, shown):
    page = shown()
    page.run("document.querySelectorAll('#ranges button')[2].click()")
    asked = "performance.getEntriesByType('resource').some(one => one.name.includes('minutes=60'))"
    eventually(lambda: page.run(asked), seconds=10, what="one hour is asked for")
    assert page.run("[...document.querySelectorAll('#ranges [aria-pressed=true]')].map(one => one.textContent)") == ["1\u00a0h"]


def test_filters_narrow_the_expressions(fake, shown):
    page = shown("cdc-kafka")
    page.run("document.querySelector('#filters summary').click()")
    box = "[...document.querySelectorAll('#choices label')].find(one => one.textContent.includes('cdc.public.tags'))"
    eventually(lambda: page.run(f"Boolean({box})"), seconds=10, what="the topics")
    fake.asked.clear()
    page.run(f"{box}.querySelector('input').click()")
    eventually(lambda: any('topic=~"cdc\\\\.public\\\\.tags"' in expr for expr in fake.asked), seconds=10, what="one topic is asked for")
    assert page.run("document.querySelector('#filters summary').textContent") == "Filter (1)"


def test_tabs_and_links_lead_on(fake, shown):
    page = shown()
    page.run("document.querySelector('.panel .about a').click()")
    eventually(lambda: page.run("document.title") == "SLO - CDC board", seconds=10, what="the panel's link")
    eventually(lambda: "loading" not in states(page).values(), seconds=20, what="drawn")
    assert page.run("document.querySelector('#tabs [aria-current]').textContent") == "SLO"


def test_the_theme_is_kept(fake, shown):
    page = shown()
    button = "document.getElementById('theme')"
    page.run(f"{button}.click(); {button}.click()")
    assert page.run("document.documentElement.dataset.theme") == "dark"
    page = shown("cdc-api")
    page.call("Page.reload")
    eventually(lambda: page.run(f"{button} && {button}.textContent.includes('Dark')"), seconds=10, what="the choice is remembered")
    page.run("localStorage.clear()")
