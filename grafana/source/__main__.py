"""`python -m grafana.source [DIRECTORY]`: writes the dashboards' JSON."""

from __future__ import annotations

import sys
from pathlib import Path

from grafana.source.generate import DIRECTORY, write


def main() -> int:
    """Writes into grafana/dashboards/ or the directory given."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY
    for path in write(target):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
