"""What verify found, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from monitor.verify.recheck import Finding, Verdict

SHOWN_DIFFERENCES = 5
SHOWN_WIDTH = 120


@dataclass
class CollectionReport:
    """One document type."""

    collection: str
    root: str
    rows: int = 0
    """Rows of Postgres that were checked."""
    documents: int = 0
    """Live documents of MongoDB that were checked."""
    rechecked: int = 0
    """Documents that differed at first sight."""
    complete: bool = True
    """False when there were too many suspects to go on: the numbers are then lower bounds."""
    counts: dict[Verdict, int] = field(default_factory=lambda: {"missing": 0, "extra": 0, "different": 0, "unsettled": 0})
    findings: list[Finding] = field(default_factory=list)
    """The first few of each verdict."""

    @property
    def ok(self) -> bool:
        """Whether no document is wrong."""
        return self.complete and not any(count for verdict, count in self.counts.items() if verdict != "unsettled")

    def add(self, finding: Finding, limit: int) -> None:
        """Count a finding, and keep it if it is among the first."""
        self.counts[finding.verdict] += 1
        if self.counts[finding.verdict] <= limit:
            self.findings.append(finding)


@dataclass
class Report:
    """All document types."""

    collections: list[CollectionReport]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether both databases agree."""
        return all(collection.ok for collection in self.collections)

    @property
    def documents(self) -> int:
        """Live documents that were checked."""
        return sum(collection.documents for collection in self.collections)

    def to_json(self) -> dict[str, Any]:
        """Values are written as text where JSON has no type for them."""
        return {"ok": self.ok, "seconds": round(self.seconds, 3), "collections": [_json(collection) for collection in self.collections]}

    def to_text(self) -> str:
        """A line for each collection, the first few findings below, and the verdict."""
        lines = []
        for collection in self.collections:
            numbers = "  ".join(f"{count:,} {verdict}" for verdict, count in collection.counts.items() if count or verdict != "unsettled")
            lines.append(f"{collection.collection:<16} {collection.rows:,} rows  {collection.documents:,} documents  {numbers}")
            if not collection.complete:
                lines.append("  stopped early: too many differences; there are more")
            for finding in collection.findings:
                lines.append(f"  {finding.verdict} {finding.key!r}")
                lines += [f"    {place}: postgres {left}, mongodb {right}" for place, left, right in _shown(finding)]
        verdict = (
            f"Equal: {self.documents:,} documents agree with Postgres" if self.ok else "DIFFERENT: MongoDB does not hold what Postgres says"
        )
        return "\n".join([*lines, f"{verdict} ({self.seconds:.1f} s)."])


def _json(collection: CollectionReport) -> dict[str, Any]:
    return {
        "collection": collection.collection,
        "root": collection.root,
        "rows": collection.rows,
        "documents": collection.documents,
        "rechecked": collection.rechecked,
        "complete": collection.complete,
        **{str(verdict): count for verdict, count in collection.counts.items()},
        "findings": [
            {
                "id": finding.key if isinstance(finding.key, int | str) else repr(finding.key),
                "verdict": finding.verdict,
                "differences": [{"path": place, "postgres": left, "mongodb": right} for place, left, right in _shown(finding)],
            }
            for finding in collection.findings
        ],
    }


def _shown(finding: Finding) -> list[tuple[str, str, str]]:
    return [(found.path, _value(found.postgres), _value(found.mongodb)) for found in finding.differences[:SHOWN_DIFFERENCES]]


def _value(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_WIDTH else f"{text[:SHOWN_WIDTH]}…"
