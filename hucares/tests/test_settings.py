"""The settings as a whole: every wrong value of the environment stops the start with one sentence."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from hucares.env import SettingError, s3_options
from hucares.tests.fresh_process import ROOT, SECRETS, run_fresh

Load = Callable[..., dict[str, Any]]
ROTATING = ("SECRET_KEY", "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Reads the settings file with an environment of sound secrets, a SQLite file and the variables given."""

    def read(**variables: str) -> dict[str, Any]:
        for name in tuple(os.environ):
            monkeypatch.delenv(name)
        for name, value in {**SECRETS, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", **variables}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "hucares" / "settings.py"))

    return read


def refusal(load: Load, **variables: str) -> str:
    with pytest.raises(SettingError) as error:
        load(**variables)
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_secrets_are_all_that_must_be_set(load: Load) -> None:
    settings = load(DATABASE_URL="")

    assert settings["DEBUG"] is False
    assert settings["EMBEDDED_DATABASE"] is True
    assert Path(settings["DATABASES"]["default"]["NAME"]) == ROOT / "var" / "hucares.sqlite3"
    assert (settings["PUBLIC_URL"], settings["THROTTLE_SCALE"]) == ("http://127.0.0.1:8000", 1.0)
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "realtime.layer.InProcessLayer"
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert settings["CORS_ALLOWED_ORIGINS"] == []


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["", "short", "x" * 31])
def test_a_secret_that_is_missing_or_short_is_refused(load: Load, name: str, value: str) -> None:
    assert refusal(load, **{name: value}).startswith(f"{name} is ")


@pytest.mark.parametrize("debug", ["0", "1"])
def test_equal_secrets_for_tokens_are_refused(load: Load, debug: str) -> None:
    secret = "the-same-secret-for-both-kinds-of-token"
    sentence = refusal(load, DEBUG=debug, JWT_ACCESS_SECRET=secret, JWT_REFRESH_SECRET=secret)

    assert sentence == "JWT_REFRESH_SECRET must differ from JWT_ACCESS_SECRET."


@pytest.mark.parametrize("name", ROTATING)
def test_the_first_of_several_secrets_signs(load: Load, name: str) -> None:
    former = [f"{number}-a-secret-of-an-earlier-time-0123456789" for number in range(2)]
    settings = load(**{name: f"the-secret-that-signs-from-now-on , {', '.join(former)},"})

    assert (settings[name], settings[f"{name}_FALLBACKS"]) == ("the-secret-that-signs-from-now-on", former)


@pytest.mark.parametrize("name", ROTATING)
def test_each_of_several_secrets_is_long_enough_and_there_once(load: Load, name: str) -> None:
    good = "a-secret-of-an-earlier-time-0123456789"

    assert refusal(load, **{name: f"{good},short"}) == f"{name} is too short: it must have at least 32 bytes."
    assert refusal(load, **{name: f"{good},{good}"}) == f"{name} has the same value twice."


def test_a_former_secret_of_one_kind_of_token_is_none_of_the_other(load: Load) -> None:
    shared = "a-secret-of-both-kinds-of-token-0123456789"
    sentence = refusal(
        load,
        JWT_ACCESS_SECRET=f"the-newer-one-of-access-tokens-0123456789,{shared}",
        JWT_REFRESH_SECRET=f"the-newer-one-of-refresh-tokens-0123456789,{shared}",
    )

    assert sentence == "JWT_REFRESH_SECRET must differ from JWT_ACCESS_SECRET."


