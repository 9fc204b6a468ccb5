"""A person, each place where that person is signed in, and the mails on their way."""

from __future__ import annotations

import uuid
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from typing import Any, ClassVar
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password, verify_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.files.storage import default_storage
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import JSONField, Value
from django.db.models.functions import Lower, Now
from django.utils.timezone import now

from accounts.audit import AuditEntry  # noqa: F401  # models of this app, in files of their own
from accounts.worker_jobs import WorkerJob  # noqa: F401
from hucares.ids import RandomUUID, uuid7
from hucares.request_id import LONGEST, current_request_id

ROLES = ["user", "admin"]
USERNAME_PATTERN = r"^[A-Za-z0-9_]{3,20}\Z"


def default_privacy() -> dict[str, str]:
    """What others may see unless the person says otherwise: friends see the profile, the group sees scores."""
    return {"profile": "friends", "scores": "group"}


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address without regard to case, and makes them."""

    def by_email(self, email: str) -> models.QuerySet[User]:
        """The person with this address, if there is one; uses the index on lower(email)."""
        return self.alias(email_lower=Lower("email")).filter(email_lower=Lower(Value(email)))

    def by_username(self, username: str) -> models.QuerySet[User]:
        """The person with this username, if there is one; uses the index on lower(username)."""
        return self.alias(username_lower=Lower("username")).filter(username_lower=Lower(Value(username)))

    def get_by_natural_key(self, username: str | None) -> User:
        """Django's way to find who signs in to the admin: by e-mail address. Raises `User.DoesNotExist`."""
        return self.by_email(username or "").get()

    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> User:
        """A new person with a hashed password; None means that no password fits."""
        user = self.model(username=username, email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, username: str | None = None, **fields: Any
    ) -> User:
        """A new member of staff who may do everything; the username defaults to what stands before the @."""
        fields.update(is_staff=True, is_superuser=True, email_verified=True)
        return self.create_user(username or email.split("@")[0][:20], email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Username and e-mail address are unique without regard to case and keep the case they came in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    username = models.CharField(max_length=20, validators=[RegexValidator(USERNAME_PATTERN)])
    email = models.EmailField(max_length=255)
    password = models.CharField(max_length=255, db_column="password_hash")
    email_verified = models.BooleanField(default=False, db_default=False)
    # The picture's name in Django's default storage; addresses change, names do not.
    avatar_name = models.TextField(null=True, blank=True, editable=False, db_column="avatar_url")
    timezone = models.CharField(max_length=50, default="UTC", db_default="UTC")

    notification_preferences = models.JSONField(default=dict, db_default=Value({}, JSONField()), blank=True)
    privacy_settings = models.JSONField(
        default=default_privacy, db_default=Value(default_privacy(), JSONField()), blank=True
    )

    created_at = models.DateTimeField(default=now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    last_login = models.DateTimeField(null=True, blank=True, db_column="last_login_at", editable=False)
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True, db_default=True)
    is_staff = models.BooleanField(default=False, db_default=False)

    # The address that is to become `email` once the link sent to it is used.
    pending_email = models.EmailField(max_length=255, null=True, blank=True, editable=False)

    # SHA-256 in hexadecimal of what was mailed, never the token itself. The verification token was mailed to
    # `pending_email` if there is one, else to `email`: whatever changes either of the two forgets the token.
    email_verification_token = models.CharField(max_length=255, null=True, blank=True, editable=False)
    email_verification_expires = models.DateTimeField(null=True, blank=True, editable=False)
    password_reset_token = models.CharField(max_length=255, null=True, blank=True, editable=False)
    password_reset_expires = models.DateTimeField(null=True, blank=True, editable=False)

    # Counts changes that could show in a figure about this person; cached figures are kept under it.
    version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["username"]

    class Meta:
        db_table = "users"
        permissions: ClassVar = [
            ("help_users", "Can help people with their accounts and groups"),
            ("moderate", "Can act against people and groups, and see what is masked"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="users_email_unique"),
            models.UniqueConstraint(Lower("username"), name="users_username_unique"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="users_by_time"),
            *(
                models.Index(
                    fields=[token], condition=models.Q((f"{token}__isnull", False)), name=f"users_{name}_token"
                )
                for token, name in (("email_verification_token", "verification"), ("password_reset_token", "reset"))
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. Raises `ServiceUnavailable`.

        Source: Django, whose own saves the renewal of an old hash over whatever the password has become meanwhile.
        """
        correct, outdated = verify_password(raw_password, self.password)
        if not correct or not outdated:
            return correct
        renewed = make_password(raw_password)
        if type(self).objects.filter(pk=self.pk, password=self.password).update(password=renewed):
            self.password = renewed
            return True
        # Somebody else has renewed it, or changed it, or the person is gone.
        self.password = type(self).objects.filter(pk=self.pk).values_list("password", flat=True).first() or ""
        return check_password(raw_password, self.password)

    @property
    def role(self) -> str:
        """`admin` for staff, else `user`."""
        return "admin" if self.is_staff else "user"

    @property
    def avatar_url(self) -> str | None:
        """Where everybody finds this person's picture: an absolute URL, the storage's own if that is one."""
        return urljoin(settings.PUBLIC_URL, default_storage.url(self.avatar_name)) if self.avatar_name else None

    @property
    def keeps_scores_private(self) -> bool:
        """Whether all of this person's check-ins count as private."""
        return bool(self.privacy_settings.get("scores") == "private")


def session_end() -> datetime:
    """When a session that begins now ends, whatever happens."""
    return now() + settings.SESSION_LIFETIME


class Session(models.Model):
    """One place where a person is signed in.

    A refresh token names a session and its counter; nothing of the token is stored. `rotated_at` is the instant
    at which the counter reached its value, so that the current refresh token can be written again to the byte.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    counter = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    rotated_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(default=session_end)
    revoked_at = models.DateTimeField(null=True, blank=True)
    user_agent = models.TextField(default="", blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        db_table = "sign_in_sessions"
        verbose_name = "sign-in"

    def __str__(self) -> str:
        return f"session {self.pk}"

    def is_live(self, now: datetime) -> bool:
        """Whether this session still signs its person in. The person must be loaded."""
        return self.revoked_at is None and now < self.expires_at and self.user.is_active


MOST_WRONG_PINS = 5  # in a row, the last of which ends the enrolment


class PinEnrolment(models.Model):
    """A device that may sign its person in by PIN.

    Of its token the SHA-256 is stored, of the PIN an Argon2id hash that takes `PIN_PEPPER` to compute.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pin_enrolments")
    token_hash = models.CharField(max_length=64, unique=True)
    pin_hash = models.CharField(max_length=255)
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)  # in a row
    created_at = models.DateTimeField(default=now, db_default=Now())
    last_used_at = models.DateTimeField(default=now, db_default=Now())
    user_agent = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "pin_enrolments"
        verbose_name = "PIN enrolment"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(failures__lt=MOST_WRONG_PINS), name="pin_enrolments_failures_below_the_most"
            ),
        ]

    def __str__(self) -> str:
        return f"PIN enrolment {self.pk}"


