"""Insights in a model's words, for whoever has opted in.

The model is given the figures and the words of the findings, never a name, a note, or what other people answered. What
it says is only another way to say the same: whatever has a number that it was not given, tells the opposite, or does
not belong there, is thrown away, and the words of the rules stand. The suggestion to talk to somebody is always theirs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings

from accounts.models import User
from accounts.preferences import whole_privacy_settings
from analytics.insights.findings import GROUP_GAP, SCORE_AND_CARE
from analytics.insights.model import ModelAway, ask_model
from analytics.insights.vetting import Given, is_fit, numbers_in
from analytics.insights.wording import SUGGESTIONS
from hucares.encoding import encode
from hucares.remembering import keep, key_of, recall

KEPT_SECONDS = 24 * 3600
REFUSED_SECONDS = 600  # how long an answer that cannot be used is not asked for again
MOST_TITLE, MOST_MESSAGE = 100, 400  # characters
MOST_REPHRASED = 8

# What others answered is not for a model; and a score that falls because caring rises is easily turned round.
IN_RULES_WORDS = (GROUP_GAP, SCORE_AND_CARE)

SYSTEM = """You rephrase findings about one person's weekly check-ins, for that person, in plain and warm English.
You are given a JSON list. Each item has figures, and a title and a message that say what was found.
Say the same in other words: nothing added, nothing left out, no advice beyond what is there.
Use no number that the item does not have, and write numbers as digits. Never diagnose, never compare with others.
Answer with JSON alone: a list of as many objects, in the same order, each with a "title" of at most 80 characters and a
"message" of at most 300."""

Document = dict[str, Any]
Words = dict[str, str]

logger = logging.getLogger(__name__)


def rephrased(user: User, insights: list[Document]) -> list[Document]:
    """The same insights, those that a model has words for in these, with the source `model`."""
    if not settings.INSIGHTS_MODEL_URL or not whole_privacy_settings(user.privacy_settings)["modelInsights"]:
        return insights
    told = [one for one in insights if one["kind"] not in IN_RULES_WORDS][:MOST_REPHRASED]
    words = words_of_model(user, [shown_to_model(one) for one in told]) if told else []
    better = {id(one): with_suggestion(its, one) for one, its in zip(told, words, strict=False) if its}
    return [{**one, **better[id(one)], "source": "model"} if id(one) in better else one for one in insights]


def shown_to_model(insight: Document) -> Document:
    """What the model gets of an insight. The suggestion at its end is not for it to leave out: it stays as it is."""
    evidence = insight["evidence"]
    value, p_value = evidence["value"], evidence["pValue"]
    return {
        **{name: insight[name] for name in ("kind", "measure", "direction", "title")},
        "message": insight["message"].removesuffix(suggestion_in(insight)).rstrip(),
        "n": evidence["n"],
        "value": round(value, 2),
        "pValue": None if p_value is None else round(p_value, 4),
    }


def suggestion_in(insight: Document) -> str:
    """The suggestion with which the rules' words end; empty if there is none."""
    return next((one for one in SUGGESTIONS if insight["message"].endswith(one)), "")


def with_suggestion(words: Words, insight: Document) -> Words:
    """A model's words, with the suggestion of the rules after them."""
    return {**words, "message": f"{words['message']} {suggestion_in(insight)}".rstrip()}


def words_of_model(user: User, shown: list[Document]) -> list[Words | None]:
    """A title and a message for each; None where the model has none that can be used."""
    key = key_of("words", [user.pk, settings.INSIGHTS_MODEL_URL, settings.INSIGHTS_MODEL, shown])
    kept: list[Words | None] | None = recall(key)
    if kept is not None:
        return kept
    try:
        words = usable(ask_model(SYSTEM, encode(shown).decode()), shown)
    except ModelAway as error:
        logger.warning("Insights are not rephrased: %s.", error)
        return []
    keep(key, words, KEPT_SECONDS if any(words) else REFUSED_SECONDS)
    return words


def usable(text: str, shown: Sequence[Document]) -> list[Words | None]:
    """What of a model's answer may be shown, for each item."""
    try:
        answer = orjson.loads(without_fence(text))
    except orjson.JSONDecodeError:
        return [None] * len(shown)
    if not isinstance(answer, list) or len(answer) != len(shown):
        return [None] * len(shown)
    return [words_in(item, given) for item, given in zip(answer, shown, strict=True)]


def without_fence(text: str) -> str:
    """The text without the marks that models like to put around JSON."""
    return re.sub(r"\A\s*```(?:json)?\s*|\s*```\s*\Z", "", text)


def words_in(item: Any, given: Document) -> Words | None:
    """A title and a message, if both may be shown."""
    if not isinstance(item, dict):
        return None
    title: Any = item.get("title")
    message: Any = item.get("message")
    known = given_in(given)
    if is_fit(title, MOST_TITLE, known) and is_fit(message, MOST_MESSAGE, known):
        return {"title": title.strip(), "message": message.strip()}
    return None


def given_in(shown: Document) -> Given:
    """What a model was given with an item. A figure that rounds to nothing is no number to tell."""
    words = f"{shown['title']} {shown['message']}"
    figures = {abs(float(shown[name] or 0)) for name in ("n", "value", "pValue")} - {0.0}
    return Given(words, shown["direction"], frozenset(numbers_in(words) | figures))
