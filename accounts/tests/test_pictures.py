"""What becomes of a picture file, without HTTP and database."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from accounts import pictures
from accounts.pictures import BadPicture, square_webp
from accounts.tests.pictures import BLUE, RED, animation, encoded, halves, many_scans, plain, png_bomb
from hucares.errors import PayloadTooLarge, ServiceUnavailable
from hucares.slots import Slots


def result_of(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(square_webp(content)))
    assert image.format == "WEBP"
    assert image.width == image.height <= 512
    image.load()
    return image


def close_to(pixel: Any, colour: tuple[int, ...]) -> bool:
    """Whether a pixel has this colour, but for what a lossy format does to it."""
    return all(abs(is_ - should) <= 25 for is_, should in zip(pixel, colour, strict=False))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(("size", "side"), [((40, 30), 30), ((600, 900), 512), ((512, 512), 512), ((2600, 1500), 512)])
def test_it_becomes_a_square_of_at_most_512_pixels(format: str, size: tuple[int, int], side: int) -> None:
    image = result_of(plain(format, size))

    assert image.size == (side, side)
    assert close_to(image.getpixel((side // 2, side // 2)), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (8000, 1200), (16000, 1000), (513, 512), (2049, 2050)])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_any_proportions_will_do(format: str, size: tuple[int, int]) -> None:
    image = result_of(plain(format, size))

    assert image.width >= min(512, *size) or (min(size) < 2048 and image.width == min(size) // 4)


# For each orientation: where the red half, the upper one of the file, belongs.
SIDES = ["up", "up", "down", "down", "left", "right", "right", "left"]


def test_it_is_the_centre() -> None:
    image = Image.new("RGB", (900, 300), BLUE)
    image.paste(RED, (300, 0, 600, 300))

    small = result_of(encoded(image, "PNG"))

    assert small.size == (300, 300)
    assert all(close_to(small.getpixel(point), RED) for point in [(3, 3), (296, 3), (3, 296), (296, 296), (150, 150)])


@pytest.mark.parametrize(("orientation", "red_side"), list(enumerate(SIDES, 1)))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_it_stands_upright(format: str, orientation: int, red_side: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = result_of(encoded(halves(), format, exif=exif))

    ends = {"up": (150, 20), "down": (150, 280), "left": (20, 150), "right": (280, 150)}
    opposite = {"up": "down", "down": "up", "left": "right", "right": "left"}
    assert close_to(image.getpixel(ends[red_side]), RED)
    assert close_to(image.getpixel(ends[opposite[red_side]]), BLUE)


def test_nothing_but_pixels_is_in_the_result() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    profile = b"SECRET-PROFILE" * 20
    for format in ("JPEG", "PNG", "WEBP"):
        sent = encoded(halves(), format, exif=exif, icc_profile=profile, xmp=b"<x>SECRET-XMP</x>", comment=b"SECRET-C")
        result = square_webp(sent)
        assert b"SECRET" in sent or format == "PNG"
        assert b"SECRET" not in result
        assert not {"exif", "icc_profile", "xmp", "comment"} & Image.open(io.BytesIO(result)).info.keys()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("broken", [b"", b"II*\0", b"\xff" * 60, b"II*\0\x08\0\0\0\xff\xff"])
def test_broken_metadata_does_not_make_a_broken_picture(broken: bytes) -> None:
    assert result_of(encoded(halves(), "JPEG", exif=b"Exif\0\0" + broken)).size == (300, 300)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_it_is_the_first_frame(format: str) -> None:
    image = result_of(animation(format))

    assert getattr(image, "n_frames", 1) == 1
    assert close_to(image.getpixel((30, 30)), RED)


def test_a_camera_file_of_several_jpegs_is_a_jpeg() -> None:
    both = animation("MPO")

    assert Image.open(io.BytesIO(both)).format == "MPO"
    assert close_to(result_of(both).getpixel((30, 30)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_will_do(mode: str) -> None:
    image = Image.new("L", (1300, 1300), 157).convert("RGB")
    image = Image.new("I;16", image.size, 157 * 256) if mode == "I;16" else image.convert(mode)

    middle = result_of(encoded(image, "PNG")).convert("L").resize((1, 1)).getpixel((0, 0))
    assert isinstance(middle, int)
    assert abs(middle - 157) < 10


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg_will_do(mode: str, progressive: bool) -> None:
    image = Image.new("RGB", (1300, 1300), (157, 157, 157)).convert(mode)

    pixel = result_of(encoded(image, "JPEG", progressive=progressive)).getpixel((250, 250))
    assert close_to(pixel, (157, 157, 157))


def test_what_is_transparent_stays_so_and_does_not_shine_through() -> None:
    image = Image.new("RGBA", (1600, 1600), (0, 255, 0, 0))
    image.paste((*RED, 255), (0, 0, 801, 1600))

    small = result_of(encoded(image, "PNG")).convert("RGBA")

    assert small.getpixel((500, 250))[3] == 0  # type: ignore[index]
    assert close_to(small.getpixel((20, 250)), (*RED, 255))
    edge = small.getpixel((255, 250))
    assert edge[1] < 90  # type: ignore[index, operator]


def test_a_gif_may_be_transparent() -> None:
    image = Image.new("P", (60, 60), 0)
    image.putpalette([*RED, *BLUE])
    image.paste(1, (0, 30, 60, 60))

    small = result_of(encoded(image, "GIF", transparency=0)).convert("RGBA")

    assert small.getpixel((30, 5))[3] == 0  # type: ignore[index]
    assert close_to(small.getpixel((30, 55)), (*BLUE, 255))


@pytest.mark.parametrize(
    ("format", "size"), [("JPEG", (4000, 4000)), ("PNG", (4000, 4000)), ("GIF", (2828, 2828)), ("WEBP", (2828, 2828))]
)
def test_the_largest_allowed_will_do_and_one_row_more_will_not(format: str, size: tuple[int, int]) -> None:
    image = Image.new("P" if format in {"GIF", "PNG"} else "RGB", (size[0], size[1] + 1))
    assert result_of(encoded(image.crop((0, 0, *size)), format)).size == (512, 512)
    with pytest.raises(BadPicture) as refused:
        square_webp(encoded(image.resize((size[0], size[1] + 2)), format))
    assert "pixels" in str(refused.value.details)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", None)
    for bomb in (png_bomb(13_000, 13_000), png_bomb(5_000, 5_000), png_bomb(60_000, 60_000)):
        assert len(bomb) < 500_000
        with pytest.raises(BadPicture, match="not valid") as refused:
            square_webp(bomb)
        assert "pixels" in str(refused.value.details)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    assert result_of(many_scans(80)).size == (300, 300)
    with pytest.raises(BadPicture) as refused:
        square_webp(many_scans(5000))
    assert "scans" in str(refused.value.details)


def test_more_than_five_mebibytes_are_too_many() -> None:
    picture = plain("JPEG")
    allowed = 5 * 1024 * 1024

    assert result_of(picture.ljust(allowed, b"\0")).size == (30, 30)
    with pytest.raises(PayloadTooLarge):
        square_webp(picture.ljust(allowed + 1, b"\0"))


def test_one_is_unpacked_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SLOTS", Slots(1, waiting=0))
    with pictures.SLOTS.one(), pytest.raises(ServiceUnavailable):
        square_webp(plain())
    square_webp(plain())
