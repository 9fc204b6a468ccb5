"""The encryption of pushes against the example of RFC 8291, appendix A, and against a browser's way to read them."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from hucares.public_keys import public_key_of, to_base64url
from notifications.push_encryption import LARGEST, encrypted, point_of, private_key
from notifications.tests.builders import KEYS
from notifications.tests.push_stand_in import CURVE, Browser, decrypted

SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SENDERS_POINT = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
SALT = bytes.fromhex("0c6bfaadad67958803092d454676f397")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER = Browser()


def test_the_example_of_the_standard_comes_out_to_the_bit() -> None:
    body = encrypted(b"When I grow up, I want to be a watermelon", **KEYS, key=private_key(SENDER), salt=SALT)

    assert to_base64url(body) == BODY


def test_keys_are_those_of_the_example() -> None:
    assert to_base64url(point_of(private_key(SENDER))) == public_key_of(SENDER) == SENDERS_POINT
    assert public_key_of(RECEIVER) == KEYS["p256dh"]


@given(st.binary(max_size=LARGEST))
def test_the_browser_reads_what_was_written(payload: bytes) -> None:
    body = encrypted(payload, **BROWSER.subscription["keys"])  # type: ignore[arg-type]

    assert decrypted(body, BROWSER.key, BROWSER.auth) == payload
    assert len(body) <= 4096


def test_no_push_is_like_another_and_no_other_browser_reads_it() -> None:
    first, second = (encrypted(b"Hello", **BROWSER.subscription["keys"]) for _ in range(2))  # type: ignore[arg-type]

    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    with pytest.raises(InvalidTag):
        decrypted(first, ec.generate_private_key(CURVE), BROWSER.auth)


def test_what_is_too_long_is_refused() -> None:
    assert len(encrypted(b"x" * LARGEST, **KEYS)) == 4096
    with pytest.raises(ValueError, match="more than"):
        encrypted(b"x" * (LARGEST + 1), **KEYS)
