"""Recordings to listen to: what WeChat (AMR), Telegram (Opus) and browsers send, made playable."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import av
from av.error import FFmpegError
from PIL import Image

from backend.attachments.pictures import MOST_PIXELS, Broken, Copies, copied

PLAYABLE = "audio/mpeg"
"""MP3: every browser plays it, on old iPhones too, and begins before all of it has come."""
SAMPLES = 24_000
BIT_RATE = 48_000
LONGEST = timedelta(minutes=30)
"""A small file can say that it lasts for days; what comes later stays in the original alone."""

_READERS: Mapping[str, str] = {
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/x-wav": "wav",
    "audio/aac": "aac",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
}
"""The one reader that sees the bytes: left to choose, the library also knows lists of other files to open."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as it is played."""

    content: bytes
    milliseconds: int


def playable(content: bytes, mime: str) -> Recording:
    """The recording as PLAYABLE; raises Broken."""
    sound, samples, rate = io.BytesIO(), 0, 1
    try:
        with (
            av.open(io.BytesIO(content), "r", format=_READERS[mime]) as source,
            av.open(sound, "w", format="mp3") as sink,
        ):
            stream = sink.add_stream("libmp3lame", rate=SAMPLES, layout="mono", bit_rate=BIT_RATE)
            for frame in source.decode(audio=0):
                rate = frame.sample_rate
                samples += frame.samples
                if samples > rate * LONGEST.total_seconds():
                    break
                frame.pts = None
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
    except (FFmpegError, IndexError, ValueError) as error:
        raise Broken from error
    if not samples:
        raise Broken
    return Recording(sound.getvalue(), samples * 1000 // rate)


def still(content: bytes, mime: str) -> tuple[Copies, int]:
    """The first picture of a video and how long the video is in milliseconds; raises Broken."""
    try:
        with av.open(io.BytesIO(content), "r", format=_READERS[mime]) as source:
            shown = source.streams.video[0]
            if shown.width * shown.height > MOST_PIXELS:
                raise Broken("pixels")
            frame = next(source.decode(shown))
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            if frame.rotation:
                picture = picture.rotate(frame.rotation, expand=True)
            lasts = (source.duration or 0) // 1000
            return copied(picture, picture.width, picture.height), lasts
    except (FFmpegError, IndexError, StopIteration, ValueError) as error:
        raise Broken from error