class FailedSignIns(models.Model):
    """How often in a row signing in to an account has failed, whether or not the account exists."""

    account = models.CharField(primary_key=True, max_length=64)  # see `limits.hashed_account`
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "failed_sign_ins"
        verbose_name = verbose_name_plural = "failed sign-ins"
        indexes: ClassVar = [models.Index(fields=["last_at"], name="failed_sign_ins_last_at")]

    def __str__(self) -> str:
        return f"{self.failures} failed sign-ins"


class RefusedAddress(models.Model):
    """An address of nobody who has confirmed it, to which none of the mails goes that one can do without."""

    address = models.CharField(primary_key=True, max_length=64)  # see `limits.hashed_account`
    created_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        db_table = "refused_addresses"
        verbose_name_plural = "refused addresses"

    def __str__(self) -> str:
        return f"refused since {self.created_at:%Y-%m-%d}"


STUCK_ATTEMPTS = 4
ADDRESS_REFUSED = SMTPRecipientsRefused.__name__


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    """Mails as they are asked for."""

    def waiting(self) -> OutgoingMailQuerySet:
        """Those that are still to be sent."""
        return self.filter(due_at__isnull=False)

    def failing(self) -> OutgoingMailQuerySet:
        """Those whose last attempt failed, and that will be tried again."""
        return self.waiting().exclude(last_error="")

    def stuck(self) -> OutgoingMailQuerySet:
        """Those that have failed time and again, for half an hour and more, and not for their address alone."""
        return self.failing().filter(attempts__gte=STUCK_ATTEMPTS).exclude(last_error=ADDRESS_REFUSED)

    def sent(self) -> OutgoingMailQuerySet:
        """Those that went out."""
        return self.filter(sent_at__isnull=False)

    def given_up(self) -> OutgoingMailQuerySet:
        """Those that were not sent, and are not tried again."""
        return self.filter(due_at=None, sent_at=None)


class OutgoingMail(models.Model):
    """A mail that a worker is to send, or has sent a few days ago.

    It holds what the mail is about, never a secret: links are made when it is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    kind = models.CharField(max_length=50)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="outgoing_mails")
    email = models.EmailField(max_length=255)
    data = models.JSONField(default=dict, db_default=Value({}, JSONField()), blank=True)
    created_at = models.DateTimeField(default=now, db_default=Now())
    # When to try next; null once it was sent, or given up.
    due_at = models.DateTimeField(default=now, db_default=Now(), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=100, default="", db_default="", blank=True)  # the name of its class
    sent_at = models.DateTimeField(null=True, blank=True)
    request_id = models.CharField(max_length=LONGEST, default=current_request_id, db_default="", blank=True)

    objects: ClassVar = OutgoingMailQuerySet.as_manager()

    class Meta:
        db_table = "outgoing_mails"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="outgoing_mails_due"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(due_at__isnull=True, sent_at__isnull=True),
                name="outgoing_mails_given_up",
            ),
            models.Index(Lower("email"), name="outgoing_mails_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} mail {self.pk}"
