"""A small world with everybody in it who could ask for something: a cast for each thing that somebody may be.

The same people have the same roles in three groups: `porch` is private and lets nobody invite who need not; `garden`
is public, its members may invite, and nobody has checked in to it; `attic` is as open as `garden`, but has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.erasure import erase_person
from accounts.mailed_tokens import new_reset_token, new_verification_token
from accounts.models import Session, User
from accounts.tests.builders import PASSWORD, make_enrolment, make_session, make_user
from accounts.tokens import access_token, refresh_token
from checkins.tests.builders import make_check_in
from groups.members import change_member, leave_group, remove_member
from groups.models import Group, Membership
from groups.services import archive_group
from groups.tests.builders import make_group
from notifications.tests.builders import make_notification, make_subscription

INSIDERS = ("member", "inviter", "kicker", "moderator", "admin")
GONE = ("banned", "left", "removed")
CALLERS = ("outsider", *GONE, *INSIDERS)
# Others in the groups, for the callers to act on.
OTHERS = ("plain", "neighbour", "second_moderator", "second_admin")
RIGHTS: dict[str, dict[str, Any]] = {
    "inviter": {"permissions": {"can_invite": True, "can_kick": False}},
    "kicker": {"permissions": {"can_invite": False, "can_kick": True}},
    "moderator": {"role": "moderator"},
    "second_moderator": {"role": "moderator"},
    **{name: {"role": "admin"} for name in ("admin", "second_admin", "deactivated", "erased")},
}
# People who have lost what they were signed in with, each an admin of the three groups until then.
LOST = ("deactivated", "erased")
# Not everybody, for enrolling is slow on purpose.
WITH_A_PIN = ("outsider", "banned", "member", "admin", *LOST)


@dataclass
class World:
    """Everybody and everything by name."""

    people: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    belongings: dict[str, dict[str, str]] = field(default_factory=dict)  # of each person, by what they are

    def words(self, role: str, group: str) -> dict[str, str]:
        """What a caller of this role has to say in a call about this group, by what it is: ids, codes and tokens."""
        plain = self.belongings["plain"]
        return {
            "group": str(self.groups[group].pk),
            "code": self.groups[group].access_code,
            "me": str(self.people[role].pk),
            "gone": str(self.people["left"].pk),
            **{name: str(self.people[name].pk) for name in (*OTHERS, "banned", "stranger")},
            **{f"own_{name}": value for name, value in self.belongings[role].items()},
            **{f"other_{name}": value for name, value in plain.items()},
            "own_check_in": self.belongings[role].get(f"check_in_{group}", ""),
            "other_check_in": plain.get(f"check_in_{group}", ""),
            "name": role,
            "password": PASSWORD,
        }


def make_world() -> World:
    """The world, as it stands when everybody has come and some have gone."""
    world = World()
    for name in ("second_admin", *CALLERS, "plain", "neighbour", "second_moderator", *LOST, "stranger"):
        world.people[name] = make_user(name, privacy_settings={"profile": "public", "scores": "group"})
    make_groups(world)
    for name in world.people:
        make_belongings(world, name)
    send_away(world)
    # Everybody has just been here: what a visit notes at most every few minutes is noted already.
    User.objects.update(last_active_at=timezone.now())
    Membership.objects.update(last_active_at=timezone.now())
    for person in world.people.values():
        person.refresh_from_db()
    return world


def make_groups(world: World) -> None:
    """Everybody but the outsider and the stranger in each group, each with a check-in in two of them."""
    first, *members = (person for name, person in world.people.items() if name not in {"outsider", "stranger"})
    closed = {"is_private": True, "allow_member_invite": False}
    opened = {"is_private": False, "allow_member_invite": True}
    for name, settings in (("porch", closed), ("garden", opened), ("attic", opened)):
        world.groups[name] = make_group(first, *members, name=name.title(), **settings)
    for name, rights in RIGHTS.items():
        Membership.objects.filter(user=world.people[name]).update(**rights)


def make_belongings(world: World, name: str) -> None:
    """What somebody has that others have not."""
    person = world.people[name]
    world.sessions[name] = make_session(person)
    other_session = make_session(person)
    world.belongings[name] = {
        "session": str(other_session.pk),
        "refresh_token": refresh_token(other_session),
        "notification": str(make_notification(person).pk),
        "subscription": str(make_subscription(person, f"https://push.example/{name}").pk),
        "verification_token": new_verification_token(person),
        "reset_token": new_reset_token(person),
        "email": person.email,
        "username": person.username,
    }
    if name in WITH_A_PIN:
        world.belongings[name]["device_token"] = make_enrolment(person)
    if name not in {"outsider", "stranger"}:
        for group in ("porch", "attic"):
            check_in = make_check_in(person, world.groups[group], reflection_note=f"A note of {name}'s.")
            world.belongings[name][f"check_in_{group}"] = str(check_in.pk)


def send_away(world: World) -> None:
    """Those go who are gone, and the attic ends."""
    chief = world.people["second_admin"]
    for group in world.groups.values():
        leave_group(user=world.people["left"], group_id=group.pk)
        remove_member(user=chief, group_id=group.pk, member_id=world.people["removed"].pk)
        change_member(user=chief, group_id=group.pk, member_id=world.people["banned"].pk, status="banned")
    archive_group(user=chief, group_id=world.groups["attic"].pk)
    User.objects.filter(pk=world.people["deactivated"].pk).update(is_active=False)
    erase_person(world.people.pop("erased"))


def credentials(world: World, role: str) -> dict[str, str]:
    """The header with which somebody calls; none for an anonymous caller."""
    if role == "anonymous":
        return {}
    return {"HTTP_AUTHORIZATION": f"Bearer {access_token(world.sessions[role])}"}
