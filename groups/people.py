"""Finding people, by those who may."""

from __future__ import annotations

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower

from accounts.models import User
from accounts.preferences import PRIVACY_DEFAULTS
from groups.models import Membership
from hucares.throttling import spend


class PersonQuerySet(models.QuerySet[User]):
    """Who is shown to whom."""

    def found_by(self, searcher: User, text: str) -> PersonQuerySet:
        """Other people whose username begins with `text`, without regard to case, as far as `searcher` may find them.

        Of those who show themselves to friends, these are people in one of the searcher's groups, and whoever is
        asked for by the whole username.
        """
        wanted = text.lower()
        theirs = Membership.objects.active().filter(user=OuterRef("pk"))
        mine = Membership.objects.active().filter(user=searcher)
        default = Value(PRIVACY_DEFAULTS["profile"], TextField())
        shown_to = Coalesce(KeyTextTransform("profile", "privacy_settings"), default)
        acquainted = Q(name=wanted) | Q(Exists(theirs.filter(group__in=mine.values("group"))))
        return (
            self.alias(name=Lower("username"), shown_to=shown_to)
            .filter(name__startswith=wanted, is_active=True)
            .filter(Q(shown_to="public") | Q(shown_to="friends") & acquainted)
            .exclude(pk=searcher.pk)
        )

    def best_first(self, text: str) -> PersonQuerySet:
        """The person with exactly this username, then the others by the alphabet."""
        return self.order_by(Case(When(username__iexact=text, then=0), default=1), Lower("username"))


def search_people(*, searcher: User, q: str) -> PersonQuerySet:
    """The people that this person finds under the beginning of a username. Raises `RateLimited`."""
    spend("30/minute", "search", str(searcher.pk))
    return PersonQuerySet(User).found_by(searcher, q).best_first(q)