def test_for_debugging_no_secret_is_needed(load: Load) -> None:
    settings = load(DEBUG="1", **dict.fromkeys(SECRETS, ""))

    assert len({settings[name] for name in SECRETS}) == len(SECRETS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PUBLIC_URL", "hucares.example"),
        ("PUBLIC_URL", "https://hucares.example/app"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example,b.example"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "yes"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "hucares.sqlite3"),
        ("DATABASE_URL", "postgres://host:port/db"),
        ("DATABASE_URL", "postgres://["),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("DATABASE_URL", "sqlite://"),
        ("REDIS_URL", "http://host"),
        ("REDIS_URL", "host:6379"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "many"),
        ("DRAIN_SECONDS", "soon"),
        ("DRAIN_SECONDS", "-1"),
        ("THROTTLE_SCALE", "off"),
        ("THROTTLE_SCALE", "-1"),
        ("THROTTLE_SCALE", "nan"),
        ("METRICS_TOKEN", "open sesame"),
        ("VAPID_PUBLIC_KEY", "no key"),
        ("VAPID_PUBLIC_KEY", "BCVxsr7N_eNgVRqvHtD0zTZsEc6"),
        ("EMAIL_URL", "mail.example"),
        ("EMAIL_URL", "smtp://mail.example:port"),
        ("INSIGHTS_MODEL_URL", "models.example"),
        ("INSIGHTS_MODEL_URL", "ftp://models.example"),
        ("MEDIA_STORAGE", "/srv/media"),
        ("MEDIA_STORAGE", "s3://key@bucket"),
    ],
)
def test_a_wrong_value_is_told_by_name(load: Load, name: str, value: str) -> None:
    assert refusal(load, **{name: value}).startswith(f"{name} ")


def test_an_address_of_models_needs_the_name_of_one(load: Load) -> None:
    url = "https://models.example/v1"
    assert refusal(load, INSIGHTS_MODEL_URL=url).startswith("INSIGHTS_MODEL is not set")

    assert load(INSIGHTS_MODEL_URL=url, INSIGHTS_MODEL="small")["INSIGHTS_MODEL_URL"] == url


POSTGRES = "postgres://hucares:word@db.example/hucares"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"REDIS_URL": "redis://cache.example"},
        {"DATABASE_URL": POSTGRES},
    ],
)
def test_several_processes_need_both_servers(load: Load, variables: dict[str, str]) -> None:
    assert refusal(load, WEB_CONCURRENCY="2", **variables).startswith("WEB_CONCURRENCY above 1 needs DATABASE_URL")


def test_with_both_servers_there_may_be_several_processes(load: Load) -> None:
    settings = load(WEB_CONCURRENCY="2", DATABASE_URL=POSTGRES, REDIS_URL="redis://cache.example")

    assert settings["WEB_CONCURRENCY"] == 2
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "realtime.layer.RedisLayer"


def test_a_public_url_with_https_makes_cookies_secure_and_hsts_last(load: Load) -> None:
    plain, secure = load(PUBLIC_URL="http://hucares.example"), load(PUBLIC_URL="https://hucares.example")

    for settings, https in ((plain, False), (secure, True)):
        assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is https
        assert bool(settings["SECURE_HSTS_SECONDS"]) is https
        assert "hucares.example" in settings["ALLOWED_HOSTS"]


def test_a_forwarded_protocol_is_believed_of_a_trusted_proxy_alone(load: Load) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in load()
    assert load(TRUSTED_PROXIES="1")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_a_bucket_needs_packages_that_are_an_extra(load: Load) -> None:
    bucket = "s3://key:secret@bucket?endpoint_url=http://127.0.0.1:9000"
    if find_spec("storages") is None:
        assert "requirements-extra.txt" in refusal(load, MEDIA_STORAGE=bucket)
    else:
        storage = load(MEDIA_STORAGE=bucket)["STORAGES"]["default"]
        assert storage == {"BACKEND": "hucares.s3.PublicS3Storage", "OPTIONS": s3_options("MEDIA_STORAGE", bucket)}


@pytest.mark.parametrize(("name", "value"), [("SECRET_KEY", ""), ("PORT", "http"), ("DATABASE_URL", "postgres://[")])
def test_a_command_ends_with_one_sentence_and_no_traceback(name: str, value: str) -> None:
    ended = run_fresh("manage.py", "check", **{name: value})

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"hucares: {name} ")
    assert ended.stderr.count("\n") == 1


def test_a_command_of_an_app_ends_the_same_way() -> None:
    ended = run_fresh("manage.py", "createsuperuser", SECRET_KEY="")

    assert ended.returncode == 2
    assert ended.stderr.startswith("hucares: SECRET_KEY ")
    assert ended.stderr.count("\n") == 1


def test_with_sound_values_the_check_passes() -> None:
    ended = run_fresh("manage.py", "check", "--fail-level", "WARNING")

    assert (ended.returncode, ended.stderr) == (0, "")
