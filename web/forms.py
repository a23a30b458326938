"""What a browser sent: read with limits before anything else looks at it."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

MAX_FIELDS: Final = 400
MAX_FILES: Final = 5
FIELD_BYTES: Final = 128 * 1024  # 10,000 characters of any script, percent-encoded
_KINDS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_KEPT_CONTROLS: Final = "\n\t"
# A file above Starlette's one megabyte would lie unsealed in the system's folder for temporary files.
MultiPartParser.spool_max_size = 2**31


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
class Form:
    """The fields of one form, in the order they were sent."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, Upload], ...] = ()

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

    def all_files(self, name: str) -> tuple[Upload, ...]:
        """Return every file of this field."""
        return tuple(upload for key, upload in self.files if key == name and (upload.name or upload.content))


def clean(text: str) -> str:
    """Return the text in Unicode's composed form, with plain line ends, without control characters and outer space."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(one for one in composed if one in _KEPT_CONTROLS or unicodedata.category(one) != "Cc").strip()


async def read(request: Request, limit: int) -> Form:
    """Return the form of a request.

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
        return await _parse(Request(request.scope, _counted(request.receive, limit)))
    except HTTPException as error:
        raise BadForm("This form cannot be read.") from error


async def _parse(request: Request) -> Form:
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, Upload]] = []
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES) as found:
        for name, value in found.multi_items():
            if isinstance(value, UploadFile):
                files.append((name, Upload(clean(value.filename or ""), value.content_type or "", await value.read())))
            else:
                fields.append((name, value))
    return Form(tuple(fields), tuple(files))


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
