"""What people send as their picture, made into what others are shown. Bytes in, bytes out.

A stranger's file can be small and still unpack to more memory than there is. So its size in pixels is read before
any pixel is, JPEGs are unpacked at a fraction of their size, and everything else is shrunk strip by strip.
"""

from __future__ import annotations

import io

# Named, so that Pillow finds them without loading every plugin that it has.
from PIL import GifImagePlugin, Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from hucares.errors import PayloadTooLarge, ValidationFailed
from hucares.slots import Slots

MIB = 1024 * 1024
GREATEST_BYTES = 5 * MIB
SIDE = 512  # pixels of the result, at most
STRIP = 256  # rows that are shrunk at a time, before rounding to whole pixels of the result
WEBP_QUALITY = 85
# A JPEG with more pixels than this is unpacked at a quarter of its size or less: one of several scans takes up to
# 8 bytes a pixel before the first can be had.
LARGE_JPEG_PIXELS = 8_000_000
# Each scan of a JPEG goes over the whole picture and can be a few bytes long; cameras and programs write up to 12.
GREATEST_SCANS = 100
START_OF_SCAN = b"\xff\xda"
PngImagePlugin.MAX_TEXT_MEMORY = 8 * MIB  # texts in a PNG unpack as well; Pillow's own bound is 64 MiB

GREATEST_PIXELS = {
    JpegImagePlugin.JpegImageFile.format: 16_000_000,
    MpoImagePlugin.MpoImageFile.format: 16_000_000,  # several JPEGs in one file, as some cameras write them
    PngImagePlugin.PngImageFile.format: 16_000_000,
    WebPImagePlugin.WebPImageFile.format: 8_000_000,
    GifImagePlugin.GifImageFile.format: 8_000_000,
}
# MPO is not asked for: Pillow makes it out of a JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

ORIENTATION = 0x0112  # the EXIF tag: how to turn the picture so that it stands upright
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What a page, a document or an archive begins with. A picture that is one of these too is up to something; what cameras
# put behind theirs, such as a film or a smaller picture, is none of them.
OF_OTHER_FILES = (b"<script", b"<html", b"<svg", b"<!doctype", b"<iframe", b"<?php", b"%pdf-")
OF_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")  # only together: four bytes turn up by chance

# One is unpacked at a time, for memory's sake; one more may wait.
SLOTS = Slots(1, waiting=1)


class BadPicture(ValidationFailed):
    """A file that cannot become somebody's picture; the sentence says why."""

    def __init__(self, why: str) -> None:
        super().__init__(details={"avatar": [why]})


def square_webp(content: bytes) -> bytes:
    """The centre of a picture as a square WebP of at most `SIDE` pixels, upright and without metadata.

    Of several frames it is the first. Raises `PayloadTooLarge`, `BadPicture`, or `ServiceUnavailable` when too many
    pictures are being unpacked.
    """
    if len(content) > GREATEST_BYTES:
        raise PayloadTooLarge("A picture may have 5 MiB at most.")
    refuse_polyglot(content)
    with SLOTS.one():
        try:
            return as_webp(square(opened(content)))
        except BadPicture:
            raise
        except Exception as error:  # Pillow meets a broken file with whatever its parts raise
            raise BadPicture("This file is damaged.") from error


def refuse_polyglot(content: bytes) -> None:
    """Raises `BadPicture` for a file that another program would take for a page, a document or an archive."""
    lower = content.lower()
    if any(mark in lower for mark in OF_OTHER_FILES) or all(mark in content for mark in OF_ARCHIVES):
        raise BadPicture("There is something else than a picture in this file.")


def opened(content: bytes) -> Image.Image:
    """The picture, of which only the header has been read. Raises `BadPicture`."""
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture("This picture has too many pixels.") from error
    except Exception as error:
        raise BadPicture("Must be a JPEG, PNG, WebP or GIF picture.") from error
    greatest = GREATEST_PIXELS[image.format or ""]
    if image.width * image.height > greatest:
        raise BadPicture(f"This picture has too many pixels: at most {greatest // 1_000_000} million for its format.")
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        if content.count(START_OF_SCAN) > GREATEST_SCANS:
            raise BadPicture("This JPEG has too many scans.")
        image.draft(None, draft_size(image.width, image.height))
    return image


def draft_size(width: int, height: int) -> tuple[int, int]:
    """The size at which to unpack a JPEG: no smaller than the result needs, but at most a quarter of a large one."""
    least = 4 if width * height > LARGE_JPEG_PIXELS else 1
    scale = max(least, min(width, height) // SIDE)
    return max(1, width // scale), max(1, height // scale)


def square(image: Image.Image) -> Image.Image:
    """The centre of a picture as an upright square of at most `SIDE` pixels."""
    image.load()
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    small = shrunk(image, (left, top, left + side, top + side)).convert("RGBA")
    if side > SIDE:
        small = small.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    turn = UPRIGHT.get(orientation_of(image))
    return small if turn is None else small.transpose(turn)


def shrunk(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """A square part of a picture at a whole fraction of its size, but no smaller than twice `SIDE` if it was larger.

    Colours are weighed by their opacity (mode RGBa), so that what cannot be seen does not shine through.
    """
    left, top, right, _ = box
    factor = max(1, (right - left) // (2 * SIDE))
    side = (right - left) // factor  # what does not fill a pixel of the result is left out at the edge
    result = Image.new("RGBa", (side, side))
    rows = max(1, STRIP // factor)
    for row in range(0, side, rows):
        here = min(rows, side - row)
        start = top + row * factor
        strip = image.crop((left, start, left + side * factor, start + here * factor))
        result.paste(in_eight_bits(strip).convert("RGBA").convert("RGBa").reduce(factor), (0, row))
    return result


def in_eight_bits(image: Image.Image) -> Image.Image:
    """The picture, with greys of 16 bits as greys of 8."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda level: level / 256).convert("L")


def orientation_of(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; 1, upright, if the metadata does not say or cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a sound picture with broken metadata is still a sound picture
        return 1


def as_webp(image: Image.Image) -> bytes:
    """The pixels as WebP, and nothing beside them."""
    written = io.BytesIO()
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    bare.save(written, "WEBP", quality=WEBP_QUALITY)
    return written.getvalue()
