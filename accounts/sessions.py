"""Sign-in sessions: who is behind a token, how a session goes on, how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.errors import SessionRevoked, TokenReused
from accounts.limits import spend_refresh
from accounts.models import PinEnrolment, Session, User
from accounts.signals import sessions_ended
from accounts.tokens import RefreshClaims, read_refresh_token

USER_AGENT_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    user_agent: str = ""
    ip_address: str | None = None

    @property
    def kept_user_agent(self) -> str:
        """As much of the browser's name for itself as a session keeps."""
        return self.user_agent[:USER_AGENT_LENGTH]


def begin_session(*, user: User, device: Device) -> Session:
    """A new sign-in session of this person."""
    return Session.objects.create(user=user, user_agent=device.kept_user_agent, ip_address=device.ip_address)


def require_live(session_id: UUID, *, lock_person: bool = False) -> Session:
    """The session with its person, in one query. Raises `SessionRevoked` unless it is live.

    With `lock_person` the person's row is locked until the transaction ends.
    """
    sessions = Session.objects.select_related("user")
    if lock_person:
        sessions = sessions.select_for_update(of=("user",), no_key=True)
    session = sessions.filter(pk=session_id).first()
    if session is None or not session.is_live(timezone.now()):
        raise SessionRevoked
    return session


def still_live(session_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these sessions that still sign their people in, in one query."""
    now = timezone.now()
    sessions = Session.objects.select_related("user").filter(pk__in=list(session_ids))
    return {session.pk for session in sessions if session.is_live(now)}


def live_sessions_of(user: User) -> models.QuerySet[Session]:
    """Where this person is signed in now, the place used last first."""
    live = Session.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())
    return live.order_by("-last_used_at", "-pk")


def note_activity(session: Session) -> None:
    """Move the person's `last_active_at` and the session's `last_used_at`, at most every `ACTIVITY_STEP`."""
    now = timezone.now()
    if session.user.last_active_at is None or now - session.user.last_active_at >= settings.ACTIVITY_STEP:
        session.user.last_active_at = now
        User.objects.filter(pk=session.user_id).update(last_active_at=now)
    if now - session.last_used_at >= settings.ACTIVITY_STEP:
        session.last_used_at = now
        Session.objects.filter(pk=session.pk).update(last_used_at=now)


def rotate_session(*, refresh_token: str) -> Session:
    """Spend a refresh token; the session returned holds its one successor.

    However many requests present the current token at once, all get the same successor, and so does the token
    before it within `ROTATION_GRACE`. An older one means that a copy is about: the session ends, that is
    committed, and `TokenReused` is raised. Raises `TokenExpired`, `TokenInvalid`, `SessionRevoked` and
    `RateLimited` too.
    """
    claims = read_refresh_token(refresh_token)
    spend_refresh(claims.session_id)
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",)).select_related("user").filter(pk=claims.session_id).first()
        )
        if session is None or not session.is_live(timezone.now()):
            raise SessionRevoked
        reused = not advance(session, claims)
        if reused:
            end_sessions([session])
    if reused:
        raise TokenReused
    return session


def advance(session: Session, claims: RefreshClaims) -> bool:
    """Move a locked session on if the token is its current one. False when the token is too old to be honest."""
    now = timezone.now()
    if claims.counter == session.counter:
        session.counter += 1
        session.rotated_at = session.last_used_at = now
        session.save(update_fields=["counter", "rotated_at", "last_used_at"])
        return True
    return claims.counter == session.counter - 1 and now - session.rotated_at <= settings.ROTATION_GRACE


@transaction.atomic
def end_sessions(sessions: Iterable[Session]) -> None:
    """Revoke sessions of one person: their access tokens stop working at once."""
    ended: dict[UUID, list[UUID]] = {}
    for session in sessions:
        ended.setdefault(session.user_id, []).append(session.pk)
    for user_id, session_ids in ended.items():
        Session.objects.filter(pk__in=session_ids, revoked_at=None).update(revoked_at=timezone.now())
        sessions_ended.send(sender=Session, user_id=user_id, session_ids=session_ids)


@transaction.atomic
def end_enrolments(user: User) -> None:
    """Let no device sign this person in by PIN any more.

    The person's row is locked, as by whoever signs in by PIN: one who is doing so comes before this or not at all.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    PinEnrolment.objects.filter(user=user).delete()
