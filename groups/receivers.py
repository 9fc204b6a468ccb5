"""What groups hears from the room below."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import privacy_changed
from groups.services import count_change_for


@receiver(privacy_changed, sender=User, dispatch_uid="groups.privacy_changed")
def privacy_was_changed(sender: type[User], user_id: UUID, **kwargs: Any) -> None:
    """The figures of the person's groups may show something else now."""
    count_change_for(user_id)
