"""How the list of notifications is narrowed."""

from __future__ import annotations

from django_filters import rest_framework as filters

from notifications.kinds import KINDS
from notifications.models import Notification


class NotificationFilter(filters.FilterSet):  # type: ignore[misc]
    """`unread` (true: only unread ones, false: only read ones) and `type`."""

    unread = filters.TypedChoiceFilter(
        field_name="is_read", choices=[("true", "true"), ("false", "false")], coerce=lambda text: text == "false"
    )
    type = filters.ChoiceFilter(choices=[(name, name) for name in KINDS])

    class Meta:
        model = Notification
        fields: tuple[str, ...] = ()
