"""POST /users/avatar."""

from __future__ import annotations

import io
import re
import resource
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.storage.memory import InMemoryStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from PIL import Image
from rest_framework.test import APIClient

from accounts import pictures
from accounts.avatars import keep
from accounts.models import User
from accounts.tests.builders import signed_in
from accounts.tests.pictures import files_in, gif_bomb, many_scans, plain, png_bomb, webp_bomb
from hucares.errors import ServiceUnavailable
from hucares.slots import Slots
from hucares.tests.answers import data_of, refusal_of, refused_fields
from hucares.tests.racing import at_once

URL = "/api/v1/users/avatar"
MIB = 1024 * 1024
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def send(user: User, content: bytes, name: str = "me.png", media_type: str = "image/png") -> Any:
    return signed_in(user).post(URL, {"avatar": SimpleUploadedFile(name, content, media_type)}, format="multipart")


def test_it_is_kept_and_shown_from_then_on(alice: User, media: Path) -> None:
    url = data_of(send(alice, plain("JPEG", (900, 700))))["avatarUrl"]

    (file,) = files_in(media)
    assert url == f"http://testserver/media/avatars/{file.name}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}\.webp", file.name)
    image = Image.open(file)
    assert (image.format, image.size) == ("WEBP", (512, 512))
    assert data_of(signed_in(alice).get("/api/v1/users/profile"))["avatarUrl"] == url


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_bytes_count_not_the_name_or_the_type(alice: User, media: Path, format: str) -> None:
    data_of(send(alice, plain(format), "page.svg", "text/html"))

    assert len(files_in(media)) == 1


def test_the_one_before_it_is_removed(alice: User, media: Path) -> None:
    first = data_of(send(alice, plain()))["avatarUrl"]
    second = data_of(send(alice, plain()))["avatarUrl"]

    (file,) = files_in(media)
    assert first != second
    assert second.endswith(file.name)


def test_other_people_keep_theirs(alice: User, bob: User, media: Path) -> None:
    theirs = data_of(send(bob, plain()))["avatarUrl"]
    data_of(send(alice, plain()))
    data_of(send(alice, plain()))

    assert len(files_in(media)) == 2
    assert User.objects.get(pk=bob.pk).avatar_url == theirs


