"""What admin pages share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from hucares.errors import DomainError

admin.site.site_header = admin.site.site_title = "HuCares"
admin.site.index_title = "What happens"


def no_password_change(request: HttpRequest) -> HttpResponse:
    """In place of Django's own page, which would end no session, call nothing off and tell nobody. Raises `Http404`."""
    raise Http404


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at. They are made, changed and removed by services, which keep counts and events right."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


Act = Callable[[Any, HttpRequest, Any, str], None]


def confirmed(title: str, sentence: str) -> Callable[[Act], Act]:
    """Make a method of an admin an action that asks first: the page says `sentence`, lists the rows, wants a reason.

    The method gets the request, one row and the reason, in a transaction of its own. A `DomainError` that it raises is
    told, and the other rows are gone on with. Whoever may change such rows may do it, unless the admin's `may_act` says
    no of a row.
    """

    def decorate(act: Act) -> Act:
        @admin.action(description=title, permissions=["act"])
        @functools.wraps(act)
        def action(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
            reason = request.POST.get("reason", "").strip()
            if "confirmed" not in request.POST or not reason:
                return confirmation(model_admin, request, rows, title, sentence)
            for row in rows:
                done = functools.partial(act, model_admin, request, row, reason)
                tell_how_it_went(model_admin, request, row, title, done)
            return None

        return action  # type: ignore[return-value]  # Django calls it with the rows

    return decorate


def confirmation(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Any], title: str, sentence: str
) -> HttpResponse:
    """The page that asks."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "sentence": sentence,
        "rows": rows,
        "opts": model_admin.model._meta,
        "action": request.POST.get("action", ""),
        "checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


def tell_how_it_went(model_admin: Any, request: HttpRequest, row: Model, title: str, act: Callable[[], None]) -> None:
    """Act on one row, if that is allowed, and say what came of it."""
    if not model_admin.may_act(request, row):
        messages.error(request, f"{title}, {row}: you may not do that.")
        return
    try:
        with transaction.atomic():
            act()
    except DomainError as error:
        messages.error(request, f"{title}, {row}: {error.message}")
    else:
        messages.success(request, f"{title}, {row}: done.")


class ActingAdmin(admin.ModelAdmin):
    """An admin with actions of the kind that `confirmed` makes."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on such rows at all."""
        opts = self.model._meta
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        """Whether somebody may act on this row."""
        return True
