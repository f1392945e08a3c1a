"""What a process serves at /metrics."""

import urllib.request
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scrape:
    """Families by name (a counter's with _total), samples by (name, labels)."""

    types: dict[str, str]
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]

    def value(self, name, **labels):
        """The value of one series; 0 when it is not there yet."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    def total(self, name, **labels):
        """The sum over all series with this name that have these labels."""
        wanted = frozenset(labels.items())
        return sum(value for (found, given), value in self.samples.items() if found == name and wanted <= given)

    def labels(self, family):
        """The sets of label names that the family's series have, without `le`."""
        parts = {family, *(f"{family}_{part}" for part in ("bucket", "count", "sum"))}
        return {frozenset(key for key, _ in given) - {"le"} for name, given in self.samples if name in parts}


def scrape(address):
    """Ask host:port once."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    types = {f"{one.name}_total" if one.type == "counter" else one.name: one.type for one in families}
    samples = {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}
    return Scrape(types, samples)
