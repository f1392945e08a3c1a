"""`python -m stack.components [--json]`: fetches what is missing and tells where everything lies."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from stack.components import provide
from stack.errors import StackError


def main() -> int:
    """The command's exit code: 1 if something could not be had."""
    parser = argparse.ArgumentParser(
        prog="python -m stack.components", description="Fetches the stack's servers into $CDC_CACHE and lists them."
    )
    parser.add_argument("--json", action="store_true", help="print the paths as one JSON object")
    arguments = parser.parse_args()
    try:
        everything = asdict(provide(lambda line: print(line, file=sys.stderr, flush=True)))
        found = {name: str(value) for name, value in everything.items() if value is not None}
    except KeyboardInterrupt:
        print("interrupted; the next call continues", file=sys.stderr)
        return 130
    except StackError as error:
        print(f"{error.reason}\n{error.advice}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
