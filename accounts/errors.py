"""What can go wrong when somebody signs in or says who they are."""

from __future__ import annotations

from hucares.errors import DomainError, ValidationFailed


class NotAuthenticated(DomainError):
    """No credentials."""

    status = 401
    code = "NOT_AUTHENTICATED"
    message = "Please sign in."


class TokenInvalid(DomainError):
    """A token that we did not make, or not for this."""

    status = 401
    code = "TOKEN_INVALID"
    message = "The token is not valid."


class MailedTokenInvalid(DomainError):
    """The token of a mailed link: unknown, used or expired."""

    code = "INVALID_TOKEN"
    message = "This link is not valid any more. Please ask for a new one."


class TokenExpired(DomainError):
    """A token whose time is over."""

    status = 401
    code = "TOKEN_EXPIRED"
    message = "The token has expired."


class TokenReused(DomainError):
    """A refresh token older than the one before the current: somebody else has a copy."""

    status = 401
    code = "TOKEN_REUSED"
    message = "This refresh token was used before. The session has been ended for safety; please sign in again."


class SessionRevoked(DomainError):
    """The session was ended, or its person is gone or inactive."""

    status = 401
    code = "SESSION_REVOKED"
    message = "This session has ended. Please sign in again."


class InvalidCredentials(DomainError):
    """Wrong address or wrong password; which of the two is not told."""

    status = 401
    code = "INVALID_CREDENTIALS"
    message = "The e-mail address or the password is wrong."


class WrongPassword(ValidationFailed):
    """Somebody who is signed in gave a password that is not theirs."""

    def __init__(self, field: str = "password") -> None:
        super().__init__(details={field: ["This is not your password."]})


class EmailAlreadyExists(DomainError):
    """Somebody has registered with this address."""

    status = 409
    code = "EMAIL_ALREADY_EXISTS"
    message = "There is already an account with this e-mail address."


class UsernameAlreadyExists(DomainError):
    """Somebody has this username."""

    status = 409
    code = "USERNAME_ALREADY_EXISTS"
    message = "This username is taken."


class WrongCode(DomainError):
    """A code of the second factor is wrong, was used already, or comes too soon after a wrong one."""

    message = (
        "This code is not right, or was used already. After wrong ones, wait: a second, then twice as long each time."
    )
