"""Reads `/metrics`, as Prometheus does."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

TOKEN = "the-figures-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Figures:
    """The samples of one answer."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.kinds = {family.name: family.type for family in families}
        self.samples = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The one sample of this name with these labels and no others."""
        (value,) = [sample.value for sample in self.samples if (sample.name, sample.labels) == (name, labels)]
        return float(value)
