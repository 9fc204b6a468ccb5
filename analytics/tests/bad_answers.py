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


BAD_ANSWERS: dict[str, Answer] = {
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
