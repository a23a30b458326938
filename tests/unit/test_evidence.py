"""What a family adds is made harmless before anybody keeps it."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from rightsdesk.web import evidence
from rightsdesk.web.evidence import BadFile, HasPassword, TooBig, TooManyPixels, WrongKind, clean

SECRETS = (b"Secret", b"JavaScript", b"OpenAction", b"EmbeddedFile", b"app.alert")


def png(size: tuple[int, int] = (8, 6)) -> bytes:
    """Return a PNG with a hidden text."""
    told, written = PngImagePlugin.PngInfo(), BytesIO()
    told.add_text("Author", "SecretAuthor")
    Image.new("RGBA", size, (9, 9, 9, 90)).save(written, "PNG", pnginfo=told, icc_profile=b"SecretProfile" * 20)
    return written.getvalue()


def jpg(*, turned: bool = False, progressive: bool = False) -> bytes:
    """Return a JPG that knows its camera, and lies on its side when turned."""
    picture, written = Image.new("RGB", (8, 6), "teal"), BytesIO()
    exif = picture.getexif()
    exif[0x010F] = "SecretCamera"
    if turned:
        exif[0x0112] = 6
    told = {"exif": exif, "comment": b"SecretComment", "icc_profile": b"SecretProfile" * 20}
    picture.save(written, "JPEG", progressive=progressive, **told)
    return written.getvalue()


def pdf(pages: int = 2, password: str = "") -> bytes:
    """Return a PDF with a script, an attached file, an action on a page and an author."""
    writer, written, action = PdfWriter(), BytesIO(), DictionaryObject()
    for _ in range(pages):
        page = writer.add_blank_page(200, 100)
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('Secret')")}
        )
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): writer._add_object(action)})
        page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Told"): TextStringObject("SecretTool")})
        page[NameObject("/MakersOwn")] = TextStringObject("SecretMaker")
        page[NameObject("/Contents")] = writer._add_object(_drawn_elsewhere())
    writer.root_object[NameObject("/OpenAction")] = action
    writer.add_attachment("SecretFile.txt", b"SecretContent")
    writer.add_metadata({"/Author": "SecretAuthor"})
    if password:
        writer.encrypt(password)
    writer.write(written)
    return written.getvalue()


def _drawn_elsewhere() -> StreamObject:
    """Return what a page draws, kept on another machine, which would learn who looks at it."""
    drawn = StreamObject()
    drawn.set_data(b"0 0 9 9 re f")
    drawn[NameObject("/F")] = TextStringObject("https://secret.example/SecretPlace")
    drawn[NameObject("/Ref")] = DictionaryObject({NameObject("/F"): TextStringObject("SecretReference")})
    return drawn


@pytest.mark.parametrize(("content", "kind"), [(png(), "png"), (jpg(), "jpg"), (pdf(), "pdf")])
def test_nothing_that_is_not_seen_stays(content: bytes, kind: str) -> None:
    assert any(secret in content for secret in SECRETS)
    cleaned = clean(content)
    assert cleaned.kind == kind
    assert not [secret for secret in SECRETS if secret in cleaned.content]


def test_the_pages_and_the_picture_stay() -> None:
    pages = PdfReader(BytesIO(clean(pdf(3)).content)).pages
    assert [(page.mediabox.width, b"0 0 9 9 re" in page.get_contents().get_data()) for page in pages] == [
        (200, True)
    ] * 3
    assert Image.open(BytesIO(clean(png()).content)).getpixel((0, 0)) == (9, 9, 9, 90)


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    assert Image.open(BytesIO(clean(jpg(turned=True)).content)).size == (6, 8)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"MZ", b" %PDF-1.7", b"PK\x03\x04"])
def test_the_content_says_what_it_is_and_nothing_else_is_taken(content: bytes) -> None:
    with pytest.raises(WrongKind):
        clean(content)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff", png()[:60], b"%PDF-1.7\nnothing", jpg()[:80]])
def test_a_broken_file_is_refused_without_its_words(content: bytes) -> None:
    with pytest.raises(BadFile) as refused:
        clean(content)
    assert refused.value.code == "file_unreadable"
    assert str(refused.value) == ""


def test_an_encrypted_pdf_is_refused() -> None:
    with pytest.raises(HasPassword):
        clean(pdf(password="open"))


@pytest.mark.parametrize("content", [png(), jpg(progressive=True)])
def test_a_picture_that_unpacks_into_too_much_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_PIXELS", 47)
    with pytest.raises(TooManyPixels):
        clean(content)


def test_a_few_bytes_that_say_they_are_many_pixels_are_refused_by_their_header() -> None:
    written = BytesIO()
    Image.new("1", (4001, 4000)).save(written, "PNG")
    cut = written.getvalue()[:60]  # nothing to unpack is left: reading any further would say that it is broken
    with pytest.raises(TooManyPixels):
        clean(cut)


def test_a_large_photo_of_a_phone_is_unpacked_at_half_its_size_and_a_larger_one_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "MOST_PIXELS", 47)
    assert Image.open(BytesIO(clean(jpg()).content)).size == (4, 3)
    monkeypatch.setattr(evidence, "MOST_REDUCED", 47)
    with pytest.raises(TooManyPixels):
        clean(jpg())


def test_more_than_a_hundred_pages_or_ten_megabytes_are_refused() -> None:
    with pytest.raises(TooBig):
        clean(pdf(101))
    with pytest.raises(TooBig):
        clean(b"%PDF-" + bytes(10 * 1024 * 1024))


def test_a_pdf_of_too_many_objects_or_of_one_page_named_very_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    writer, written = PdfWriter(), BytesIO()
    page = writer.add_blank_page(200, 100)
    tree = writer.root_object["/Pages"]
    assert isinstance(tree, DictionaryObject)
    tree[NameObject("/Kids")] = ArrayObject([page.indirect_reference] * 50_000)
    writer.write(written)
    with pytest.raises(TooBig):
        clean(written.getvalue())
    monkeypatch.setattr(evidence, "MOST_OBJECTS", 4)
    with pytest.raises(TooBig):
        clean(pdf())