POLYGLOT_TAILS = {
    "a page": b"<html><ScRiPt>alert(1)</sCrIpT>",
    "a script of PHP": b"<?php system($_GET[0]);",
    "a document": b"%PDF-1.7\n1 0 obj",
    "an archive": b"PK\x03\x04 a zip \0\0PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("tail", POLYGLOT_TAILS)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_that_is_something_else_too_is_refused(alice: User, media: Path, format: str, tail: str) -> None:
    assert refused_fields(send(alice, plain(format) + POLYGLOT_TAILS[tail])) == {"avatar"}

    assert files_in(media) == []


@pytest.mark.parametrize(
    "tail", [b"\0\0\0\x18ftypmp42 a film", b"\xff\xd8\xff\xe0 a smaller one", b"PK\x03\x04", b"\0" * 99]
)
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_cameras_put_behind_a_picture_is_dropped(alice: User, media: Path, format: str, tail: bytes) -> None:
    data_of(send(alice, plain(format) + tail))

    (file,) = files_in(media)
    assert tail.strip(b"\0") not in file.read_bytes() or not tail.strip(b"\0")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
BAD: dict[str, bytes] = {
    "an SVG": SVG,
    "an SVG with a declaration": b'<?xml version="1.0"?>' + SVG,
    "a page": b"<!doctype html><title>x</title>",
    "no picture": b"just words",
    "a null": b"\0",
    "begins like a GIF": b"GIF89a/*" + b"<script>alert(1)</script>*/=1;",
    "begins like a PNG": b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>" * 9,
    "begins like a JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"<script>alert(1)</script>" * 9,
    "begins like a WebP": b"RIFF\x24\0\0\0WEBPVP8 " + b"<script>alert(1)</script>" * 9,
    "a BMP": plain("BMP"),
    "a TIFF": plain("TIFF"),
    "an ICO": plain("ICO"),
    "a PPM": plain("PPM"),
    "a PDF": plain("PDF"),
    "a PostScript": plain("EPS"),
    "a PNG bomb": png_bomb(13_000, 13_000),
    "a modest PNG bomb": png_bomb(5_000, 5_000),
    "a WebP bomb": webp_bomb(16_000, 16_000),
    "a modest WebP bomb": webp_bomb(4_000, 2_100),
    "a GIF bomb": gif_bomb(65_000, 65_000),
    "a modest GIF bomb": gif_bomb(4_000, 2_100),
    "a JPEG of endless scans": many_scans(5_000),
    **{
        f"half of a {format}": plain(format, (300, 300))[: -len(plain(format, (300, 300))) // 2]
        for format in ("JPEG", "PNG", "WEBP", "GIF")
    },
    **{f"the head of a {format}": plain(format, (300, 300))[:30] for format in ("JPEG", "PNG", "WEBP", "GIF")},
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_picture_is_refused(alice: User, media: Path, what: str) -> None:
    assert refused_fields(send(alice, BAD[what])) == {"avatar"}

    assert files_in(media) == []
    assert User.objects.get(pk=alice.pk).avatar_url is None


def test_the_picture_stays_when_the_next_is_refused(alice: User, media: Path) -> None:
    url = data_of(send(alice, plain()))["avatarUrl"]
    kept = files_in(media)

    refused_fields(send(alice, SVG))

    assert files_in(media) == kept
    assert User.objects.get(pk=alice.pk).avatar_url == url


def multipart(body: bytes, boundary: str = "; boundary=x") -> dict[str, Any]:
    return {"data": body, "content_type": f"multipart/form-data{boundary}"}


PART = b'--x\r\nContent-Disposition: form-data; name="avatar"'
FORMS: dict[str, dict[str, Any]] = {
    "no body": {},
    "an empty form": multipart(b""),
    "a form without parts": multipart(b"--x--\r\n"),
    "no boundary": multipart(b"--x--\r\n", ""),
    "another field": multipart(
        b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--\r\n'
    ),
    "an empty file": multipart(PART + b'; filename="a.png"\r\n\r\n\r\n--x--\r\n'),
    "a file without a name": multipart(PART + b'; filename=""\r\n\r\n' + plain() + b"\r\n--x--\r\n"),
    "text": multipart(PART + b"\r\n\r\nhttps://example.com/me.png\r\n--x--\r\n"),
    "a thousand files": multipart(b"".join(PART + b'; filename="a"\r\n\r\na\r\n' for _ in range(1000)) + b"--x--\r\n"),
    "thousands of fields": multipart(b"".join(PART + b"\r\n\r\na\r\n" for _ in range(5000)) + b"--x--\r\n"),
    "base64 that is none": multipart(
        PART + b'; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!!\r\n--x--\r\n'
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_the_file_is_refused(alice: User, media: Path, form: str) -> None:
    assert refused_fields(signed_in(alice).generic("POST", URL, **FORMS[form])) == {"avatar"}

    assert files_in(media) == []


def test_only_a_form_will_do(alice: User, media: Path) -> None:
    refusal_of(signed_in(alice).post(URL, {"avatar": "x"}, format="json"), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_form_will_do_nowhere_else(alice: User) -> None:
    answer = signed_in(alice).put("/api/v1/users/profile", {"timezone": "Europe/Berlin"}, format="multipart")

    refusal_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_five_mebibytes_are_allowed_and_no_more(alice: User, media: Path) -> None:
    picture = plain("JPEG")
    refusal_of(send(alice, picture.ljust(5 * MIB + 1, b"\0")), 413, "PAYLOAD_TOO_LARGE")
    assert files_in(media) == []

    data_of(send(alice, picture.ljust(5 * MIB, b"\0")))
    assert len(files_in(media)) == 1


def test_a_process_that_unpacks_as_many_as_it_may_says_so(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SLOTS", Slots(0, waiting=0))
    answer = send(alice, plain())

    refusal_of(answer, 503, "SERVICE_UNAVAILABLE")
    assert answer["Retry-After"] == "1"
    assert files_in(media) == []


def test_a_failed_transaction_leaves_the_old_file_and_not_the_new(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = data_of(send(alice, plain()))["avatarUrl"]
    kept = files_in(media)
    client = signed_in(alice, raise_request_exception=False)

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(User, "save", fail)
    answer = client.post(URL, {"avatar": io.BytesIO(plain())}, format="multipart")

    refusal_of(answer, 500, "INTERNAL_ERROR")
    assert files_in(media) == kept
    assert User.objects.get(pk=alice.pk).avatar_url == url


def test_a_storage_that_cannot_remove_the_old_file_does_not_stand_in_the_way(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data_of(send(alice, plain()))

    def fail(self: Any, name: str) -> None:
        raise OSError("away")

    monkeypatch.setattr(type(default_storage._wrapped), "delete", fail)  # type: ignore[attr-defined]
    url = data_of(send(alice, plain()))["avatarUrl"]

    assert User.objects.get(pk=alice.pk).avatar_url == url
    assert "could not be removed" in caplog.text


def test_a_storage_that_is_away_says_so_and_changes_nothing(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = data_of(send(alice, plain()))["avatarUrl"]
    kept = files_in(media)

    def fail(self: Any, name: str, content: Any) -> None:
        raise OSError("away")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", fail)  # type: ignore[attr-defined]

    refusal_of(send(alice, plain()), 503, "SERVICE_UNAVAILABLE")
    assert User.objects.get(pk=alice.pk).avatar_url == url
    assert files_in(media) == kept
    assert "could not be kept" in caplog.text


def test_what_a_full_disk_has_taken_of_a_file_is_removed(media: Path) -> None:
    """The system refuses to write on, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ServiceUnavailable):
            keep(b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_in(media) == []


class ElsewhereStorage(InMemoryStorage):
    """Stands for a storage on another host."""

    def url(self, name: str | None) -> str:
        return f"https://bucket.example/{name}"


def test_any_storage_will_do(alice: User, media: Path, settings: LazySettings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.ElsewhereStorage"}}

    first = data_of(send(alice, plain()))["avatarUrl"]
    second = data_of(send(alice, plain()))["avatarUrl"]

    names = [urlsplit(url).path.lstrip("/") for url in (first, second)]
    assert second == f"https://bucket.example/{names[1]}"
    assert [default_storage.exists(name) for name in names] == [False, True]
    assert files_in(media) == []


def test_of_many_at_once_one_file_remains(alice: User, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SLOTS", Slots(1, waiting=8))
    clients = [signed_in(alice) for _ in range(6)]

    answers = at_once(6, lambda number: clients[number].post(URL, {"avatar": io.BytesIO(plain())}, format="multipart"))

    urls = {data_of(answer)["avatarUrl"] for answer in answers}
    (file,) = files_in(media)
    assert len(urls) == 6
    assert User.objects.get(pk=alice.pk).avatar_url in urls
    assert str(User.objects.get(pk=alice.pk).avatar_url).endswith(file.name)


def test_without_credentials_it_is_refused(anonymous: APIClient, media: Path) -> None:
    answer = anonymous.post(URL, {"avatar": io.BytesIO(plain())}, format="multipart")

    refusal_of(answer, 401, "NOT_AUTHENTICATED")
    assert files_in(media) == []
