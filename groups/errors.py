"""What can go wrong with groups."""

from __future__ import annotations

from hucares.errors import DomainError


class InvalidAccessCode(DomainError):
    """No living group has this code."""

    status = 404
    code = "INVALID_ACCESS_CODE"
    message = "No group has this access code."


class Banned(DomainError):
    """This person may not come back."""

    status = 403
    code = "BANNED"
    message = "You may not join this group."


class AlreadyMember(DomainError):
    """Joining twice."""

    status = 409
    code = "ALREADY_MEMBER"
    message = "You are already in this group."


class GroupFull(DomainError):
    """Every place is taken."""

    status = 409
    code = "GROUP_FULL"
    message = "This group is full."


class SelfAction(DomainError):
    """What an admin does to others and not to themselves."""

    status = 422
    code = "SELF_ACTION"
    message = "You cannot do this to yourself. You can leave the group."


class MaxMembersBelowCount(DomainError):
    """Fewer places than there are members."""

    status = 422
    code = "MAX_MEMBERS_BELOW_COUNT"
    message = "The group has more members than that."
