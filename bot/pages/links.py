"""Signed links to a resident's own pages: who may look at which case, until when, without a log-in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

PROGRESS_VALID = timedelta(days=90)
SURVEY_VALID = timedelta(days=30)
UPLOAD_VALID = timedelta(days=30)
PICTURE_VALID = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ProgressLink:
    """Opens the progress page of one case for one resident."""

    case_id: int
    resident_id: int


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """Opens the survey of one round of a case for one resident."""

    case_id: int
    resident_id: int
    round: int


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Takes photos and files for one case from one resident."""

    case_id: int
    resident_id: int

    @property
    def progress(self) -> ProgressLink:
        """The progress page of the same case."""
        return ProgressLink(self.case_id, self.resident_id)


@dataclass(frozen=True, slots=True)
class PictureLink:
    """Shows the picture that one message of ours carries, in the conversation that it was written in."""

    outgoing_id: int
    conversation_id: int


class LinkError(Exception):
    """The link is not ours, or it was changed on the way."""


class LinkExpired(LinkError):
    """The link was ours and is too old now."""


class Links:
    """Makes and reads links; nothing is stored, so a link ends only by its age or a new secret."""

    def __init__(self, secret: str, public_url: str) -> None:
        """`public_url` is the residents' listener as their phones see it."""
        self._public_url = public_url.rstrip("/")
        self._progress = _serializer(secret, "link.progress")
        self._survey = _serializer(secret, "link.survey")
        self._upload = _serializer(secret, "link.upload")
        self._picture = _serializer(secret, "link.picture")

    def progress(self, link: ProgressLink) -> str:
        """The address of a progress page."""
        token = self._progress.dumps([link.case_id, link.resident_id])
        return f"{self._public_url}/c/{_text(token)}"

    def survey(self, link: SurveyLink) -> str:
        """The address of a survey page."""
        token = self._survey.dumps([link.case_id, link.resident_id, link.round])
        return f"{self._public_url}/s/{_text(token)}"

    def upload(self, link: UploadLink) -> str:
        """The address of a page that takes files."""
        token = self._upload.dumps([link.case_id, link.resident_id])
        return f"{self._public_url}/u/{_text(token)}"

    def picture(self, link: PictureLink) -> str:
        """The address of a page with one picture."""
        token = self._picture.dumps([link.outgoing_id, link.conversation_id])
        return f"{self._public_url}/p/{_text(token)}"

    def read_progress(self, token: str) -> ProgressLink:
        """What a token opens; raises LinkExpired or LinkError."""
        case_id, resident_id = _read(self._progress, token, PROGRESS_VALID, 2)
        return ProgressLink(case_id, resident_id)

    def read_survey(self, token: str) -> SurveyLink:
        """What a token opens; raises LinkExpired or LinkError."""
        case_id, resident_id, round_ = _read(self._survey, token, SURVEY_VALID, 3)
        return SurveyLink(case_id, resident_id, round_)

    def read_upload(self, token: str) -> UploadLink:
        """What a token opens; raises LinkExpired or LinkError."""
        case_id, resident_id = _read(self._upload, token, UPLOAD_VALID, 2)
        return UploadLink(case_id, resident_id)

    def read_picture(self, token: str) -> PictureLink:
        """What a token opens; raises LinkExpired or LinkError."""
        outgoing_id, conversation_id = _read(self._picture, token, PICTURE_VALID, 2)
        return PictureLink(outgoing_id, conversation_id)


def _serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(secret, salt=salt, signer_kwargs=signing)


def _text(token: str | bytes) -> str:
    return token.decode() if isinstance(token, bytes) else token


def _read(serializer: URLSafeTimedSerializer, token: str, valid: timedelta, count: int) -> list[int]:
    try:
        values = serializer.loads(token, max_age=int(valid.total_seconds()))
    except SignatureExpired as error:
        raise LinkExpired from error
    except BadData as error:
        raise LinkError from error
    if not isinstance(values, list) or [type(value) for value in values] != [int] * count:
        raise LinkError
    return values
