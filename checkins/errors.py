"""What can go wrong with check-ins."""

from __future__ import annotations

from uuid import UUID

from hucares.errors import DomainError


class DuplicateCheckIn(DomainError):
    """This person has checked in to the group in this period already."""

    status = 409
    code = "DUPLICATE_CHECKIN"
    message = "You have already checked in for this period."

    def __init__(self, check_in_id: UUID) -> None:
        super().__init__(details={"checkInId": str(check_in_id)})


class CheckInWindowClosed(DomainError):
    """The check-in's period is over."""

    status = 422
    code = "CHECKIN_WINDOW_CLOSED"
    message = "The period of this check-in is over, so it can no longer be changed."


class NotLocalStorage(DomainError):
    """This is no document of the old app's. `reason` says in a sentence what is wrong with it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, details={"data": [reason]})
