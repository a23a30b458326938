"""A photo or PDF from a family's phone, made harmless: no place, no time, no device, no script travels with it."""

import warnings
import zlib
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, PdfObject, StreamObject

from rightsdesk.requests.cases.evidence import LARGEST, Clean
from rightsdesk.web.forms import Photo

MOST_PIXELS: Final = 16_000_000  # 64 MB unpacked
MOST_REDUCED: Final = 64_000_000  # a JPEG alone can be unpacked at half its width and height
MOST_PAGES: Final = 100
MOST_OBJECTS: Final = 20_000
_QUALITY: Final = 85
_KINDS: Final = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
# What can run, phone home, carry other files, or tell who made the page when and with what.
_TOLD: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Info", "/Author")
_ACTS: Final = ("/AA", "/A", "/JS", "/JavaScript", "/OpenAction", "/Annots", "/EF", "/AF", "/Names", "/Launch")
# A stream may say that its bytes, or the picture in its place, lie elsewhere: on a machine that would learn who reads.
_ELSEWHERE: Final = ("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/AF")
# All that a page needs to be seen; a maker's own entries and small previews of what was cut away are nothing of it.
_SHOWS: Final = frozenset(
    {
        *("/Type", "/Parent", "/Resources", "/Contents", "/Group", "/Rotate", "/UserUnit"),
        *("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"),
    }
)
# A hostile file makes its reader fail in any of these ways.
_UNREADABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    zlib.error,
    PyPdfError,
    Image.DecompressionBombError,
)


class BadFile(Exception):
    """A file we cannot take; ``code`` says why."""

    code = "file_unreadable"


class WrongKind(BadFile):
    """It is neither a JPG nor a PNG nor a PDF, whatever its name says."""

    code = "file_kind"


class TooBig(BadFile):
    """It has more than 10 MB, 100 pages or 20,000 objects."""

    code = "file_big"


class TooManyPixels(BadFile):
    """It would need more memory than one photo may have, however few bytes it has itself."""

    code = "file_pixels"


class HasPassword(BadFile):
    """It is an encrypted PDF."""

    code = "file_locked"


def clean(content: bytes) -> Clean:
    """Return the picture drawn anew, or the PDF's pages copied, without anything that is not seen on them.

    Raises:
        WrongKind: the content is of another kind.
        TooBig: it is larger than we take.
        TooManyPixels: it is a picture of more than 16 million pixels, or a JPEG of more than 64 million.
        HasPassword: the PDF is encrypted.
        BadFile: it cannot be read.
    """
    if len(content) > LARGEST:
        raise TooBig
    kind = next((kind for begins, kind in _KINDS.items() if content.startswith(begins)), "")
    if not kind:
        raise WrongKind
    try:
        cleaned = _pages(content) if kind == "pdf" else _picture(content, kind)
    except _UNREADABLE:
        raise BadFile from None  # the reader's words may repeat what is in the file
    if len(cleaned) > LARGEST:
        raise TooBig
    return Clean(kind, cleaned)


def looked_at(content: bytes) -> Photo:
    """Return the harmless copy of a file, or why there is none. The portal has memory for one of them at a time."""
    try:
        return Photo(clean(content))
    except BadFile as bad:
        return Photo(None, bad.code)


def _picture(content: bytes, kind: str) -> bytes:
    name = "JPEG" if kind == "jpg" else "PNG"
    with warnings.catch_warnings():
        # Pillow only warns up to twice its own limit; ours is counted below, before a pixel is unpacked.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(BytesIO(content), formats=(name,))
    _fit(picture)
    ImageOps.exif_transpose(picture, in_place=True)  # a copy of 16 million pixels less
    wanted = "RGB" if kind == "jpg" or picture.mode not in {"RGBA", "LA", "PA"} else "RGBA"
    drawn = picture if picture.mode == wanted else picture.convert(wanted)
    drawn.info = {}  # profile, comment and text chunks would be written again from here
    written = BytesIO()
    drawn.save(written, name, quality=_QUALITY) if kind == "jpg" else drawn.save(written, name)
    return written.getvalue()


def _fit(picture: Image.Image) -> None:
    """Let a large JPEG be unpacked at half its size, or refuse the picture: all by its header."""
    pixels = picture.width * picture.height
    # The passes of a progressive JPEG lie in memory at full size, whatever size comes out.
    is_plain = picture.format == "JPEG" and "progressive" not in picture.info
    if is_plain and MOST_PIXELS < pixels <= MOST_REDUCED:
        picture.draft(None, (picture.width // 2, picture.height // 2))
    if picture.width * picture.height > MOST_PIXELS:
        raise TooManyPixels


def _pages(content: bytes) -> bytes:
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise HasPassword
    if sum(map(len, reader.xref.values())) + len(reader.xref_objStm) > MOST_OBJECTS or _has_many(reader):
        raise TooBig
    writer = PdfWriter()
    for page in reader.pages:  # pages alone: the catalogue, its scripts and its attached files stay behind
        for name in page.keys() - _SHOWS:
            page.pop(name)
        writer.add_page(page)
    writer.metadata = None
    for one in writer._objects:  # noqa: SLF001 - pypdf has no public way to every object it will write
        if isinstance(one, DictionaryObject):
            _strip(one)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _has_many(reader: PdfReader) -> bool:
    """Say whether there are more than 100 pages, or more branches to them than pages need; the count may be a lie."""
    branches: list[PdfObject] = [reader.root_object["/Pages"]]
    seen = leaves = 0
    while branches and seen <= 2 * MOST_PAGES:
        node = branches.pop().get_object()
        kids = node.get("/Kids") if isinstance(node, DictionaryObject) else None
        seen, leaves = seen + 1, leaves + (kids is None)
        branches.extend([] if kids is None else kids.get_object()[: 2 * MOST_PAGES + 1])
    return leaves > MOST_PAGES or bool(branches)


def _strip(one: DictionaryObject) -> None:
    names = (*_TOLD, *_ELSEWHERE) if isinstance(one, StreamObject) else (*_TOLD, *_ACTS)
    for name in names:
        one.pop(name, None)
