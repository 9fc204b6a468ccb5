"""What is stored about a person: the registry by which it is exported and erased.

Every app says in its own `personal_data.py`, which its `ready()` imports, which rows of its tables are about a person,
and what else must be put right when that person goes. Rows that belong to a person go with the person's own row, by
`on_delete`; an eraser is for what that leaves wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.audit import AuditEntry
from accounts.limits import hashed_account
from accounts.models import FailedSignIns, OutgoingMail, PinEnrolment, RefusedAddress, Session, User
from hucares.envelope import timestamp
from hucares.serializers import camelize

Eraser = Callable[[User], AbstractContextManager[None]]

SECRET = "It is a secret, kept as a hash only."  # noqa: S105
NOT_THEIRS = "It belongs to somebody else."
OF_CODES = "It is how codes are checked."


@dataclass(frozen=True, slots=True)
class PersonalRows:
    """The rows of one table that are about a person, and which of their columns the export shows.

    `owner` is the path from a row to what is `theirs` of the person, by default their id; `withheld` are the columns
    that the export does not show, and why.
    """

    key: str
    model: type[Model]
    owner: str
    shown: tuple[str, ...]
    withheld: Mapping[str, str]
    theirs: Callable[[User], Any]

    def about(self, user: User) -> QuerySet[Any]:
        """This person's rows."""
        return self.model._default_manager.filter(**{self.owner: self.theirs(user)})

    def exported(self, user: User) -> list[dict[str, Any]]:
        """What is shown of this person's rows, with camelCase keys, in the order of their primary keys."""
        rows = self.about(user).order_by("pk").values(*self.shown)
        return [{camelize(name): value for name, value in row.items()} for row in rows]


ROWS: list[PersonalRows] = []
ERASERS: list[Eraser] = []
OTHERS: dict[str, str] = {}


def register_rows(
    key: str,
    model: type[Model],
    *,
    shown: tuple[str, ...],
    owner: str = "user",
    withheld: Mapping[str, str] | None = None,
    theirs: Callable[[User], Any] = attrgetter("pk"),
) -> None:
    """Have rows of a table exported under a key of the document: see `PersonalRows`."""
    if any(rows.key == key for rows in ROWS):
        raise ValueError(f"there are personal rows named {key} already")
    ROWS.append(PersonalRows(key, model, owner, shown, withheld or {}, theirs))


def register_others(column: str, reason: str) -> None:
    """Leave out of the export a column (`app.Model.field`) that names a person in a row which is not theirs."""
    OTHERS[column] = reason


def register_eraser(eraser: Eraser) -> Eraser:
    """Have a context manager entered before somebody's row is deleted, and left after it, in the same transaction.

    They are entered from the ground up, so that locks are taken in the order of everything else: the groups' rows,
    then the person's.
    """
    ERASERS.append(eraser)
    return eraser


def export_person(user: User) -> dict[str, Any]:
    """Everything that is stored about somebody, but secrets and what is other people's, as one JSON document."""
    return {"exportedAt": timestamp(), **{rows.key: rows.exported(user) for rows in ROWS}}


register_rows(
    "account",
    User,
    owner="id",
    shown=(
        "id",
        "username",
        "email",
        "email_verified",
        "pending_email",
        "avatar_name",
        "timezone",
        "notification_preferences",
        "privacy_settings",
        "created_at",
        "updated_at",
        "last_login",
        "last_active_at",
        "is_active",
        "is_staff",
        "is_superuser",
        "email_verification_expires",
        "password_reset_expires",
        "version",
    ),
    withheld={"password": SECRET, "email_verification_token": SECRET, "password_reset_token": SECRET},
)
register_rows(
    "signIns",
    Session,
    shown=(
        "id",
        "user_agent",
        "ip_address",
        "created_at",
        "last_used_at",
        "rotated_at",
        "expires_at",
        "revoked_at",
        "counter",
    ),
)
register_rows(
    "pinEnrolments",
    PinEnrolment,
    shown=("id", "failures", "created_at", "last_used_at", "user_agent"),
    withheld={"token_hash": SECRET, "pin_hash": SECRET},
)
register_rows(
    "failedSignIns",
    FailedSignIns,
    owner="account",
    theirs=lambda user: hashed_account(user.email),
    shown=("failures", "last_at"),
    withheld={"account": "It is a hash of the address."},
)
register_rows(
    "refusedAddresses",
    RefusedAddress,
    owner="address",
    theirs=lambda user: hashed_account(user.email),
    shown=("created_at",),
    withheld={"address": "It is a hash of the address."},
)
register_rows(
    "mails",
    OutgoingMail,
    shown=("id", "kind", "email", "data", "created_at", "due_at", "attempts", "last_error", "sent_at", "request_id"),
)
register_rows(
    "auditLog",
    AuditEntry,
    owner="subject_id",
    shown=("at", "action", "subject_type", "before", "after"),
    withheld={
        "id": "It is of no use to them.",
        "staff_id": NOT_THEIRS,
        "address": NOT_THEIRS,
        "reason": "It is staff's note to one another.",
    },
)
# Of members of staff.
register_rows(
    "authenticators",
    TOTPDevice,
    shown=("id", "name", "confirmed", "created_at", "last_used_at"),
    withheld={
        "key": "It is a secret.",
        **dict.fromkeys(("step", "t0", "digits", "tolerance", "drift", "last_t"), OF_CODES),
        **dict.fromkeys(("throttling_failure_timestamp", "throttling_failure_count"), OF_CODES),
    },
)
register_rows(
    "recoveryCodes",
    StaticDevice,
    shown=("id", "name", "confirmed", "created_at", "last_used_at"),
    withheld=dict.fromkeys(("throttling_failure_timestamp", "throttling_failure_count"), OF_CODES),
)
register_rows(
    "recoveryCodesLeft", StaticToken, owner="device__user", shown=("id", "device_id"), withheld={"token": SECRET}
)
register_rows("permissions", User.user_permissions.through, shown=("id", "permission_id"))
register_rows("permissionGroups", User.groups.through, shown=("id", "group_id"))
register_rows(
    "adminActions",
    LogEntry,
    shown=("id", "action_time", "content_type_id", "object_id", "action_flag", "change_message"),
    withheld={"object_repr": NOT_THEIRS},
)
