"""`manage.py check --deploy`: what would be unsafe, or would not work, in production. Each has a number and a way out.

What no server can do with stops the start already, in `hucares.settings`: here is what works and is wrong.
`docs/operations.md` lists the numbers; they are never given to another meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LEAST_DIFFERENT = 12  # characters; of 43 random ones in base64url, 20 at least are, all but always
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SECRETS = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "PIN_PEPPER")
UNSENT = {"filebased", "console", "locmem", "dummy"}

Rule = Callable[[], Iterator[CheckMessage]]


@register(Tags.security, deploy=True)
def unsafe_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """All that is found, errors first."""
    found = [message for rule in RULES for message in rule()]
    return sorted(found, key=lambda message: (-message.level, message.id or ""))


def host_of_site() -> str:
    """The host in `PUBLIC_URL`."""
    return urlsplit(settings.PUBLIC_URL).hostname or ""


def debugging() -> Iterator[CheckMessage]:
    """Errors are not for everybody to read."""
    if settings.DEBUG:
        yield Error(
            "DEBUG is on: whoever causes an error reads settings and code, and secrets may be well-known ones.",
            hint="Set DEBUG=0, or leave it out.",
            id="hucares.E001",
        )


def addresses() -> Iterator[CheckMessage]:
    """Where people reach the site, and which names are answered."""
    if host_of_site() in LOOPBACK:
        yield Warning(
            "PUBLIC_URL leads to this machine: mailed links work for nobody elsewhere.",
            hint="Set PUBLIC_URL to where people reach the site, as in https://hucares.example.",
            id="hucares.W002",
        )
    elif not settings.HTTPS:
        yield Error(
            "PUBLIC_URL is not https: passwords and tokens could be read on their way.",
            hint="Have a proxy end TLS, and set PUBLIC_URL to its address, as in https://hucares.example.",
            id="hucares.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS answers to any name.",
            hint="Name the hosts, or leave ALLOWED_HOSTS out: PUBLIC_URL's is answered.",
            id="hucares.E004",
        )


def proxies() -> Iterator[CheckMessage]:
    """TLS ends in front of the server, which has to be told of it."""
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        yield Error(
            "PUBLIC_URL is https, and TRUSTED_PROXIES is 0: everybody has the address of the proxy, so limits hit all "
            "together, and requests count as plain http.",
            hint="Set TRUSTED_PROXIES to how many proxies add to X-Forwarded-For: 1 for one.",
            id="hucares.E005",
        )


def limits() -> Iterator[CheckMessage]:
    """Guessing is to be slow."""
    if not settings.THROTTLE_SCALE:
        yield Error(
            "THROTTLE_SCALE is 0: nothing is limited, guessing passwords included.",
            hint="Set THROTTLE_SCALE=1, or leave it out.",
            id="hucares.E006",
        )


def secrets() -> Iterator[CheckMessage]:
    """Long is not random."""
    for name in SECRETS:
        if len(set(getattr(settings, name))) < LEAST_DIFFERENT:
            yield Error(
                f"{name} repeats few characters: it can be guessed.",
                hint='Make a random one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
                id="hucares.E007",
            )


def origins() -> Iterator[CheckMessage]:
    """Other sites that may use the API."""
    plain = [origin for origin in settings.CORS_ALLOWED_ORIGINS if origin.startswith("http://")]
    for origin in plain:
        if urlsplit(origin).hostname not in LOOPBACK:
            yield Error(
                f"CORS_ALLOWED_ORIGINS lets {origin} use the API: whoever is on the way can be that site.",
                hint="Let https origins in alone.",
                id="hucares.E008",
            )


def servers() -> Iterator[CheckMessage]:
    """The embedded default is for one process and few people."""
    if settings.EMBEDDED_DATABASE:
        yield Warning(
            "DATABASE_URL names a SQLite file: one process serves, and one writes at a time.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="hucares.W009",
        )
    elif not settings.REDIS_URL:
        yield Warning(
            "REDIS_URL is not set: limits are counted, and news is told, within one process.",
            hint="Set REDIS_URL.",
            id="hucares.W010",
        )


def mails() -> Iterator[CheckMessage]:
    """They are to be sent."""
    if settings.EMAIL_BACKEND.split(".")[-2] in UNSENT:
        yield Warning(
            "EMAIL_URL sends nothing: nobody can confirm an address or get a new password.",
            hint="Set EMAIL_URL, as in smtp+tls://user:password@mail.hucares.example:587.",
            id="hucares.W011",
        )


def watching() -> Iterator[CheckMessage]:
    """Somebody is to notice."""
    if not settings.METRICS_TOKEN:
        yield Warning(
            "METRICS_TOKEN is not set: there are no figures, and so no alerts.",
            hint="Set METRICS_TOKEN to a random value, and tell Prometheus: docs/metrics.md.",
            id="hucares.W012",
        )


def staff() -> Iterator[CheckMessage]:
    """A password alone is little for whoever sees everybody."""
    if not settings.ADMIN_REQUIRE_2FA:
        yield Warning(
            "ADMIN_REQUIRE_2FA is off: a password alone lets staff into the admin.",
            hint="Set ADMIN_REQUIRE_2FA=1.",
            id="hucares.W013",
        )


RULES: tuple[Rule, ...] = (
    debugging,
    addresses,
    proxies,
    limits,
    secrets,
    origins,
    servers,
    mails,
    watching,
    staff,
)
