"""Static files and uploads: found without a thread, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hucares.http.gateway import Limits
from hucares.http.tests.gateway_server import WAIT_SECONDS, Application, Front, received, running

SECRET = "not to be served"
POLICY = "default-src 'self'"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `static` and `media` in it, and a secret beside them."""
    tmp_path = tmp_path_factory.mktemp("files")
    for name in ("static", "media"):
        (tmp_path / name / "folder").mkdir(parents=True)
        (tmp_path / name / "folder" / "a.txt").write_text("content")
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "media-secret").mkdir()
    (tmp_path / "media-secret" / "a.txt").write_text(SECRET)
    return tmp_path


@pytest.fixture(scope="module")
def front(root: Path) -> Iterator[Front]:
    with running(
        Application(),
        static_root=root / "static",
        media_root=root / "media",
        security_headers={"Content-Security-Policy": POLICY},
    ) as front:
        yield front


@pytest.mark.parametrize("prefix", ["/static", "/media"])
def test_a_file_is_served(front: Front, prefix: str) -> None:
    response, body = front.request("GET", f"{prefix}/folder/a.txt")

    assert (response.status, body) == (200, b"content")
    assert response.headers["Content-Type"] == 'text/plain; charset="utf-8"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(response.headers["X-Request-ID"]) == 32
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_static_file_has_the_site_s_policy(front: Front) -> None:
    assert front.request("GET", "/static/folder/a.txt")[0].headers["Content-Security-Policy"] == POLICY


def test_an_upload_can_do_nothing_when_opened(front: Front) -> None:
    headers = front.request("GET", "/media/folder/a.txt")[0].headers

    assert headers.get_all("Content-Security-Policy") == ["default-src 'none'; sandbox"]


@pytest.mark.parametrize("size", [0, 64 * 1024, 3_000_000])
def test_a_file_of_any_size_arrives_whole(front: Front, root: Path, size: int) -> None:
    (root / "media" / "b.bin").write_bytes(b"x" * size)

    response, body = front.request("GET", "/media/b.bin")

    assert (response.status, body) == (200, b"x" * size)


def test_a_head_request_gets_headers_only(front: Front) -> None:
    response, body = front.request("HEAD", "/media/folder/a.txt")

    assert (response.status, response.headers["Content-Length"], body) == (200, "7", b"")


def test_a_file_that_has_not_changed_is_a_304(front: Front) -> None:
    etag = front.request("GET", "/media/folder/a.txt")[0].headers["ETag"]

    assert front.request("GET", "/media/folder/a.txt", headers={"If-None-Match": etag})[0].status == 304


def test_a_range_is_answered_with_the_whole_file(front: Front) -> None:
    response, body = front.request("GET", "/media/folder/a.txt", headers={"Range": "bytes=0-1"})

    assert (response.status, body) == (200, b"content")


def test_a_file_uploaded_after_the_start_is_found(front: Front, root: Path) -> None:
    assert front.request("GET", "/media/new.txt")[0].status == 404
    (root / "media" / "new.txt").write_text("new")

    assert front.request("GET", "/media/new.txt")[1] == b"new"


def test_a_name_in_any_language_is_found(front: Front, root: Path) -> None:
    (root / "media" / "grüße-日本.txt").write_text("hello")

    assert front.request("GET", "/media/gr%C3%BC%C3%9Fe-%E6%97%A5%E6%9C%AC.txt")[1] == b"hello"


def test_files_need_no_thread(root: Path) -> None:
    limits = Limits(threads=1, queue=0)
    with running(Application(), limits=limits, media_root=root / "media") as front, front.start_blocked(1)[0]:
        assert front.application.entered.acquire(timeout=WAIT_SECONDS)

        assert front.request("GET", "/media/folder/a.txt")[0].status == 200


@pytest.mark.parametrize("prefix", ["/static", "/media"])
@pytest.mark.parametrize("path", ["/missing.txt", "/", "/folder", "/folder/", "/folder/a.txt/", "/" + "x" * 5000])
def test_what_is_no_file_is_a_404_that_never_reaches_the_application(front: Front, prefix: str, path: str) -> None:
    response, body = front.request("GET", prefix + path)

    assert (response.status, body) == (404, b"There is no such file.\n")
    assert not front.application.calls


@pytest.mark.parametrize(
    "path",
    [
        "/media/../secret.txt",
        "/media/folder/../../secret.txt",
        "/media/%2e%2e/secret.txt",
        "/media/%2e%2e%2fsecret.txt",
        "/media/..%2fsecret.txt",
        "/media/..%5csecret.txt",
        "/media/..\\secret.txt",
        "/media//secret.txt",
        "/media/%2fsecret.txt",
        "/media/./folder/a.txt",
        "/media/%00",
        "/media/folder/a.txt%00.png",
        "/media/%ff%fe",
        "/media/%252e%252e/secret.txt",
        "/media/../media-secret/a.txt",
        "/static/../media/folder/a.txt",
        "/static/../../../../../../../../etc/passwd",
    ],
)
def test_nothing_outside_the_folder_is_served(front: Front, path: str) -> None:
    answer = received(front.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert not front.application.calls


def test_an_absolute_path_in_the_url_is_not_served(front: Front, root: Path) -> None:
    assert front.request("GET", f"/media/{root}/secret.txt")[0].status == 404


@pytest.mark.parametrize("target", ["secret.txt", "media-secret"])
def test_a_symbolic_link_out_of_the_folder_is_not_followed(front: Front, root: Path, target: str) -> None:
    (root / "media" / f"to-{target}").symlink_to(root / target)

    assert front.request("GET", f"/media/to-{target}")[0].status == 404
    assert front.request("GET", f"/media/to-{target}/a.txt")[0].status == 404


def test_a_symbolic_link_that_leads_round_in_a_circle_is_not_followed(front: Front, root: Path) -> None:
    (root / "media" / "circle").symlink_to(root / "media" / "circle")

    assert front.request("GET", "/media/circle")[0].status == 404


def test_a_named_pipe_is_not_opened(front: Front, root: Path) -> None:
    os.mkfifo(root / "media" / "pipe")

    assert front.request("GET", "/media/pipe")[0].status == 404
    assert front.request("GET", "/media/folder/a.txt")[0].status == 200


def test_a_file_cannot_be_written(front: Front) -> None:
    response, _ = front.request("PUT", "/media/folder/a.txt", b"changed")

    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


def test_folders_need_not_exist_at_the_start(tmp_path: Path) -> None:
    with running(Application(), static_root=tmp_path / "s", media_root=tmp_path / "m") as front:
        assert front.request("GET", "/static/a.txt")[0].status == 404
        (tmp_path / "m").mkdir()
        (tmp_path / "m" / "a.txt").write_text("content")

        assert front.request("GET", "/media/a.txt")[0].status == 200


def test_without_folders_the_application_answers() -> None:
    with running(Application()) as front:
        assert front.json("GET", "/static/a.txt")["PATH_INFO"] == "/static/a.txt"
