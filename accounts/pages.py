"""The pages behind mailed links. Opening one changes nothing, since programs that check mails open them too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import refusal_in
from accounts.unsubscribing import unsubscribe

ABOUT = {
    "friendCheckIn": "check-ins of your friends",
    "groupInvitation": "invitations to groups",
    "weeklyReminder": "check-ins that are due",
}


@require_safe
def mailed_link(request: HttpRequest, template: str) -> HttpResponse:
    """Shows a form; the token stays in the browser until that is sent.

    The server never sees the token here: browsers keep what stands behind `#` to themselves.
    """
    return render(request, f"accounts/pages/{template}.html")


@csrf_exempt  # a mail program that posts has no cookie; the link itself is the secret
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribed(request: HttpRequest, token: str) -> HttpResponse:
    """Asks whether to send no more mails of a kind; to be posted what RFC 8058 says, or the form, does it."""
    refusal = refusal_in(token)
    if refusal is None:
        return render(request, "accounts/pages/unsubscribe.html", status=404)
    done = request.POST.get("List-Unsubscribe") == "One-Click"
    confirmed = done and unsubscribe(refusal)
    context = {"about": ABOUT[refusal.preference], "done": done, "confirmed": confirmed}
    status = 400 if request.method == "POST" and not done else 200
    return render(request, "accounts/pages/unsubscribe.html", context, status=status)
