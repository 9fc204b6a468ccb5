"""What members of staff may do in the admin: three roles, each with all that the one before it may.

Support and moderators are Django's permission groups of these names, which `migrate` brings in line with this file;
a superuser is Django's. Whoever has a role is staff, and nobody else is.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.auth.models import Group as PermissionGroup
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts.models import User
from accounts.services import taken
from accounts.staff import end_admin_sessions

SUPPORT, MODERATOR, SUPERUSER = "support", "moderator", "superuser"
STAFF_ROLES = (SUPPORT, MODERATOR, SUPERUSER)

# Beside seeing all rows that have a page: permissions of `User.Meta`.
GRANTED = {SUPPORT: ("help_users",), MODERATOR: ("help_users", "moderate")}


def role_of(user: User) -> str:
    """Somebody's role; empty if they are no staff."""
    if not user.is_staff:
        return ""
    if user.is_superuser:
        return SUPERUSER
    return MODERATOR if user.groups.filter(name=MODERATOR).exists() else SUPPORT


@transaction.atomic
def give_role(*, user: User, role: str) -> None:
    """Make somebody staff, with this role and none beside it."""
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=role == SUPERUSER)
    user.groups.set(PermissionGroup.objects.filter(name=role))
    user.user_permissions.clear()


def create_staff(email: str, username: str, password: str, role: str) -> User:
    """A new member of staff, whose address counts as confirmed.

    Raises `EmailAlreadyExists` or `UsernameAlreadyExists`.
    """
    user = User(email=email, username=username, email_verified=True)
    user.set_password(password)  # slow on purpose, so before the transaction
    try:
        with transaction.atomic():
            user.save()
            give_role(user=user, role=role)
    except IntegrityError as error:
        raise taken(error) from error
    return user


@transaction.atomic
def take_role(*, user: User) -> None:
    """Make somebody staff no more; they are out of the admin at once."""
    User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False)
    user.groups.clear()
    user.user_permissions.clear()
    end_admin_sessions(user)


@receiver(post_migrate, dispatch_uid="accounts.roles")
def bring_roles_in_line(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Give each role what it has by this file; once, after the last app, when every permission is there."""
    if app_config != [config for config in apps.get_app_configs() if config.models_module][-1]:
        return
    permissions = Permission.objects.using(using)
    seen = ContentType.objects.db_manager(using).get_for_models(*admin.site._registry).values()
    views = permissions.filter(content_type__in=seen, codename__startswith="view_")
    for role, codenames in GRANTED.items():
        group, _ = PermissionGroup.objects.using(using).get_or_create(name=role)
        group.permissions.set(views | permissions.filter(content_type__app_label="accounts", codename__in=codenames))
