"""What a browser sent: read with limits before anything else looks at it."""

import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import BinaryIO, Final, Self, cast

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

from rightsdesk.requests.cases.evidence import Clean

MAX_FIELDS: Final = 400
MAX_FILES: Final = 5
FIELD_BYTES: Final = 128 * 1024  # 10,000 characters of any script, percent-encoded
LARGEST_FIELDS: Final = 1024 * 1024
_MULTIPART: Final = "multipart/form-data"
_KINDS: Final = ("application/x-www-form-urlencoded", _MULTIPART)
_KEPT_CONTROLS: Final = "\n\t"


class BadForm(Exception):
    """The form cannot be read: its type, its size or its shape is not what our pages send."""


class TooLarge(BadForm):
    """More was sent than the page takes; ``limit`` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__("This is more than we can take at once.")
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Upload:
    """A file somebody sent. ``name`` and ``media_type`` are the sender's claims and prove nothing."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Photo:
    """What became of a photo or PDF: the harmless copy, or the code of why there is none."""

    clean: Clean | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one form, in the order they were sent."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, Upload], ...] = ()
    photo: Photo | None = None

    def text(self, name: str) -> str:
        """Return the field without the space around it, or "".

        Raises:
            BadForm: the field came twice: two readers could then see two different answers.
        """
        found = [value for key, value in self.fields if key == name]
        if len(found) > 1:
            raise BadForm("A field came twice.")
        return clean(found[0]) if found else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return each value of a field that may repeat, without empty ones and without doubles."""
        return tuple(dict.fromkeys(filter(None, (clean(value) for key, value in self.fields if key == name))))

    def prefixed(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return the rest of the name and the value of each filled field whose name begins so.

        Raises:
            BadForm: one of them came twice.
        """
        found = [(key.removeprefix(prefix), clean(value)) for key, value in self.fields if key.startswith(prefix)]
        if len({key for key, _ in found}) < len(found):
            raise BadForm("A field came twice.")
        return tuple((key, value) for key, value in found if value)

    def secret(self, name: str) -> str:
        """Return the field exactly as typed: a password may begin with a space.

        Raises:
            BadForm: it came twice.
        """
        found = [value for key, value in self.fields if key == name]
        if len(found) > 1:
            raise BadForm("A field came twice.")
        return found[0] if found else ""

    def file(self, name: str) -> Upload | None:
        """Return the file of this field; None when none was chosen."""
        return next((upload for key, upload in self.files if key == name and (upload.name or upload.content)), None)

    def with_photo(self, photo: Photo) -> Self:
        """Return the form with what became of its photo, and without the file as it was sent."""
        return replace(self, files=(), photo=photo)

    def all_files(self, name: str) -> tuple[Upload, ...]:
        """Return every file of this field."""
        return tuple(upload for key, upload in self.files if key == name and (upload.name or upload.content))


def clean(text: str) -> str:
    """Return the text in Unicode's composed form, with plain line ends, without control characters and outer space."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(one for one in composed if one in _KEPT_CONTROLS or unicodedata.category(one) != "Cc").strip()


async def read(request: Request, limit: int, folder: Path | None = None) -> Form:
    """Return the form of a request. With a ``folder``, files wait there until they are whole, not in memory.

    Raises:
        TooLarge: the body has more than ``limit`` bytes.
        BadForm: it is no form, has too many fields, or a field is too long.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge(limit)
    if kind not in _KINDS:
        # A page of another site can send text/plain without asking; our own pages never do.
        if announced in {"", "0"} and not kind and "transfer-encoding" not in request.headers:
            return Form()
        raise BadForm("This is not a form.")
    try:
        return await _parse(Request(request.scope, _counted(request.receive, _bounded(kind, limit))), kind, folder)
    except (HTTPException, MultiPartException) as error:
        raise BadForm("This form cannot be read.") from error


async def _parse(request: Request, kind: str, folder: Path | None) -> Form:
    found = await _parts(request, folder) if kind == _MULTIPART else await _fields(request)
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Upload]] = []
    try:
        for name, value in found.multi_items():
            if isinstance(value, UploadFile):
                files.append((name, Upload(clean(value.filename or ""), value.content_type or "", await value.read())))
            else:
                fields.append((name, value))
    finally:
        await found.close()
    return Form(tuple(fields), tuple(files))


async def _fields(request: Request) -> FormData:
    return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES)


async def _parts(request: Request, folder: Path | None) -> FormData:
    parser = _Parts(request.headers, request.stream(), folder)
    return await parser.parse()


class _Parts(MultiPartParser):
    """Keeps files in memory, or in nameless files of our own folder: never in the system's folder for such files."""

    spool_max_size = 2**31

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], folder: Path | None) -> None:
        super().__init__(headers, stream, max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES)
        self._folder = folder

    def on_headers_finished(self) -> None:
        """Begin a part; a file's bytes go where nobody else can open them, and are gone when it is closed."""
        super().on_headers_finished()
        upload = self._current_part.file
        if upload is not None and self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with the form, or when reading it failed
            self._files_to_close_on_error.pop().close()
            self._files_to_close_on_error.append(cast("SpooledTemporaryFile[bytes]", file))
            upload.file = cast("BinaryIO", file)


def _bounded(kind: str, limit: int) -> int:
    # Only the parts of a multipart form can wait on the disk.
    return limit if kind == _MULTIPART else min(limit, LARGEST_FIELDS)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        # The announced length may be missing or a lie.
        if seen > limit:
            raise TooLarge(limit)
        return message

    return counting
