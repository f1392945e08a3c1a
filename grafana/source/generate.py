"""The JSON of every dashboard, byte for byte the same each time."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.source import api, chaos, kafka, overview, slo, source_connect, worker

DIRECTORY = Path(__file__).resolve().parent.parent / "dashboards"
DASHBOARDS = (overview, source_connect, kafka, worker, api, slo, chaos)
"""In the order of the board's tabs: general to specific."""


def generated() -> dict[str, str]:
    """Each dashboard's JSON by its file's name."""
    encoder = JSONEncoder(sort_keys=True, indent=1)
    built = [module.build().build() for module in DASHBOARDS]
    return {f"{number}-{one.uid}.json": encoder.encode(one) + "\n" for number, one in enumerate(built, 1)}


def write(directory: Path) -> list[Path]:
    """Writes them and removes what is no dashboard any more; answers the files."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted = generated()
    for old in set(directory.glob("*.json")) - {directory / name for name in wanted}:
        old.unlink()
    for name, text in wanted.items():
        (directory / name).write_text(text)
    return [directory / name for name in wanted]
