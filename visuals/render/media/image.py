"""Pictures from files, as pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from visuals.errors import MediaError
from visuals.types import Pixels

MAX_PIXELS = 64_000_000
"""What a picture may have in its file: 256 MB as RGBA."""

MAX_SIDE = 4096
"""Longer sides are scaled down to this: every OpenGL 3.3 takes it as a texture, and no canvas is larger."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "TGA", "PPM", "AVIF")
"""Those that Pillow decodes itself. It would hand an EPS to another program, which would run it."""


def load_image(path: Path) -> Pixels:
    """[height, width, 4] uint8 sRGB with straight alpha, row 0 on top, turned as EXIF says.

    Of an animated picture the first. Raises MediaError.
    """
    try:
        with Image.open(path, formats=_formats()) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(path, f"{image.width}x{image.height}")
            image.draft(None, (MAX_SIDE, MAX_SIDE))
            return np.asarray(_upright(image))
    except FileNotFoundError as error:
        raise MediaError(f"{path}: no such picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, "more") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaError(f"{path}: not a picture that can be read ({error})") from error


def _formats() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _upright(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith("I;16"):  # Pillow would cut 16 bits off at 255
        turned = Image.fromarray((np.asarray(turned) >> 8).astype(np.uint8))
    picture = turned.convert("RGBA")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    return picture


def _too_large(path: Path, found: str) -> MediaError:
    return MediaError(
        f"{path}: too large a picture: found {found}, expected at most {MAX_PIXELS // 1_000_000} megapixels"
    )
