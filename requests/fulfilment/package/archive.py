"""The ZIP of a package, written as a stream: the same input gives the same bytes, and a manifest vouches for them."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

from rightsdesk.requests.agencies.catalogue import CATALOGUE, Erasure
from rightsdesk.requests.fulfilment.package.contents import Facts
from rightsdesk.requests.fulfilment.package.page import index_html
from rightsdesk.requests.fulfilment.package.plain import csv_disclosed, csv_table, data_json
from rightsdesk.requests.fulfilment.package.sheets import RECORD, Sheet, elements_of, sheets, showable
from rightsdesk.requests.fulfilment.package.wording import Words, words
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.ledger.signing import Signer

MANIFEST: Final = "manifest.json"
_LEVEL: Final = 6
_BLOCK: Final = 32 * 1024
_File: TypeAlias = tuple[str, Iterable[str]]


class _Sink:
    """Takes what ``zipfile`` writes until it is fetched. It cannot seek, so the ZIP is written in one go."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, some: bytes) -> int:
        self._waiting += some
        return len(some)

    def flush(self) -> None:
        """Nothing waits behind this."""

    def close(self) -> None:
        """There is nothing to close."""

    def fetch(self, least: int = 1) -> Iterator[bytes]:
        """Yield what was written, when it is at least so many bytes."""
        if len(self._waiting) >= least:
            yield bytes(self._waiting)
            self._waiting.clear()


def archive(holdings: Iterable[Holding], facts: Facts, signer: Signer) -> Iterator[bytes]:
    """Yield the bytes of the package. Names are sorted and dates are 1980, so that equal contents are equal files."""
    sink = _Sink()
    listed: list[dict[str, object]] = []
    # A file opened by its name alone is dated 1980-01-01.
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as package:
        for name, content in _files(holdings, facts, signer):
            yield from _written(package, sink, name, content, listed)
        for name, content in _vouching(facts, signer, listed):
            yield from _written(package, sink, name, content, [])
    yield from sink.fetch()


def _files(holdings: Iterable[Holding], facts: Facts, signer: Signer) -> Iterator[_File]:
    """Yield the files in the order of their names; what waits for no record leaves before the first one is read."""
    spoken = words(facts.language)
    yield "README.txt", (spoken["read_me"].format(key=signer.key_id, reference=facts.reference),)
    shown = showable(holdings)
    tables = sheets(shown)
    yield from sorted((_table_name(number, sheet), csv_table(sheet, spoken)) for number, sheet in enumerate(tables, 1))
    kept = [(element, _keeping(element, spoken)) for element in elements_of(tables)]
    yield "data.json", data_json(shown, facts, kept)
    yield "disclosures.csv", csv_disclosed(facts, spoken)
    yield "index.html", index_html(tables, facts, kept, spoken)


def _vouching(facts: Facts, signer: Signer, listed: Sequence[dict[str, object]]) -> Iterator[_File]:
    manifest = {
        "format": "rightsdesk-manifest-1",
        "reference": facts.reference,
        "made_at": facts.made_at.isoformat(),
        "key": signer.key_id,
        "files": listed,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=True) + "\n"
    yield MANIFEST, (text,)
    yield "manifest.pub", (signer.public_key(),)
    yield "manifest.sig", (b64encode(signer.sign(text.encode("ascii"))).decode("ascii"), "\n")


def _written(
    package: ZipFile, sink: _Sink, name: str, content: Iterable[str], listed: list[dict[str, object]]
) -> Iterator[bytes]:
    size, digest = 0, sha256()
    with package.open(name, "w") as file:
        for block in _blocks(content):
            file.write(block)
            digest.update(block)
            size += len(block)
            yield from sink.fetch(_BLOCK)
    listed.append({"name": name, "size": size, "sha256": digest.hexdigest()})
    yield from sink.fetch()


def _blocks(content: Iterable[str]) -> Iterator[bytes]:
    """Yield the text in pieces worth compressing: a call for each row would cost more than the row."""
    waiting: list[str] = []
    length = 0
    for text in content:
        waiting.append(text)
        length += len(text)
        if length >= _BLOCK:
            yield _bytes(waiting)
            waiting, length = [], 0
    yield _bytes(waiting)


def _bytes(texts: Sequence[str]) -> bytes:
    # Half a surrogate pair, from a system that cut a text in two, has no UTF-8.
    return "".join(texts).encode("utf-8", errors="replace")


def _table_name(number: int, sheet: Sheet) -> str:
    # Only names of ours become file names; the number keeps them apart.
    return (
        f"csv/{number:02}-{sheet.element if sheet.element in CATALOGUE else 'other' if sheet.element else RECORD}.csv"
    )


def _keeping(element: str, spoken: Words) -> str:
    known = CATALOGUE.get(element)
    return spoken.kept[known.erasure if known else Erasure.DELETE]
