"""What a start ends with, and what `urls` prints."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from stack.completeness import Count
from stack.handle import Stack


def print_urls(stack: Stack, console: Console) -> None:
    """What runs where."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("service", "where"):
        table.add_column(title, no_wrap=True)
    for service in stack.services():
        table.add_row(service.name, service.url)
    console.print(table, highlight=False, markup=False, soft_wrap=True)
    console.print(f"\nEvery address and password as variables: {stack.paths.directory / 'env'}", highlight=False, soft_wrap=True)


def print_counts(found: list[Count], console: Console) -> None:
    """Rows in Postgres against documents in MongoDB."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    table.add_column("rows in Postgres", justify="right")
    table.add_column("collection")
    table.add_column("documents in MongoDB", justify="right")
    for count in found:
        table.add_row(count.table, f"{count.rows:,}", count.collection, f"{count.documents:,}")
    console.print(table, highlight=False)


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
        console.print(f"  {command:<{width}}   # {purpose}", highlight=False, markup=False, soft_wrap=True)
