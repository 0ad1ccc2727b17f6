"""Recordings to listen to: what WeChat (AMR), Telegram (Opus) and browsers send, made playable."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import av
from PIL import Image

from backend.attachments.pictures import MOST_PIXELS, Broken, Copies, copied

PLAYABLE = "audio/mpeg"
"""MP3: every browser plays it, on old iPhones too, and begins before all of it has come."""
SAMPLES = 24_000
BIT_RATE = 48_000
LONGEST = timedelta(minutes=30)
"""A small file can say that it lasts for days; what comes later stays in the original alone."""
LONGEST_SILENCE = timedelta(minutes=5)
LEAST_BYTES_A_SECOND = 200
"""Of speech at its most frugal (AMR 4.75: 600); a file of fewer is silence, of which so much is enough."""
RATES = range(4_000, 192_001)
"""Samples a second that a microphone may bring; with fewer a kilobyte lasts for hours."""

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
    sound, seconds, longest = io.BytesIO(), 0.0, _longest(len(content))
    try:
        with (
            av.open(io.BytesIO(content), "r", format=_READERS[mime], options=_codecs_limits()) as source,
            av.open(sound, "w", format="mp3") as sink,
        ):
            stream = sink.add_stream("libmp3lame", rate=SAMPLES, layout="mono", bit_rate=BIT_RATE)
            for frame in source.decode(audio=0):
                if frame.sample_rate not in RATES:
                    raise Broken("rate")
                if seconds + frame.samples / frame.sample_rate > longest:
                    break
                seconds += frame.samples / frame.sample_rate
                frame.pts = None
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
    except Exception as error:  # a reader of broken bytes raises whatever comes
        raise Broken from error
    if not seconds:
        raise Broken
    return Recording(sound.getvalue(), int(seconds * 1000))


def still(content: bytes, mime: str) -> tuple[Copies, int]:
    """The first picture of a video and how long the video is in milliseconds; raises Broken."""
    limits = _codecs_limits()
    try:
        with av.open(io.BytesIO(content), "r", format=_READERS[mime], options=limits) as source:
            shown = source.streams.video[0]
            if shown.width * shown.height > MOST_PIXELS:
                raise Broken("pixels")
            shown.codec_context.options = limits
            frame = next(source.decode(shown))
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            if frame.rotation:
                picture = picture.rotate(frame.rotation, expand=True)
            lasts = (source.duration or 0) // 1000
            return copied(picture, picture.width, picture.height), lasts
    except Exception as error:
        raise Broken from error


def _longest(size: int) -> float:
    """Seconds that a recording of so many bytes is played for at most."""
    frugal = LONGEST_SILENCE.total_seconds() + size / LEAST_BYTES_A_SECOND
    return min(frugal, LONGEST.total_seconds())


def _codecs_limits() -> dict[str, str]:
    """For the codecs themselves: a container may say of its pictures that they are small."""
    return {"max_pixels": str(MOST_PIXELS)}
