"""Members of a JSON text as they stand in it, before anybody has made values of them."""

from __future__ import annotations

import re
from json import JSONDecoder

BLANKS = re.compile(r"[ \t\n\r]*")
decoder = JSONDecoder()


def size_of_member(body: bytes, name: str) -> int:
    """How many bytes the value of a member takes in the text of an object, as it was written; of several the largest.

    0 where there is none, or the text is no JSON object: whoever reads its values says what is wrong with it.
    """
    try:
        text = body.decode()
        return max((len(text[start:end].encode()) for key, start, end in members(text) if key == name), default=0)
    except (ValueError, RecursionError):
        return 0


def members(text: str) -> list[tuple[str, int, int]]:
    """(name, where its value begins, where it ends) of each member of an object. Raises `ValueError`."""
    found: list[tuple[str, int, int]] = []
    position = after_blanks(text, 0)
    separator = "{"
    while text[position : position + 1] == separator:
        start = after_blanks(text, position + 1)
        key, end = decoder.raw_decode(text, start)
        start = after_blanks(text, after_blanks(text, end) + 1)  # behind the colon
        _, end = decoder.raw_decode(text, start)
        found.append((key, start, end))
        position = after_blanks(text, end)
        separator = ","
    return found


def after_blanks(text: str, position: int) -> int:
    """The first position from here on that is no blank."""
    blanks = BLANKS.match(text, position)
    return blanks.end() if blanks else position
