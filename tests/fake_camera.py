"""A camera for Chromium: a moving, detailed picture that carries its number, and what reads that off a video.

Chromium plays the file as its camera (``--use-file-for-fake-video-capture``), again and again. Each frame shows

- its number, as black and white squares along the top, so that whoever receives it can tell which frame it is, and
- a patch of fine vertical stripes beside them: a picture that was made smaller on its way shows them grey.

The rest is a noisy pattern that moves sideways, which costs an encoder about what a workshop costs it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

BITS = 12
"""Bits of a frame's number; two more squares say where it begins (white) and its parity."""

CELL = 24
"""Columns of squares across the picture; a square is this part of its width."""

STRIPES = 4
"""Width in pixels of a dark stripe and of a light one, in a picture of 1920 columns."""

FLAGS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=30",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks",
    "--disable-blink-features=ComputePressure",
)
"""What Chromium needs beside the file: nobody to ask, full rate, sound without a click, plain addresses,
pages of a test that may reach loopback, and no word of how busy this machine is, which would make pictures
smaller."""

_DARK, _LIGHT, _GREY = 24, 232, 128


def camera_flag(path: Path) -> str:
    """Return the flag that makes a file the camera."""
    return f"--use-file-for-fake-video-capture={path}"


def write_camera(path: Path, *, width: int = 1920, height: int = 1080, frames: int = 60, fps: int = 30) -> Path:
    """Write frames as YUV4MPEG2 (4:2:0), and return the path.

    Args:
        width: Even. A frame of 1920 x 1080 takes 3.1 MB.
        frames: After so many the numbers begin anew; less than 4096.
    """
    square = width // CELL
    body = _texture(width, height - square, frames)
    stripes = _stripes(width, square)
    grey = bytes([_GREY]) * (width * height // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(frames):
            row = _numbered(number, width, square, stripes)
            moved = number * 4
            lines = (line[moved : moved + width] for line in body)
            file.write(b"FRAME\n" + row * square + b"".join(lines) + grey)
    return path


@dataclass(frozen=True)
class Camera:
    """The camera of a test file: what :func:`write_camera` takes."""

    width: int = 1920
    height: int = 1080
    frames: int = 12
    fps: int = 15

    def write(self, path: Path) -> Path:
        """Write its file, and return the path."""
        return write_camera(path, width=self.width, height=self.height, frames=self.frames, fps=self.fps)


def _numbered(number: int, width: int, square: int, stripes: bytes) -> bytes:
    """Return one row of the strip along the top: begin, bits, parity, and the stripes at its right end."""
    bits = [number >> place & 1 for place in range(BITS)]
    cells = [1, *bits, sum(bits) % 2]
    row = b"".join(bytes([_LIGHT if cell else _DARK]) * square for cell in cells)
    blank = bytes([_GREY]) * (width - len(row) - len(stripes))
    return row + blank + stripes


def _stripes(width: int, square: int) -> bytes:
    thick = max(1, STRIPES * width // 1920)
    return bytes(_LIGHT if column // thick % 2 else _DARK for column in range(square * 4))


def _texture(width: int, height: int, frames: int) -> list[bytes]:
    """Return rows wide enough to slide over: plates with edges, and noise that is the same each time."""
    chance = random.Random(7)
    wide = width + frames * 4
    noise = [bytes(chance.randrange(-14, 15) & 0xFF for _ in range(wide)) for _ in range(16)]
    levels = [[chance.randrange(60, 200) for _ in range(wide // 40 + 1)] for _ in range(height // 40 + 1)]
    rows = []
    for y in range(height):
        plates, grain = levels[y // 40], noise[chance.randrange(16)]
        rows.append(bytes(plates[x // 40] + (g if g < 128 else g - 256) for x, g in enumerate(grain)))
    return rows


READER_JS = (Path(__file__).parent / "fake_camera.js").read_text()
"""Gives a page ``readCamera(video)``, and ``watchCamera(video) -> {frames: [...]}`` with each frame shown.

A frame is ``{n, width, height, contrast}`` and, where watched, ``at``: ``n`` its number, -1 where it cannot be
read; ``at`` milliseconds since 1970; ``contrast`` 1 where stripes are as sharp as the camera sent them, 0 where
they are grey.
"""
