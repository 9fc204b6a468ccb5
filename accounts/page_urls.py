"""Addresses of pages that mails link to. A web app in front of the server may answer them itself."""

from django.urls import path

from accounts.pages import mailed_link, unsubscribed

urlpatterns = [
    path("verify-email", mailed_link, {"template": "verify_email"}, name="verify-email"),
    path("reset-password", mailed_link, {"template": "reset_password"}, name="reset-password"),
    path("unsubscribe/<str:token>", unsubscribed, name="unsubscribe"),
]
