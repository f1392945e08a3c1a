"""Text can be read in both themes: WCAG's contrast of 4.5 for text, 3 for lines of a graph."""

from __future__ import annotations

import re

import pytest

from monitor.board.app import PAGE

BLOCK = re.compile(r"(:root(?:\[data-theme=\"dark\"\])?) \{([^}]*)\}")


def themes():
    found = dict(BLOCK.findall((PAGE / "style.css").read_text()))
    for name, selector in (("light", ":root"), ("dark", ':root[data-theme="dark"]')):
        yield name, dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", found[selector]))


THEMES = dict(themes())


def luminance(color):
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def mixed(color, other, share):
    pairs = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["text", "muted", "green", "orange", "red", "blue", "purple", "grey"])
def test_words_on_a_panel(theme, name):
    colors = THEMES[theme]
    assert contrast(colors[name], colors["panel"]) >= 4.5
    assert contrast(colors["muted"], colors["page"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_a_timeline_and_on_a_banner(theme):
    colors = THEMES[theme]
    assert contrast(colors["text"], mixed(colors["green"], colors["panel"], 0.32)) >= 4.5
    assert all(contrast(colors["panel"], colors[state]) >= 4.5 for state in ("red", "orange", "blue"))


@pytest.mark.parametrize("theme", THEMES)
def test_lines_of_a_graph(theme):
    colors = THEMES[theme]
    assert all(contrast(colors[f"series-{number}"], colors["panel"]) >= 3 for number in range(1, 9))


def test_what_the_system_chooses_looks_as_what_the_button_chooses():
    text = (PAGE / "style.css").read_text()
    by_system = re.search(r"prefers-color-scheme: dark\) \{\s+:root:not\(\[data-theme=\"light\"\]\) \{([^}]*)\}", text)
    assert by_system
    assert dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", by_system[1])) == THEMES["dark"]
