"""What is said after many experiments: how they ended, the longest recovery, and which pages they raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaos.checker.alerts import is_page, name_of
from chaos.report.line import seconds

if TYPE_CHECKING:
    from chaos.run import Done


def summary(finished: Sequence[Done]) -> str:
    """Lines of text."""
    counts = Counter(done.word for done in finished)
    lines = [f"{len(finished)} experiments: {', '.join(f'{count} {word}' for word, count in counts.most_common())}"]
    lines += [f"  {word}  {', '.join(done.name for done in finished if done.word == word)}" for word in sorted(counts.keys() - {"PASS"})]
    judged = [(done.verdict.times.recover, done.name) for done in finished if done.verdict and done.verdict.times]
    recovered = [(recover, name) for recover, name in judged if recover is not None]
    if recovered:
        longest, name = max(recovered)
        lines.append(f"  longest recovery {seconds(longest)} ({name})")
    pages = {name_of(alert) for done in finished if done.verdict for _, alert in done.verdict.alerts if is_page(alert)}
    lines.append(f"  pages raised: {', '.join(sorted(pages)) or 'none'}")
    return "\n".join(lines)
