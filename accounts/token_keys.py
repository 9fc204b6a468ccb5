"""The keys of tokens: the first one signs, and those before it verify until their last tokens have expired.

A token says in `kid` (RFC 7515, section 4.1.4) which key it was signed with.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

import jwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

ALGORITHM = "HS256"
KID_DIGITS = 8  # enough to tell a few keys apart, and too few to tell anything else of them


class TokenKey(TokenBackend):
    """simplejwt's way to sign and verify with one secret; its tokens name the key."""

    def __init__(self, secret: str) -> None:
        super().__init__(ALGORITHM, signing_key=secret)
        self.kid = hashlib.sha256(f"kid:{secret}".encode()).hexdigest()[:KID_DIGITS]

    def encode(self, payload: dict[str, Any]) -> str:
        """A signed token with these claims."""
        return jwt.encode(payload, self.prepared_signing_key, algorithm=ALGORITHM, headers={"kid": self.kid})


class KeyRing:
    """The keys of one class of tokens."""

    def __init__(self, secret: str, former: Sequence[str]) -> None:
        self.keys = [TokenKey(one) for one in (secret, *former)]

    def encode(self, claims: dict[str, Any]) -> str:
        """A token, signed with the newest key."""
        return self.keys[0].encode(claims)

    def decode(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the keys has signed, and that has not expired.

        Raises `TokenBackendExpiredToken` or `TokenBackendError`.
        """
        problem = TokenBackendError("No key fits the token.")
        for key in self.keys_for(token):
            try:
                return key.decode(token)  # type: ignore[arg-type]  # simplejwt means text
            except TokenBackendExpiredToken:
                raise
            except TokenBackendError as error:
                problem = error
        raise problem

    def keys_for(self, token: str) -> list[TokenKey]:
        """The key that a token names; all of them for one of a version that named none. Raises `TokenBackendError`."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        return [key for key in self.keys if kid in (None, key.kid)]


@functools.cache
def key_ring(secret: str, former: tuple[str, ...]) -> KeyRing:
    """The keys with these secrets, made once."""
    return KeyRing(secret, former)
