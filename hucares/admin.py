"""What admin pages share."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import CharField, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from hucares.encoding import encode
from hucares.errors import DomainError

MOST_LISTED = 100_000
MOST_NAMED = 1000  # groups, say, of one name
MOST_CHOSEN = 100  # rows that are acted on together: more is a matter for a command
LONGEST_REASON = 500


def address_of_list(model: type[Model]) -> str:
    """Where the rows of a model are listed."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@admin.display(description="id")
def short_id(row: Any) -> str:
    """The end of a row's id, which tells it from others: a column that leads to its page."""
    return str(row.pk)[-12:]


def linked(name: str) -> Callable[[Any], str]:
    """A column of a list that leads to the page of the row that a foreign key names; have it selected along."""

    @admin.display(description=name)
    def column(row: Any) -> str:
        other = getattr(row, name)
        return "-" if other is None else link_to(type(other), other.pk, str(other))

    return column


def link_to(model: type[Model], key: Any, text: str) -> str:
    """A link to a row's page."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    return format_html('<a href="{}">{}</a>', address, text)


def no_password_change(request: HttpRequest) -> HttpResponse:
    """In place of Django's own page, which would end no session, call nothing off and tell nobody. Raises `Http404`."""
    raise Http404


class BoundedPaginator(Paginator):
    """Counts no further than `MOST_LISTED` rows: whoever looks for an older one searches or filters."""

    @functools.cached_property
    def count(self) -> int:
        """How many rows there are, up to the bound."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives no other
        return rows[:MOST_LISTED].count()


def exactly(model: type[Model], path: str, value: str) -> Q:
    """The condition that a column has a value, or one of the row that a foreign key names, which is looked up first.

    Joined and compared as text, as Django's own search does it, it would be looked for in every row.
    """
    key, _, column = path.rpartition("__")
    if key:
        other: Any = model._meta.get_field(key).related_model
        named = other._default_manager.filter(**{f"{column}__iexact": value}).values_list("pk", flat=True)
        return Q(**{f"{key}__in": list(named[:MOST_NAMED])})
    field: Any = model._meta.pk if path == "pk" else model._meta.get_field(path)
    try:
        known = field.clean(value, None)
    except ValidationError:
        return Q(pk__in=[])
    return Q(**{f"{path}__iexact" if isinstance(field, CharField) else path: known})


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at. They are made, changed and removed by services, which keep counts and events right."""

    change_form_template = "admin/row.html"
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    # In the order in which rows came: to sort a long table by some column would keep everybody waiting. None allows it.
    sortable_by: ClassVar[tuple[str, ...] | None] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Where all fields are whole values (`=`): the row with this id, and those that have the value, by index."""
        if not all(field.startswith("=") for field in self.search_fields):
            return super().get_search_results(request, queryset, search_term)
        wanted = search_term.strip()
        conditions = (exactly(self.model, field.removeprefix("="), wanted) for field in ("=pk", *self.search_fields))
        return queryset.filter(functools.reduce(operator.or_, conditions)) if wanted else queryset, False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row's page."""
        context = {**self.row_context(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        """What its template shows beside the columns: links to the lists of the rows that point to this one."""
        return {"lists": list(self.lists_about(request, key))}

    def lists_about(self, request: HttpRequest, key: str) -> Iterator[tuple[str, str]]:
        """The name and the address of each such list that somebody may see."""
        for relation in self.opts.related_objects:
            model = relation.related_model
            if admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request):
                where = urlencode({f"{relation.field.name}__exact": key})
                yield str(model._meta.verbose_name_plural), f"{address_of_list(model)}?{where}"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


# What an action needs: a permission of `User`, and that of superusers, which nobody is granted.
HELP, MODERATE, RULE = "help", "moderate", "rule"

Act = Callable[[Any, HttpRequest, Any, str], HttpResponse | None]


def confirmed(title: str, sentence: str, permission: str, *, alone: bool = False) -> Callable[[Act], Act]:
    """Make a method of an admin an action that asks first: the page says `sentence`, lists the rows, wants a reason.

    The method gets the request, one row and the reason, in a transaction of its own. A `DomainError` that it raises is
    told, and the other rows are gone on with. Whoever has the permission may do it, unless the admin's `may_act` says
    no of a row. One of rows that are to be chosen `alone` takes one at a time, and what it returns is answered.
    """

    def decorate(act: Act) -> Act:
        @admin.action(description=title, permissions=[permission])
        @functools.wraps(act)
        def action(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
            most = 1 if alone else MOST_CHOSEN
            chosen = list(rows[: most + 1])
            if len(chosen) > most:
                messages.error(request, f"{title}: choose {most} at most." if most > 1 else f"{title}: choose one row.")
                return None
            reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
            if "confirmed" not in request.POST or not reason:
                return confirmation(model_admin, request, chosen, title, sentence)
            answer = None
            for row in chosen:
                done = functools.partial(act, model_admin, request, row, reason)
                answer = outcome(model_admin, request, row, title, done)
            return answer

        return action  # type: ignore[return-value]  # Django calls it with the rows

    return decorate


def confirmation(
    model_admin: Any, request: HttpRequest, rows: Sequence[Any], title: str, sentence: str
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
        "longest_reason": LONGEST_REASON,
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


def outcome(
    model_admin: Any, request: HttpRequest, row: Model, title: str, act: Callable[[], HttpResponse | None]
) -> HttpResponse | None:
    """Act on one row, if that is allowed, and say what came of it, if it does not answer itself."""
    if not model_admin.may_act(request, row):
        messages.error(request, f"{title}, {row}: you may not do that.")
        return None
    try:
        with transaction.atomic():
            answer = act()
    except DomainError as error:
        messages.error(request, f"{title}, {row}: {error.message}")
        return None
    if answer is None:
        messages.success(request, f"{title}, {row}: done.")
    return answer


def attached(document: Any, name: str) -> HttpResponse:
    """A JSON document as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}  # the admin has nothing stored on the way
    return HttpResponse(encode(document), content_type="application/json", headers=headers)


class ActingAdmin(ReadOnlyAdmin):
    """Rows to look at, with actions of the kind that `confirmed` makes."""

    def has_help_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may help people."""
        return request.user.has_perm("accounts.help_users")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act against people and groups."""
        return request.user.has_perm("accounts.moderate")

    def has_rule_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may decide about staff."""
        return bool(request.user.is_superuser)

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        """Whether somebody may act on this row."""
        return True

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        """The row's page offers the actions of the list, for this row."""
        actions = [action[1:] for action in self.get_actions(request).values() if action]
        return {**super().row_context(request, key), "actions": actions, "checkbox_name": ACTION_CHECKBOX_NAME}
