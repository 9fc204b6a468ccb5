"""Enough of PromQL to evaluate our rules: selectors, `rate`, sums, quantiles, arithmetic and comparisons.

Source: Prometheus' documentation of its query language. Values at a moment come from functions of time, in seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Labels = dict[str, str]
Vector = list[tuple[Labels, float]]
Value = float | Vector
TOKEN = re.compile(r'\s*([A-Za-z_:][\w:]*|\d+(?:\.\d+)?|"[^"]*"|=~|!~|==|!=|>=|<=|\[\d+[smhd]\]|[-+*/()<>{},=])')
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other if other else math.nan,
}
MATCHES: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
}


@dataclass(frozen=True)
class Series:
    """One time series: its value at any moment."""

    name: str
    labels: Labels
    at: Callable[[float], float]


class Query:
    """An expression, evaluated while it is read."""

    def __init__(self, text: str, series: list[Series], now: float) -> None:
        self.tokens = TOKEN.findall(text)
        assert "".join(self.tokens) == re.sub(r"\s", "", text), f"this is not understood: {text}"
        self.series = series
        self.now = now

    def value(self) -> Value:
        """What the whole expression comes to."""
        value = self.alternatives()
        assert not self.tokens, f"this is left over: {self.tokens}"
        return value

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, expected: str | None = None) -> str:
        token = self.tokens.pop(0)
        assert expected in (None, token), (expected, token)
        return token

    def alternatives(self) -> Value:
        value = self.comparison()
        while self.peek() == "or":
            self.take()
            value = either(value, self.comparison())
        return value

    def comparison(self) -> Value:
        value = self.total()
        while self.peek() in COMPARISONS:
            operator = COMPARISONS[self.take()]
            value = filtered(operator, value, self.total())
        return value

    def total(self) -> Value:
        value = self.product()
        while self.peek() in {"+", "-"}:
            value = combined(ARITHMETIC[self.take()], value, self.product())
        return value

    def product(self) -> Value:
        value = self.term()
        while self.peek() in {"*", "/"}:
            value = combined(ARITHMETIC[self.take()], value, self.term())
        return value

    def term(self) -> Value:
        token = self.take()
        if token == "(":
            value = self.alternatives()
            self.take(")")
            return value
        if re.fullmatch(r"[\d.]+", token):
            return float(token)
        if token in {"sum", "max", "rate", "absent", "histogram_quantile", "time"}:
            return getattr(self, token)()
        return [(labels, at(self.now)) for labels, at in self.selected(token)]

    def selected(self, name: str) -> list[tuple[Labels, Callable[[float], float]]]:
        """The series of a selector whose name was read."""
        matchers = []
        if self.peek() == "{":
            while self.take() != "}":
                label, operator, wanted = self.take(), self.take(), self.take().strip('"')
                matchers.append((label, MATCHES[operator], wanted))
                if self.peek() == "}":
                    self.take()
                    break
        return [
            (one.labels, one.at)
            for one in self.series
            if one.name == name and all(match(one.labels.get(label, ""), wanted) for label, match, wanted in matchers)
        ]

    def rate(self) -> Vector:
        self.take("(")
        found = self.selected(self.take())
        window = self.take()
        seconds = int(window[1:-2]) * SECONDS[window[-2]]
        self.take(")")
        return [(labels, (at(self.now) - at(self.now - seconds)) / seconds) for labels, at in found]

    def sum(self) -> Vector:
        return self.aggregated(sum)

    def max(self) -> Vector:
        return self.aggregated(max)

    def aggregated(self, gather: Callable[[list[float]], float]) -> Vector:
        kept: list[str] = []
        if self.peek() == "by":
            self.take()
            self.take("(")
            kept = [self.take()]
            while self.peek() == ",":
                self.take()
                kept.append(self.take())
            self.take(")")
        self.take("(")
        value = self.alternatives()
        self.take(")")
        assert isinstance(value, list)
        groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
        for labels, number in value:
            groups.setdefault(tuple((name, labels[name]) for name in kept if name in labels), []).append(number)
        return [(dict(key), gather(numbers)) for key, numbers in groups.items()]

    def histogram_quantile(self) -> Vector:
        """As Prometheus does: the rank's place within its bucket, as if values were spread evenly in it."""
        self.take("(")
        quantile = float(self.take())
        self.take(",")
        value = self.alternatives()
        self.take(")")
        assert isinstance(value, list)
        buckets = sorted(
            (math.inf if labels["le"] == "+Inf" else float(labels["le"]), count) for labels, count in value
        )
        if not buckets or not buckets[-1][1]:
            return []
        rank, low, before = quantile * buckets[-1][1], 0.0, 0.0
        for high, count in buckets:
            if count >= rank:
                return [({}, low if high == math.inf else low + (high - low) * (rank - before) / (count - before))]
            low, before = high, count
        raise AssertionError("the last bucket has everything")

    def absent(self) -> Vector:
        self.take("(")
        found = self.selected(self.take())
        self.take(")")
        return [] if found else [({}, 1.0)]

    def time(self) -> float:
        self.take("(")
        self.take(")")
        return self.now


def either(one: Value, other: Value) -> Vector:
    """`or`: the first, and what the second has beside it."""
    assert isinstance(one, list)
    assert isinstance(other, list)
    known = [labels for labels, _ in one]
    return [*one, *((labels, number) for labels, number in other if labels not in known)]


def combined(operator: Callable[[float, float], Any], one: Value, other: Value) -> Value:
    """Arithmetic, on numbers or on what has the same labels."""
    if isinstance(one, float) and isinstance(other, float):
        return float(operator(one, other))
    if isinstance(one, float):
        assert isinstance(other, list)
        return [(labels, operator(one, number)) for labels, number in other]
    if isinstance(other, float):
        return [(labels, operator(number, other)) for labels, number in one]
    return [(labels, operator(number, second)) for labels, number in one for same, second in other if same == labels]


def filtered(operator: Callable[[float, float], bool], one: Value, other: Value) -> Vector:
    """A comparison: what it holds for."""
    assert isinstance(one, list)
    assert isinstance(other, float)
    return [(labels, number) for labels, number in one if operator(number, other)]
