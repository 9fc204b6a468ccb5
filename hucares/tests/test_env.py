"""The readers of the environment: a wrong value is told in a sentence that names its variable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hucares.env import Environment, SettingError, email_settings, media_storage, s3_options

Read = Callable[[Environment], Any]
SECRET = "s" * 32
# The curve's base point.
KEY = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"


def flag(env: Environment) -> bool:
    return env.flag("NAME")


def integer(env: Environment) -> int:
    return env.integer("NAME", 7, least=-5, most=100)


def number(env: Environment) -> float:
    return env.number("NAME", 0.5, least=0.0, most=10.0)


def names(env: Environment) -> list[str]:
    return env.names("NAME", ["a"])


def origin(env: Environment) -> str:
    return env.origin("NAME", "http://default")


def origins(env: Environment) -> list[str]:
    return env.origins("NAME")


def folder(env: Environment) -> Path:
    return env.folder("NAME", Path("/srv/default"))


def url(env: Environment) -> str:
    return env.url("NAME", schemes={"redis", "rediss"})


def public_key(env: Environment) -> str:
    return env.public_key("NAME")


def token(env: Environment) -> str:
    return env.token("NAME")


def text(env: Environment) -> str:
    return env.text("NAME", "default")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (text, " two words ", "two words"),
        *((flag, value, True) for value in ("1", "true", "YES", "On")),
        *((flag, value, False) for value in ("0", "false", "No", "OFF")),
        (integer, "100", 100),
        (integer, " -5 ", -5),
        (integer, "007", 7),
        (number, "10", 10.0),
        (number, "0", 0.0),
        (number, "1e-3", 0.001),
        (names, "a.example, b.example ,,", ["a.example", "b.example"]),
        (origin, "https://hucares.example/", "https://hucares.example"),
        (origin, "http://localhost:8000", "http://localhost:8000"),
        (origin, "http://[::1]:8000", "http://[::1]:8000"),
        (origin, "HTTPS://HuCares.Example", "https://hucares.example"),
        (origins, "https://a.example, http://b.example:3000", ["https://a.example", "http://b.example:3000"]),
        (folder, "/srv/media/../files", Path("/srv/files")),
        (folder, "files", Path.cwd() / "files"),
        (url, "rediss://user:word@host:6380/1", "rediss://user:word@host:6380/1"),
        (public_key, f"{KEY}=", KEY),
        (token, " open-sesame_~+/= ", "open-sesame_~+/="),
    ],
)
def test_a_right_value_is_read(read: Read, value: str, expected: Any) -> None:
    assert read(Environment({"NAME": value})) == expected


@pytest.mark.parametrize(
    ("read", "default"),
    [
        (text, "default"),
        (flag, False),
        (integer, 7),
        (number, 0.5),
        (names, ["a"]),
        (origin, "http://default"),
        (origins, []),
        (folder, Path("/srv/default")),
        (url, ""),
        (public_key, ""),
        (token, ""),
    ],
)
@pytest.mark.parametrize("variables", [{}, {"NAME": ""}, {"NAME": "  "}])
def test_what_is_not_set_or_empty_is_the_default(read: Read, default: Any, variables: dict[str, str]) -> None:
    assert read(Environment(variables)) == default


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *((flag, value) for value in ("2", "maybe", "truee")),
        *((integer, value) for value in ("101", "-6", "1.5", "ten", "--5", "-", "5-", "1_0", "٣", "9" * 5000)),
        *((number, value) for value in ("-0.1", "10.1", "nan", "inf", "-inf", "ten")),
        (origin, "hucares.example"),
        (origin, "ftp://hucares.example"),
        (origin, "https://"),
        (origin, "https://hucares.example/app"),
        (origin, "https://hucares.example?x=1"),
        (origin, "https://hucares.example#x"),
        (origin, "https://hucares.example:http"),
        (origin, "https://hucares.example:99999"),
        (origin, "https://somebody@hucares.example"),
        (origin, "https://["),
        (origins, "*"),
        (origins, "https://a.example, b.example"),
        (url, "http://host"),
        (url, "host:6379"),
        (url, "redis://["),
        (url, "redis://host:port"),
        *((token, value) for value in ("open sesame", "sésame", "open\tsesame", "open\nsesame")),
        *((public_key, value) for value in ("key", KEY[:-1], f"A{KEY[1:]}", f"{KEY[:-2]}AA", f"{KEY}AAAA")),
    ],
)
def test_a_wrong_value_is_told_by_name(read: Read, value: str) -> None:
    with pytest.raises(SettingError) as error:
        read(Environment({"NAME": value}))
    sentence = str(error.value)
    assert sentence.startswith("NAME ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_url_that_cannot_be_read_is_not_repeated_with_its_password() -> None:
    with pytest.raises(SettingError) as error:
        url(Environment({"NAME": "redis://user:hush/hush@host"}))
    assert "hush" not in str(error.value)


def test_a_token_that_no_header_can_carry_is_not_repeated() -> None:
    with pytest.raises(SettingError) as error:
        token(Environment({"NAME": "hush hush"}))
    assert "hush" not in str(error.value)


def test_a_secret_is_needed() -> None:
    with pytest.raises(SettingError, match=r"^NAME is not set"):
        Environment({}).secret("NAME", debug=False)


@pytest.mark.parametrize("value", ["s" * 31, " " + "s" * 31 + " "])
def test_a_short_secret_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(SettingError, match=r"^NAME is too short") as error:
        Environment({"NAME": value}).secret("NAME", debug=False)
    assert "sss" not in str(error.value)


@pytest.mark.parametrize("value", [SECRET, "ü" * 16])
def test_thirty_two_bytes_are_enough(value: str) -> None:
    assert Environment({"NAME": value}).secret("NAME", debug=False) == value


def test_for_debugging_a_secret_may_be_missing_or_short() -> None:
    assert Environment({"NAME": "short"}).secret("NAME", debug=True) == "short"
    known = Environment({}).secret("NAME", debug=True)
    assert "insecure" in known
    assert known != Environment({}).secret("OTHER", debug=True)


SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_mail_goes_through_a_server() -> None:
    assert email_settings("EMAIL_URL", "smtp://user%40x:p%2Fw@mail.example:2525") == {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 2525,
        "EMAIL_HOST_USER": "user@x",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_USE_TLS": False,
        "EMAIL_TIMEOUT": 10,
    }


@pytest.mark.parametrize(
    ("value", "port", "tls"), [("smtp://mail.example", 25, False), ("smtp+tls://mail.example", 587, True)]
)
def test_a_mail_server_has_its_usual_port(value: str, port: int, tls: bool) -> None:
    read = email_settings("EMAIL_URL", value)

    assert (read["EMAIL_PORT"], read["EMAIL_USE_TLS"], read["EMAIL_HOST_USER"]) == (port, tls, "")


def test_mail_is_printed_or_filed() -> None:
    printed = email_settings("EMAIL_URL", "consolemail://")
    filed = email_settings("EMAIL_URL", "filemail:///srv/my%20mail")

    assert printed == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    assert filed == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": "/srv/my mail",
    }


@pytest.mark.parametrize(
    "value",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://mail.example:99999",
        "smtp://[",
        "filemail://",
        "filemail:///",
    ],
)
def test_mail_by_another_way_is_told_by_name(value: str) -> None:
    with pytest.raises(SettingError, match=r"^EMAIL_URL ") as error:
        email_settings("EMAIL_URL", value)
    assert str(error.value).endswith(".")


def test_uploads_go_to_a_folder_unless_told_otherwise() -> None:
    assert media_storage("MEDIA_STORAGE", "") == {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def test_uploads_go_to_a_bucket() -> None:
    url = "s3://KEY:se%2Fcr%2Bet@hucares-media/some/prefix?region_name=eu-central-1&default_acl=public-read"
    assert s3_options("MEDIA_STORAGE", url) == {
        "bucket_name": "hucares-media",
        "access_key": "KEY",
        "secret_key": "se/cr+et",
        "location": "some/prefix",
        "endpoint_url": None,
        "region_name": "eu-central-1",
        "default_acl": "public-read",
        "url_protocol": "https:",
        "custom_domain": "hucares-media.s3.eu-central-1.amazonaws.com",
    }


@pytest.mark.parametrize(
    ("value", "public"),
    [
        ("s3://bucket", "https://bucket.s3.amazonaws.com"),
        (
            "s3://media.hucares.example?region_name=eu-west-1",
            "https://s3.eu-west-1.amazonaws.com/media.hucares.example",
        ),
        ("s3://k:s@bucket?endpoint_url=http://127.0.0.1:9000/", "http://127.0.0.1:9000/bucket"),
        ("s3://k:s@bucket?endpoint_url=https://s3.example&public_url=https://cdn.example/m/", "https://cdn.example/m"),
        ("s3://k:s@bucket?endpoint_url=http%3A%2F%2F%5B%3A%3A1%5D%3A9000", "http://[::1]:9000/bucket"),
    ],
)
def test_everybody_finds_the_files_of_a_bucket(value: str, public: str) -> None:
    options = s3_options("MEDIA_STORAGE", value)
    assert f"{options['url_protocol']}//{options['custom_domain']}" == public


def test_a_bucket_without_key_and_secret_leaves_them_to_the_machine() -> None:
    options = s3_options("MEDIA_STORAGE", "s3://bucket/prefix/")
    assert (options["access_key"], options["secret_key"], options["location"]) == (None, None, "prefix")


@pytest.mark.parametrize(
    "value",
    [
        "bucket",
        "/srv/media",
        "http://bucket",
        "s3://",
        "s3://b",
        "s3://my_bucket",
        "s3://hush@bucket",
        "s3://:hush@bucket",
        "s3://k:hu/sh@bucket",
        "s3://k:hush@bucket:9000",
        "s3://k:hush@bucket#x",
        "s3://[",
        "s3://k:hush@bucket?region=eu",
        "s3://k:hush@bucket?hush",
        "s3://k:hush@bucket?endpoint_url=127.0.0.1:9000",
        "s3://k:hush@bucket?endpoint_url=",
        "s3://k:hush@bucket?endpoint_url=https://k:hush@s3.example",
        "s3://k:hush@bucket?public_url=ftp://cdn.example",
        "s3://k:hush@bucket?public_url=https://cdn.example?x=1",
    ],
)
def test_another_storage_is_told_by_name_and_not_repeated(value: str) -> None:
    with pytest.raises(SettingError, match=r"^MEDIA_STORAGE ") as error:
        media_storage("MEDIA_STORAGE", value)
    assert str(error.value).endswith(".")
    assert "hush" not in str(error.value)


def test_a_value_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    named = {"NAME_FILE": str(file)}

    assert Environment(named).secret("NAME", debug=False) == SECRET
    assert Environment({**named, "NAME": "t" * 32}).secret("NAME", debug=False) == "t" * 32
    assert Environment({**named, "NAME": ""}).secret("NAME", debug=False) == SECRET


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"\xff\xfe", "it is no text")])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingError, match=f"NAME_FILE names .*secret, which cannot be read: {reason}"):
        Environment({"NAME_FILE": str(file)}).text("NAME")
