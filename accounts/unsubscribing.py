"""Saying that one wants no more mails of a kind."""

from __future__ import annotations

from django.db import transaction

from accounts.models import RefusedAddress, User
from accounts.refusals import Refusal
from accounts.services import update_profile


@transaction.atomic
def unsubscribe(refusal: Refusal) -> bool:
    """Switch such mails off for a person, or leave a stranger's address alone; doing it again changes nothing.

    Returns whether the address is provably a person's, who then can have such mails again by a preference.
    An address that its person has not confirmed may be a stranger's: it is left alone too.
    """
    people = User.objects.filter(pk=refusal.user_id) if refusal.user_id else User.objects.none()
    user = people.select_for_update(no_key=True).first()
    if user is not None:
        user = update_profile(user=user, notification_preferences={refusal.preference: {"email": False}})
    confirmed = user is not None and user.email_verified
    if not confirmed:
        RefusedAddress.objects.bulk_create([RefusedAddress(address=refusal.address)], ignore_conflicts=True)
    return confirmed
