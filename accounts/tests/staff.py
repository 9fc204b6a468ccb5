"""Members of staff, and what they do in the admin."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.test import Client

from accounts.audit import AuditEntry
from accounts.models import User
from accounts.roles import give_role
from accounts.tests.builders import make_user
from hucares.admin import address_of_list

WHY = "They asked for it by telephone."
OF_SIGNING_IN = {"django_session", "users"}  # tables that signing in to the admin changes


def make_staff(role: str, username: str = "") -> User:
    """A member of staff with this role."""
    user = make_user(username or role)
    give_role(user=user, role=role)
    return User.objects.get(pk=user.pk)


def browser(user: User) -> Client:
    """A browser in which somebody has signed in to the admin with their password."""
    client = Client()
    client.force_login(user)
    return client


def act(staff: User, action: str, *rows: models.Model, reason: str = WHY, confirmed: bool = True) -> Any:
    """The page after an action on rows of one list, chosen, confirmed, and with a reason."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], "reason": reason}
    answer = {"confirmed": "yes"} if confirmed else {}
    return browser(staff).post(address_of_list(type(rows[0])), {**form, **answer}, follow=True)


def told(page: Any) -> list[str]:
    """What a page of the admin says of what was done."""
    return [str(message) for message in page.context["messages"]]


def entries(*columns: str) -> list[tuple[Any, ...]]:
    """The audit log, oldest first."""
    return list(AuditEntry.objects.order_by("at").values_list(*columns))
