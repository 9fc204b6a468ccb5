"""How much memory the largest allowed pictures take while they are unpacked."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from accounts.tests.pictures import encoded, webp_bomb
from hucares.tests.fresh_process import run_fresh

MIB = 1024 * 1024
# 150 MiB more than idle are allowed; of these the copies of the file that the HTTP front and the
# request hold meanwhile take 2 times 5 MiB, and the connection and the threads a little.
MOST = 140 * MIB

# A process's greatest memory never goes down: each file has a process of its own, forked from one that is idle.
MEASURE = """
import io, json, os, sys
import django
django.setup()
from PIL import Image
from accounts.pictures import square_webp
small = io.BytesIO()
Image.new("RGB", (64, 64)).save(small, "WEBP")
square_webp(small.getvalue())

def peak(path):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if path:
                with open(path, "rb") as file:
                    square_webp(file.read())
            status = 0
        finally:
            os._exit(status)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

_, idle = peak(None)
print(json.dumps([(code, most - idle) for code, most in map(peak, sys.argv[1:])]))
"""


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """Something that does not compress to nothing."""
    depth = len(Image.new(mode, (1, 1)).tobytes())
    tile = Image.frombytes(mode, (64, 64), os.urandom(64 * 64 * depth))
    image = Image.new(mode, size)
    for left in range(0, size[0], 1000):
        image.paste(tile, (left, left % size[1]))
    return image


def long_texts() -> PngImagePlugin.PngInfo:
    """Texts that unpack to 7 MiB."""
    texts = PngImagePlugin.PngInfo()
    for number in range(7):
        texts.add_text(f"text {number}", "x" * (MIB - 100), zip=True)
    return texts


def largest_pictures() -> dict[str, bytes]:
    """What takes most memory, of every format and kind."""
    square, half = (4000, 4000), (2828, 2828)
    still, moved = noise("RGBA", half), noise("RGBA", half).rotate(90)
    return {
        "JPEG": encoded(noise("RGB", square), "JPEG", subsampling=0),
        "progressive JPEG": encoded(noise("RGB", square), "JPEG", progressive=True, subsampling=0),
        "progressive CMYK": encoded(noise("CMYK", square), "JPEG", progressive=True, subsampling=0),
        "wide CMYK": encoded(noise("CMYK", (16000, 1000)), "JPEG", progressive=True, subsampling=0),
        "PNG": encoded(noise("RGBA", square), "PNG", compress_level=1, pnginfo=long_texts()),
        "16-bit PNG": encoded(Image.new("I;16", square, 40_000), "PNG", compress_level=1),
        "GIF": encoded(noise("P", half), "GIF"),
        "animated GIF": encoded(still.convert("P"), "GIF", save_all=True, append_images=[moved.convert("P")]),
        "WebP": encoded(noise("RGB", half), "WEBP", quality=20, method=0),
        "transparent WebP": encoded(still, "WEBP", quality=20, method=0),
        "lossless WebP": encoded(still, "WEBP", lossless=True, quality=0, method=0),
        "animated WebP": encoded(still, "WEBP", save_all=True, append_images=[moved], quality=20, method=0),
    }


def measure(folder: Path, files: dict[str, bytes]) -> dict[str, tuple[int, int]]:
    """What each file is → (exit code, bytes more than idle)."""
    paths = [folder / str(number) for number in range(len(files))]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    ran = run_fresh("-c", MEASURE, *map(str, paths), DEBUG="1")
    assert ran.returncode == 0, ran.stderr
    return {name: (code, more) for name, (code, more) in zip(files, json.loads(ran.stdout), strict=True)}


def test_the_largest_pictures_take_little_enough(tmp_path: Path) -> None:
    # Bytes after the picture make each file as large as a file may be.
    files = {name: content.ljust(5 * MIB, b"\0") for name, content in largest_pictures().items()}

    measured = measure(tmp_path, files)

    assert {name: code for name, (code, _) in measured.items()} == dict.fromkeys(files, 0)
    assert {name: more // MIB for name, (_, more) in measured.items() if more > MOST} == {}
    assert max(more for _, more in measured.values()) > 60 * MIB  # it is measured at all


@pytest.mark.parametrize("size", [(13_000, 13_000), (16_383, 16_383)])
def test_a_bomb_takes_next_to_none(tmp_path: Path, size: tuple[int, int]) -> None:
    ((code, more),) = measure(tmp_path, {"bomb": webp_bomb(*size)}).values()

    assert code == 1
    assert more < 10 * MIB
