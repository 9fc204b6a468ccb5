"""The admin's page for the second factor: to show it, to set it up, and to see to it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

import django_otp
import segno
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import second_factor
from accounts.audit import note
from accounts.errors import WrongCode
from accounts.models import User

View = Callable[[HttpRequest], HttpResponse]


def for_staff(view: View) -> View:
    """Let in who has signed in as staff, whether or not they have shown a second factor."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff):
            return redirect("admin:login")
        return view(request)

    return guarded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """What there is to do: show a code, set an authenticator up, or see to the one that there is."""
    if second_factor.is_passed(request):
        return see_to_it(request)
    if second_factor.is_on(staff_of(request)):
        return show_code(request)
    return set_up(request)


def show_code(request: HttpRequest) -> HttpResponse:
    """Asks for a code, and lets in who has it."""
    if request.method == "POST":
        try:
            device = second_factor.check(user=staff_of(request), code=request.POST.get("code", ""))
        except WrongCode as error:
            return page(request, "ask", error=error.message, status=400)
        django_otp.login(request, device)
        request.session.cycle_key()
        return HttpResponseRedirect(where_they_wanted(request))
    return page(request, "ask")


def set_up(request: HttpRequest) -> HttpResponse:
    """Shows the key of a new authenticator, and takes it into use once a code of it was shown."""
    staff, error = staff_of(request), ""
    if request.method == "POST":
        try:
            device, codes = second_factor.turn_on(user=staff, code=request.POST.get("code", ""))
        except WrongCode as wrong:
            error = wrong.message
        else:
            django_otp.login(request, device)
            request.session.cycle_key()
            note(request, staff, "second factor on")
            return page(request, "codes", codes=codes, next=where_they_wanted(request))
    device = second_factor.unconfirmed_device(staff)
    picture = segno.make(device.config_url, error="m").svg_inline(scale=5, light="#fff")
    context = {"picture": mark_safe(picture), "secret": second_factor.secret_of(device)}  # noqa: S308  # made here
    return page(request, "set_up", error=error, status=400 if error else 200, **context)


def see_to_it(request: HttpRequest) -> HttpResponse:
    """Other recovery codes, or no second factor any more where none is required."""
    staff, wanted = staff_of(request), request.POST.get("do")
    if wanted == "renew":
        codes = second_factor.renew_recovery_codes(user=staff)
        note(request, staff, "renew recovery codes")
        return page(request, "codes", codes=codes, next=reverse("admin:index"))
    if wanted == "turn off" and not settings.ADMIN_REQUIRE_2FA:
        second_factor.turn_off(user=staff)
        note(request, staff, "second factor off")
        messages.success(request, "No code is asked for any more.")
        return redirect("admin:index")
    return page(request, "on", may_turn_off=not settings.ADMIN_REQUIRE_2FA)


def page(request: HttpRequest, step: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page at one of its steps."""
    context = {**admin.site.each_context(request), "title": "Second factor", "step": step, **context}
    context.setdefault("next", where_they_wanted(request))
    return TemplateResponse(request, "admin/second_factor.html", context, status=status)


def where_they_wanted(request: HttpRequest) -> str:
    """The page of ours that somebody was led here from."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("admin:index")


def staff_of(request: HttpRequest) -> User:
    """Who has signed in."""
    return cast(User, request.user)
