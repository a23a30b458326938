"""Style sheet, scripts and pictures: few and small, so they are read once and served from memory."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

STATIC: Final = Path(__file__).parent.parent / "static"
FOR_EVER: Final = "public, max-age=31536000, immutable"
_SENT: Final = frozenset({".css", ".js", ".svg", ".png", ".ico", ".txt"})
_COMPRESSED: Final = frozenset({".css", ".js", ".svg", ".txt"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; ``packed`` is its gzip form, or nothing where that would not help."""

    content: bytes
    packed: bytes
    media_type: str
    version: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files below static/, by name."""

    files: Mapping[str, Asset]

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def url(self, name: str) -> str:
        """Return the path of a file with its version, so that browsers may keep it for ever.

        Raises:
            KeyError: there is no such file.
        """
        return f"/static/{name}?v={self.files[name].version}"

    def serve(self, request: Request) -> Response:
        """Answer with the file of this path, or with 404."""
        asset = self.files.get(request.path_params["name"])
        if asset is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        is_current = request.query_params.get("v") == asset.version
        headers = {
            "Cache-Control": FOR_EVER if is_current else "no-cache",
            "ETag": f'"{asset.version}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def load(folder: Path = STATIC) -> Assets:
    """Return the files of the folder, read and compressed."""
    return Assets({path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in _SENT})


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0) if path.suffix in _COMPRESSED else b""
    media_type = {".js": "text/javascript", ".svg": "image/svg+xml"}.get(path.suffix) or guess_type(path.name)[0]
    return Asset(content, packed, media_type or "application/octet-stream", sha256(content).hexdigest()[:8])
