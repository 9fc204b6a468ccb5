"""Asking somebody into a group: a person, or whoever has an e-mail address."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.mail import Choice, Letter, letter_for, mails_to, queue_mail
from accounts.models import OutgoingMail, User
from accounts.preferences import wants
from groups.access import locked_membership_of
from groups.errors import AlreadyMember, Banned
from groups.limits import spend_invitation
from groups.models import Membership, Status
from groups.signals import member_invited
from hucares.errors import Forbidden, NotFound

MAIL = "group-invitation"
PREFERENCE = "groupInvitation"
MAIL_PAUSE = timedelta(days=1)  # between two mails about one group to one address


@transaction.atomic
def invite(
    *,
    user: User,
    group_id: UUID,
    invited_id: UUID | None = None,
    username: str | None = None,
    email: str | None = None,
) -> None:
    """Ask somebody in, by one of the three. Raises `NotFound`, `Forbidden`, `RateLimited`, `AlreadyMember`, `Banned`.

    By e-mail address nothing tells whether anybody has it: that is looked up by the worker, which also finds out
    whether they are in the group already. Whoever has not confirmed the address does not count as having it.
    """
    membership = locked_membership_of(user, group_id)
    if not membership.may_invite:
        raise Forbidden
    spend_invitation(user.pk)
    if email is not None:
        queue_invitation(membership, email, None)
        return
    person = known_person(invited_id, username)
    refuse_unless_welcome(membership, person)
    member_invited.send(sender=Membership, membership=membership, user=person)
    queue_invitation(membership, person.email, person)


def known_person(invited_id: UUID | None, username: str | None) -> User:
    """An active person by id or by the whole username, without regard to case. Raises `NotFound`.

    Their row is locked until the transaction ends: somebody who is being erased could not be told of anything.
    """
    people = User.objects.filter(pk=invited_id) if invited_id else User.objects.by_username(username or "")
    person = people.select_for_update(no_key=True).filter(is_active=True).first()
    if person is None:
        raise NotFound("There is nobody of that name.")
    return person


def refuse_unless_welcome(membership: Membership, person: User) -> None:
    """Raises `AlreadyMember` or `Banned` for somebody who is in the asker's group, or may not come back."""
    status = standing_of(membership, person)
    if status == Status.ACTIVE:
        raise AlreadyMember("This person is already in the group.")
    if status == Status.BANNED:
        raise Banned("This person may not join the group.")


def standing_of(membership: Membership, person: User) -> str | None:
    """The status of a person in the asker's group; None for somebody who was never in it."""
    return membership.group.memberships.filter(user=person).values_list("status", flat=True).first()


def queue_invitation(membership: Membership, email: str, person: User | None) -> None:
    """Have a mail sent, unless one about this group went to the address within a day. The group must be locked.

    Whoever asks while one is waiting asks in it too: should the others leave before it is sent, it is from this one.
    """
    group_id, asker_id = str(membership.group_id), str(membership.user_id)
    told = {"toldInApp": True} if person is not None and hears_in_app(person) else {}
    sent_lately = Q(sent_at__gt=timezone.now() - MAIL_PAUSE)
    mails = mails_to(email).filter(Q(due_at__isnull=False) | sent_lately, kind=MAIL, data__groupId=group_id)
    mail = mails.select_for_update(no_key=True).first()
    if mail is None:
        queue_mail(kind=MAIL, email=email, user=person, groupId=group_id, invitedByIds=[asker_id], **told)
        return
    askers = mail.data["invitedByIds"]
    data = {**mail.data, **told, "invitedByIds": askers if asker_id in askers else [*askers, asker_id]}
    if data != mail.data:
        mail.data = data
        mail.save(update_fields=["data"])


def hears_in_app(person: User) -> bool:
    """Whether somebody who is asked in hears of it in the app; the mail keeps that they did."""
    return wants(person.notification_preferences, PREFERENCE, "inApp")


def withdraw_invitations(user: User) -> None:
    """Take somebody out of the mails in which they ask others in; those in which nobody else asks are not sent.

    What was sent stays, for it counts: without it another mail could go to the address on the same day.
    """
    mails = OutgoingMail.objects.alias(text=Cast("data", TextField())).filter(kind=MAIL, text__contains=str(user.pk))
    for mail in mails.select_for_update(no_key=True).order_by("pk"):
        mail.data["invitedByIds"].remove(str(user.pk))
        if mail.data["invitedByIds"] or mail.sent_at:
            mail.save(update_fields=["data"])
        else:
            mail.delete()


@letter_for(MAIL)
def invitation(mail: OutgoingMail) -> Letter | None:
    """To somebody who was asked in: None if no asker may ask any more, or the person is in, or wants no mail."""
    person = locked_person(mail)
    asking = asking_in(mail)
    if asking is None:
        return None
    if person is not None and mail.user is None:
        tell_owner_of_address(mail, asking, person)
    if person is not None and not wants_invitation(asking, person):
        return None
    group, asker = asking.group, asking.user
    return Letter(
        to=person.email if person else mail.email,
        template="groups/mail/invitation",
        link=f"{settings.PUBLIC_URL}/join/{group.access_code}",
        button=f"Have a look at {group.name}",
        context={"username": person and person.username, "asker": asker.username, "group": group.name},
        choice=Choice(PREFERENCE, person),
    )


def locked_person(mail: OutgoingMail) -> User | None:
    """Who was asked, if it is somebody with an account; locked before the mail, as they are when they are erased.

    An address that was typed means whoever reads the mails there: who has registered with it without confirming that
    may be anybody, and learns nothing.
    """
    owners = User.objects.by_email(mail.email).filter(email_verified=True)
    people = User.objects.filter(pk=mail.user.pk) if mail.user else owners
    return people.select_for_update(no_key=True).first()


def asking_in(mail: OutgoingMail) -> Membership | None:
    """The membership of the first asker who could still ask somebody in today.

    The mail is locked, so that whoever asks in it meanwhile either is found here, or finds that it is gone.
    """
    locked = OutgoingMail.objects.select_for_update(no_key=True).filter(pk=mail.pk).first()
    if locked is None:
        return None
    group_id, askers = UUID(locked.data["groupId"]), list(map(UUID, locked.data["invitedByIds"]))
    present = Membership.objects.active().filter(group=group_id, user__in=askers, user__is_active=True)
    asking = [membership for membership in present.select_related("group", "user") if membership.may_invite]
    return min(asking, key=lambda membership: askers.index(membership.user_id), default=None)


def tell_owner_of_address(mail: OutgoingMail, asking: Membership, person: User) -> None:
    """Whoever has confirmed the address that was typed hears of it in the app too, once."""
    mail.refresh_from_db(fields=["data"])  # which is locked by now
    mail.user = person
    if person.is_active and standing_of(asking, person) in {None, Status.INACTIVE}:
        member_invited.send(sender=Membership, membership=asking, user=person)
        mail.data["toldInApp"] = hears_in_app(person)
    mail.save(update_fields=["user", "data"])


def wants_invitation(asking: Membership, person: User) -> bool:
    """Whether a person is to get the mail: active, not in the group, not banned, and not averse to such mails."""
    stranger = standing_of(asking, person) in {None, Status.INACTIVE}
    return person.is_active and stranger and wants(person.notification_preferences, PREFERENCE, "email")
