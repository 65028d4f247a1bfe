"""Pictures that move, frame by frame: shown like the pages of a document, and drawn anew like still pictures. What is kept beside
the pixels is how long each frame is shown and how often all of them are."""

import io
from collections.abc import Callable
from typing import Final

from PIL import Image

from casework.darkroom.refused import Refused

Draw = Callable[[Image.Image], Image.Image]
# A TIFF of several pages can be looked at, and is not written again.
WRITTEN: Final = ("GIF", "PNG", "WEBP")
# Of all frames together, because all are in memory before the first is written: a quarter of a gigabyte.
MOST_PIXELS: Final = 60_000_000


def frames_in(picture: Image.Image) -> int:
    """One for HEIC: its other pictures are thumbnails and bursts."""
    return getattr(picture, "n_frames", 1) if picture.format in (*WRITTEN, "TIFF") else 1


def turn_to(picture: Image.Image, number: int) -> None:
    if not 1 <= number <= frames_in(picture):
        raise Refused("pages")
    if number > 1:
        picture.seek(number - 1)


def drawn_anew(picture: Image.Image, draw: Draw) -> bytes:
    """In the format it came in. `draw` makes a still picture of each frame, of which nothing else is kept."""
    if picture.format not in WRITTEN:
        raise Refused("moving")
    if frames_in(picture) * picture.width * picture.height > MOST_PIXELS:
        raise Refused("large")
    again = {"loop": picture.info["loop"]} if "loop" in picture.info else {}
    frames, shown_for = _frames(picture, draw)
    out = io.BytesIO()
    frames[0].save(out, picture.format, save_all=True, append_images=frames[1:], duration=shown_for, **again)
    return out.getvalue()


def _frames(picture: Image.Image, draw: Draw) -> tuple[list[Image.Image], list[int]]:
    frames, shown_for = [], []
    for number in range(frames_in(picture)):
        picture.seek(number)
        picture.load()
        frames.append(draw(picture.copy()))
        shown_for.append(int(picture.info.get("duration", 0)))
    return frames, shown_for
