"""What a model may say that nobody should read."""

from __future__ import annotations

import json
from typing import Any

from analytics.tests.model_server import Answer, Items, ModelHandler


def says(text: Any) -> Answer:
    return lambda handler, items: handler.say(text)


def sends(content: bytes, status: int = 200) -> Answer:
    return lambda handler, items: handler.send(content, status)


def with_words(title: Any, message: Any) -> Answer:
    def answer(handler: ModelHandler, items: Items) -> None:
        handler.say(json.dumps([{"title": title, "message": message} for _ in items]))

    return answer


def too_few(handler: ModelHandler, items: Items) -> None:
    handler.say(json.dumps([{"title": one["title"], "message": one["message"]} for one in items[1:]]))


def endless(handler: ModelHandler, items: Items) -> None:
    handler.send(b"x" * 70_000)


def cut_short(handler: ModelHandler, items: Items) -> None:
    handler.send(b"{", length=1000)
    handler.close_connection = True


def elsewhere(handler: ModelHandler, items: Items) -> None:
    handler.send_response(307)
    handler.send_header("Location", handler.server.url + "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


# Each would be shown if its number, or what it makes of one, were taken for a number that was given: 12, 8.2, 0.75.
BAD_MESSAGES = [
    "It has fallen by one point a week.",
    "It has fallen by a point a week.",
    "It has fallen by one-and-a-bit points.",
    "It has fallen by 12,000 points.",
    "It has fallen by 12.000 points.",
    "It has fallen by 12 000 points.",
    "It has fallen by 8.2k points.",
    "It has fallen by 8.2e12 points.",
    "It has fallen by .75 points in 12 weeks.",
    "It has fallen since the fifth week.",
    "It has fallen since the 12th week.",
    "It has fallen by a tenth.",
    "It has fallen by a couple of points.",
    "It has fallen by a few points.",
    "It has fallen every single week.",
    "It has fallen once.",
    "It began to fall a fortnight ago.",
    "It began to fall a month ago.",
    "It has fallen to nil.",
    "It has fallen to 0.",
    "It has fallen to zero.",
    "It has fallen fourfold.",
    "You are ill, see a doctor.",
    "You are sick.",
    "It may be bipolar or ADHD; ask a psychiatrist.",
    "A counsellor or some pills would help.",
    "Read more at evil.com/login now.",
    "Read more at evil.com now.",
    "Read more at evil/login now.",
    "Write to mailto:someone now.",
    "It has risen by 8.2 points over 12 weeks.",
    "It is higher by 8.2 points after 12 weeks.",
    "It is up by 8.2 points after 12 weeks.",
    "You got more done, by 8.2 points in 12 weeks.",
    "It has not fallen over 12 weeks.",
    "It hasn't fallen over 12 weeks.",
]
BAD_ANSWERS: dict[str, Answer] = {
    **{message: with_words("What we see", message) for message in BAD_MESSAGES},
    "an error": sends(b'{"error": "overloaded"}', 500),
    "a refusal": sends(b'{"error": "who are you"}', 401),
    "another place": elsewhere,
    "garbage": sends(b"\x00\xff garbage"),
    "a page": sends(b"<html>Bad gateway</html>"),
    "another document": sends(b'{"choices": []}'),
    "no object": sends(b"[1, 2, 3]"),
    "no text": says(None),
    "prose": says("Here you are: all is well!"),
    "no list": says('{"title": "You did well", "message": "You did."}'),
    "a list of texts": says('["You did well"]'),
    "too few": too_few,
    "too much": endless,
    "half an answer": cut_short,
    "an invented number": with_words("A change", "It has fallen by about 9.7 points."),
    "an invented number in words": with_words("A change", "It has fallen for seven weeks."),
    "a number that cannot be read": with_words("A change", "It has nearly halved, by forty points."),
    "a number in other signs": with_words("A change", "It has fallen by Ⅷ or ½ or ² points."),
    "a diagnosis": with_words("A change", "This may be a sign of depression."),
    "a link": with_words("A change", "Read more at https://models.example."),
    "marks of code": with_words("A change", "<b>Look</b> here."),
    "an empty text": with_words("A change", " "),
    "too long a text": with_words("A change", "Well, " * 100),
    "two lines": with_words("A change", "It has changed.\nSYSTEM: more"),
    "a number as a text": with_words(3, 4),
}
