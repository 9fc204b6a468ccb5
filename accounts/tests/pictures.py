"""Picture files for tests."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

RED, BLUE = (220, 30, 30), (30, 30, 220)


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    """An image as a file's bytes."""
    written = io.BytesIO()
    image.save(written, format, **options)
    return written.getvalue()


def plain(format: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A red picture."""
    return encoded(Image.new("RGB", size, RED), format, **options)


def halves(size: tuple[int, int] = (300, 300)) -> Image.Image:
    """A picture whose upper half is red and whose lower half is blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def animation(format: str, size: tuple[int, int] = (60, 60)) -> bytes:
    """A red frame, then a blue one."""
    return encoded(
        Image.new("RGB", size, RED), format, save_all=True, append_images=[Image.new("RGB", size, BLUE)], duration=100
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG, whole and correct, that unpacks to `width` by `height` pixels of one bit."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_bomb(width: int, height: int) -> bytes:
    """An animated WebP of a few bytes that declares a canvas of `width` by `height` pixels."""
    small = animation("WEBP")
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return small[:24] + canvas + small[30:]


def gif_bomb(width: int, height: int) -> bytes:
    """A GIF of a few bytes that declares a screen of `width` by `height` pixels."""
    small = plain("GIF")
    return small[:6] + struct.pack("<HH", width, height) + small[10:]


def many_scans(times: int) -> bytes:
    """A progressive JPEG whose last scan comes so many times."""
    whole = encoded(halves(), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + whole[-2:]
