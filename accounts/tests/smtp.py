"""A real SMTP server on this machine that remembers what it was sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import LazySettings

from hucares.env import email_settings
from hucares.tests.served_process import free_port


class Inbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd's hook."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextlib.contextmanager
def smtp_server(port: int | None = None, inbox: Inbox | None = None) -> Iterator[tuple[Inbox, str]]:
    """A running server: what it was sent, and its `EMAIL_URL`."""
    inbox = inbox or Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield inbox, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def use(settings: LazySettings, email_url: str) -> None:
    """Send mails there, as a server with this `EMAIL_URL` does."""
    for name, value in email_settings("EMAIL_URL", email_url).items():
        setattr(settings, name, value)
