"""Open sockets as rows of `user_sessions`, and who is online because of them.

Who was first or last is decided with the person's row locked. News of somebody who came goes out after the commit,
of somebody who has gone before it, still under the lock. So it is told in the order in which it happened, a process
that dies in between loses no farewell, and whoever joins a group reads the rows or hears the news, if not both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.sessions import Device, require_live
from groups.models import Membership, Status
from realtime import messages
from realtime.limits import TooManySockets
from realtime.local_layer import Messages
from realtime.models import UserSession, is_open
from realtime.processes import living
from realtime.publish import publish, publish_on_commit

PEOPLE_AT_A_TIME = 100


@transaction.atomic
def open_socket(session_id: UUID, socket_id: str, device: Device) -> UserSession:
    """A socket of this sign-in session has authenticated. Raises `SessionRevoked` or `TooManySockets`.

    If it is the person's first, their groups are told that they are online; and before that that they were offline,
    if nobody has come to say so.
    """
    user = require_live(session_id, lock_person=True).user
    theirs = UserSession.objects.filter(user=user)
    known = theirs.standing()
    names = [name for name, opened, _ in known if opened]
    require_room(names)
    if not any(present for _, _, present in known):
        farewell = tell_groups([user.pk], messages.offline) if known else []
        publish_on_commit([*farewell, *tell_groups([user.pk], messages.online)])
    if len(known) > len(names):  # what keeps the person online from now on is the new row
        theirs.exclude(closed_at=None).delete()
    return UserSession.objects.create(
        user=user, socket_id=socket_id, user_agent=device.kept_user_agent, ip_address=device.ip_address
    )


def require_room(names: list[str]) -> None:
    """Raises `TooManySockets` for somebody who has as many sockets open, by these names, as one may have.

    Sockets of a process that has died lock nobody out, though it may not be known yet that they are gone.
    """
    if len(names) >= settings.SOCKETS_PER_PERSON and len(living(names)) >= settings.SOCKETS_PER_PERSON:
        raise TooManySockets(int(settings.SOCKET_SILENCE_SECONDS))


def vouch_for(sockets: Collection[UUID]) -> None:
    """These sockets are open, says the process that holds them. One that counts as gone does not come back by that."""
    UserSession.objects.filter(is_open(), pk__in=sockets).update(last_heartbeat=timezone.now())


def lost(sockets: Collection[UUID]) -> set[UUID]:
    """Those of these sockets that count as gone, whether or not they have been swept yet."""
    return set(sockets) - set(UserSession.objects.filter(is_open(), pk__in=sockets).values_list("pk", flat=True))


def close_socket(row_id: UUID) -> None:
    """A socket is gone. Its person goes offline when the grace is over, unless they come back or have another one."""
    UserSession.objects.filter(pk=row_id).update(closed_at=timezone.now())


def sweep() -> bool:
    """Remove the rows of sockets that are gone, and tell of everybody who has none left. Whether there may be more.

    Any number of processes may do this at once: somebody whom one of them has in hand is passed over by the others.
    """
    due = UserSession.objects.due().order_by("user_id").values_list("user_id", flat=True)
    people = list(due.distinct()[:PEOPLE_AT_A_TIME])
    return bool(people) and sweep_people(people) and len(people) == PEOPLE_AT_A_TIME


@transaction.atomic
def sweep_people(people: Collection[UUID]) -> bool:
    """The same for these people. Whether there was anything left to do for one of them."""
    unlocked = User.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=people)
    locked = list(unlocked.order_by("pk").values_list("pk", flat=True))
    due = dict(UserSession.objects.due().filter(user__in=locked).values_list("pk", "user_id"))
    UserSession.objects.filter(pk__in=due).delete()
    staying = UserSession.objects.filter(user__in=locked).values_list("user_id", flat=True)
    publish(tell_groups(set(due.values()) - set(staying), messages.offline))
    return bool(due)


def tell_groups(people: Collection[UUID], tell: Callable[[UUID, UUID, int], tuple[str, dict[str, object]]]) -> Messages:
    """What is told of these people to the groups that they are in now."""
    if not people:
        return []
    memberships = Membership.objects.active().filter(user__in=people)
    rows = memberships.values_list("user_id", "group_id", "group__log__head")
    return [tell(user_id, group_id, head or 0) for user_id, group_id, head in rows]


def online_members(group_id: UUID) -> list[UUID]:
    """The group's active members who are online."""
    members = Membership.objects.filter(
        group=group_id, status=Status.ACTIVE, user__in=UserSession.objects.present().values("user")
    )
    return list(members.order_by("user_id").values_list("user_id", flat=True))
