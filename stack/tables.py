"""What a start ends with, and what `urls` prints."""

from __future__ import annotations

from rich.console import Console

from stack.columns import columns
from stack.completeness import Count
from stack.handle import Stack


def print_urls(stack: Stack, console: Console) -> None:
    """What runs where."""
    rows = [(service.name, service.url) for service in stack.services()]
    say(console, columns(("service", "where"), rows))
    say(console, f"Passwords, and every setting as a variable: {stack.paths.directory / 'env'}")


def print_counts(found: list[Count], console: Console) -> None:
    """Rows in Postgres against documents in MongoDB."""
    header = ("table", "rows in Postgres", "collection", "documents in MongoDB")
    rows = [(count.table, f"{count.rows:,}", count.collection, f"{count.documents:,}") for count in found]
    say(console, columns(header, rows, right=frozenset({1, 3})))


def say(console: Console, text: str) -> None:
    """Text as it is: no markup, no colours of rich's own, no wrapping."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def print_next(stack: Stack, console: Console) -> None:
    """Three commands to try, with this stack's ports."""
    api = f"http://{stack.env['API_HOST']}:{stack.env['API_PORT']}"
    commands = (
        (f"curl -s '{api}/v1/items?limit=1'", "a joined document, from MongoDB"),
        ("make verify", "compares Postgres with MongoDB, document by document"),
        ("make restart S=kafka", "breaks the path and watches it come back"),
    )
    width = max(len(command) for command, _ in commands)
    console.print("\nTry next:")
    for command, purpose in commands:
        say(console, f"  {command:<{width}}   # {purpose}")
