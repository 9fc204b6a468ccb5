"""Typed readers of the environment.

Each reader takes a variable's name and returns a value of one type, or raises `SettingError`, a sentence
that names the variable, so that a wrong value stops the start instead of surfacing later as a riddle.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from hucares.public_keys import public_key, public_key_of

MINIMUM_SECRET_BYTES = 32
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
S3_ADDRESSES = {"endpoint_url", "public_url"}
S3_WORDS = {"region_name", "default_acl"}


class SettingError(ImproperlyConfigured):
    """A wrong or missing environment variable; its text is one sentence that names the variable."""


class Environment:
    """Reads one mapping of environment variables (`os.environ` unless told otherwise).

    A variable that is set to the empty string counts as not set, as `.env` files and compose files write it. In the
    place of `NAME`, `NAME_FILE` may name a file that holds the value, as container engines hand out secrets.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self.variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding blanks, or the default."""
        return self.variables.get(name, "").strip() or self.text_in_file(f"{name}_FILE") or default

    def text_in_file(self, name: str) -> str:
        """What the file that a variable names holds, without surrounding blanks; empty if it names none."""
        path = self.variables.get(name, "").strip()
        if not path:
            return ""
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingError(f"{name} names {path}, which cannot be read: {reason}.") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no: 1, true, yes, on; 0, false, no, off (in any case)."""
        value = self.text(name).lower()
        if not value:
            return default
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise SettingError(f"{name} must be 1 or 0 (true or false), not {value!r}.")

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch("-?[0-9]{1,18}", value) or not least <= int(value) <= most:
            raise SettingError(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
        return int(value)

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        value = self.text(name)
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:  # also refuses nan
            raise SettingError(f"{name} must be a number from {least:.0f} to {most:.0f}, not {value!r}.")
        return number

    def word(self, name: str, default: str, *, words: Collection[str]) -> str:
        """One of a few words, in any case."""
        value = self.text(name, default).lower()
        if value not in words:
            raise SettingError(f"{name} must be one of {', '.join(words)}, not {value!r}.")
        return value

    def names(self, name: str, default: list[str] | None = None) -> list[str]:
        """Values separated by commas, blanks around them dropped."""
        value = self.text(name)
        if not value:
            return list(default or [])
        return [part.strip() for part in value.split(",") if part.strip()]

    def secret(self, name: str, *, debug: bool) -> str:
        """A secret of at least 32 bytes. Only with DEBUG on may it be missing: then it has a well-known value."""
        return checked_secret(name, self.text(name) or (well_known(name) if debug else ""), debug=debug)

    def secrets(self, name: str, *, debug: bool) -> tuple[str, list[str]]:
        """(the secret that signs, the former ones that still verify), given with commas between them; else as one."""
        first, *former = self.names(name) or [self.secret(name, debug=debug)]
        checked = [checked_secret(name, value, debug=debug) for value in (first, *former)]
        if len(set(checked)) < len(checked):
            raise SettingError(f"{name} has the same value twice.")
        return first, former

    def token(self, name: str) -> str:
        """What a header can carry after `Bearer`, or the empty string when it is not set."""
        value = self.text(name)
        if not re.fullmatch("[!-~]*", value):
            raise SettingError(f"{name} must have no blanks and no characters but those of ASCII.")
        return value

    def sentry_dsn(self, name: str) -> str:
        """The address that Sentry takes events at, with its key; empty if it is not set."""
        value = self.url(name, schemes={"http", "https"})
        if value and find_spec("sentry_sdk") is None:
            raise SettingError(f"{name} needs the packages of requirements-extra.txt.")
        if value and not (parsed(name, value).username and parsed(name, value).path.strip("/")):
            raise SettingError(f"{name} must look like https://key@sentry.example/1.")
        return value

    def public_key(self, name: str) -> str:
        """A public key for Web Push, or the empty string when it is not set."""
        value = self.text(name)
        try:
            return public_key(value) if value else ""
        except ValueError:
            raise SettingError(f"{name} must be an uncompressed point of the curve P-256 in base64url.") from None

    def key_pair(self, public_name: str, private_name: str) -> tuple[str, str]:
        """A public and a private key for Web Push that belong together, or two empty strings when neither is set."""
        public, private = self.public_key(public_name), self.text(private_name)
        if not public and not private:
            return "", ""
        if not public or not private:
            missing, other = (public_name, private_name) if not public else (private_name, public_name)
            raise SettingError(f"{missing} is not set, though {other} is: `manage.py create_push_keys` makes the two.")
        try:
            belongs = public_key_of(private) == public
        except ValueError:
            belongs = False
        if not belongs:
            raise SettingError(f"{private_name} must be the private key, in base64url, that belongs to {public_name}.")
        return public, private

    def origin(self, name: str, default: str) -> str:
        """The address of a site: scheme, host and perhaps a port, without a path."""
        return checked_origin(name, self.text(name, default))

    def origins(self, name: str) -> list[str]:
        """Several addresses of sites, separated by commas."""
        return [checked_origin(name, value) for value in self.names(name)]

    def folder(self, name: str, default: Path) -> Path:
        """A folder's path, made absolute."""
        return Path(self.text(name, str(default))).expanduser().resolve()

    def url(self, name: str, *, schemes: set[str]) -> str:
        """A URL with one of the schemes, or the empty string when it is not set."""
        value = self.text(name)
        if value and parsed(name, value).scheme not in schemes:
            listed = ", ".join(f"{scheme}://" for scheme in sorted(schemes))
            raise SettingError(f"{name} must start with one of {listed}.")
        return value


def well_known(name: str) -> str:
    """The value of a secret that is not set, for debugging only."""
    return f"insecure-{name}-for-debugging-only".lower()


def checked_secret(name: str, value: str, *, debug: bool) -> str:
    """A secret if it is one; with DEBUG on it may be short. Raises `SettingError`, which does not repeat the value."""
    if not value:
        raise SettingError(f"{name} is not set: give it a random value of at least {MINIMUM_SECRET_BYTES} bytes.")
    if len(value.encode()) < MINIMUM_SECRET_BYTES and not debug:
        raise SettingError(f"{name} is too short: it must have at least {MINIMUM_SECRET_BYTES} bytes.")
    return value


def parsed(name: str, value: str) -> SplitResult:
    """The parts of a URL. Raises `SettingError`, which does not repeat the value: there may be a password in it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise SettingError(f"{name} is no URL: its host or its port cannot be read.") from None
    return parts


def checked_origin(name: str, value: str) -> str:
    """The address as browsers write it, if `value` is an http(s) address without a path; else `SettingError`."""
    parts = parsed(name, value.rstrip("/"))
    beside = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or beside:
        raise SettingError(f"{name} must be an address like https://hucares.example, without a path, not {value!r}.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def email_settings(name: str, value: str) -> dict[str, object]:
    """Django's e-mail settings for an `EMAIL_URL`.

    `smtp://user:password@host:port`, `smtp+tls://…` (STARTTLS, port 587), `consolemail://` (prints) and
    `filemail:///folder` (a file a mail). Raises `SettingError` for anything else.
    """
    parts = parsed(name, value)
    if parts.scheme == "consolemail":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "filemail" and parts.path.strip("/"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme in {"smtp", "smtp+tls"} and parts.hostname:
        tls = parts.scheme == "smtp+tls"
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (587 if tls else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": tls,
            "EMAIL_TIMEOUT": 10,
        }
    raise SettingError(
        f"{name} must look like smtp://user:password@host:25, smtp+tls://user:password@host:587, "
        "consolemail:// or filemail:///folder."
    )


def media_storage(name: str, value: str) -> dict[str, object]:
    """Django's `STORAGES["default"]` for a `MEDIA_STORAGE`; the folder `MEDIA_ROOT` if it is empty.

    Raises `SettingError`, as `s3_options` does, and if the packages for it are not installed.
    """
    if not value:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    options = s3_options(name, value)
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise SettingError(f"{name} needs packages that are missing: pip install -r requirements-extra.txt.")
    return {"BACKEND": "hucares.s3.PublicS3Storage", "OPTIONS": options}


def s3_options(name: str, value: str) -> dict[str, object]:
    """What django-storages needs to know about `s3://key:secret@bucket/prefix`, key and secret percent-encoded.

    Without the two they are looked for where Amazon's tools look. After a `?` may follow `endpoint_url`, `region_name`,
    `default_acl`, and `public_url`, where everybody finds the bucket's files if that is elsewhere. Addresses are made
    from `custom_domain`, so without asking the service and without a signature. Raises `SettingError`, which does not
    repeat the value.
    """
    parts = parsed(name, value)
    bucket = parts.hostname or ""
    if parts.scheme != "s3" or not re.fullmatch(BUCKET, bucket) or parts.port or parts.fragment:
        raise SettingError(f"{name} must look like s3://key:secret@bucket/prefix, key and secret percent-encoded.")
    if bool(parts.username) != bool(parts.password):
        raise SettingError(f"{name} must have both a key and a secret, or neither.")
    given = s3_query(name, parts.query)
    public = urlsplit(given.get("public_url") or bucket_url(bucket, given))
    return {
        "bucket_name": bucket,
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        "location": unquote(parts.path).strip("/"),
        "endpoint_url": given.get("endpoint_url"),
        "region_name": given.get("region_name"),
        "default_acl": given.get("default_acl"),
        "url_protocol": f"{public.scheme}:",
        "custom_domain": f"{public.netloc}{public.path}".rstrip("/"),
    }


def copies_of_backups(name: str, value: str) -> str:
    """Where copies of backups go: the path of a folder, or `s3://…` as in `MEDIA_STORAGE`. Raises `SettingError`."""
    if value.startswith("s3:"):
        s3_options(name, value)
    elif value and not value.startswith("/"):
        raise SettingError(f"{name} must be the whole path of a folder, or look like s3://key:secret@bucket/prefix.")
    return value


def s3_query(name: str, query: str) -> dict[str, str]:
    """What stands after the `?` of a `MEDIA_STORAGE`. Raises `SettingError`."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    if not given.keys() <= S3_ADDRESSES | S3_WORDS:
        raise SettingError(f"{name} may have nothing after the ? but {', '.join(sorted(S3_ADDRESSES | S3_WORDS))}.")
    for address in given.keys() & S3_ADDRESSES:
        if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[^?#@]*)?", given[address]):
            raise SettingError(f"{name} must have an address like https://files.example as its {address}.")
    return given


def bucket_url(bucket: str, given: dict[str, str]) -> str:
    """Where an S3 service shows the files of a bucket: below its endpoint, or at Amazon below the bucket's own host."""
    if given.get("endpoint_url"):
        return f"{given['endpoint_url'].rstrip('/')}/{bucket}"
    region = f".{given['region_name']}" if given.get("region_name") else ""
    # Amazon's certificate covers no name with more dots in it.
    host = f"s3{region}.amazonaws.com/{bucket}" if "." in bucket else f"{bucket}.s3{region}.amazonaws.com"
    return f"https://{host}"


def host_of(url: str) -> str:
    """The host of an address, an IPv6 one in its brackets, as Django and browsers write it."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host
