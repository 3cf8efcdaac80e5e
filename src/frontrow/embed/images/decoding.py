"""Image files to pixels: three formats, bounded in size, upright, on white."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING, Final

from frontrow.errors import require

if TYPE_CHECKING:
    from PIL import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 30_000_000
"""A larger file is no image of a product."""

MOST_PIXELS: Final = 60_000_000
"""A small file can say that it has so many pixels that they fill the memory: it is refused before it is unpacked."""

LEAST_SIDE: Final = 8
"""In pixels; what is smaller shows nothing, such as the dots by which mails are counted."""

SIDE: Final = 256
"""Longer sides are made this short: features need no more."""


class UnusableImageError(Exception):
    """An image that cannot be read; the message says why, and the caller counts it."""


def decode_image(content: bytes) -> Image.Image:
    """Read an image file.

    Args:
        content: PNG, JPEG or WebP; of an animation the first picture counts.

    Returns:
        RGB, turned as the camera says (EXIF), what is transparent on white, no side longer than `SIDE`.

    Raises:
        MissingExtraError: Pillow is not installed.
        UnusableImageError: It is of another format, broken, or too large or too small.
    """
    require("PIL", extra="images")
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > MOST_BYTES:
        raise UnusableImageError("too large")
    try:
        with warnings.catch_warnings():
            # what Pillow only warns of is checked here
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(*image.size)
                # a JPEG is unpacked at the size that is needed
                image.draft("RGB", (2 * SIDE, 2 * SIDE))
                upright = ImageOps.exif_transpose(image)
                return _shrink(_put_on_white(upright))
    except UnidentifiedImageError as error:
        raise UnusableImageError("not a PNG, JPEG or WebP image") from error
    except Image.DecompressionBombError as error:
        raise UnusableImageError("too large") from error
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, struct.error) as error:
        raise UnusableImageError("broken") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise UnusableImageError("too large")
    if min(width, height) < LEAST_SIDE:
        raise UnusableImageError("too small")


def _put_on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.has_transparency_data:
        colours = image.convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        return Image.alpha_composite(white, colours).convert("RGB")
    return image.convert("RGB")


def _shrink(image: Image.Image) -> Image.Image:
    from PIL import Image

    longest = max(image.size)
    if longest <= SIDE:
        return image
    width, height = (max(round(side * SIDE / longest), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX)
