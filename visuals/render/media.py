"""Pictures from files, as pixels. It does not know textures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from visuals.errors import MediaError
from visuals.types import Pixels


def load_image(path: Path) -> Pixels:
    """[height, width, 4] uint8 sRGB with straight alpha, row 0 on top. Raises MediaError."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGBA"))
    except FileNotFoundError as error:
        raise MediaError(f"{path}: no such picture") from error
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(f"{path}: not a picture that can be read ({error})") from error
