"""The web bucket as an origin of the CDN: the web client and the browsable description of the API, from files.

Like a bucket it knows files alone: which one stands for `/` or `/docs` is said by the CDN's function.
"""

import mimetypes
from pathlib import Path
from urllib.parse import unquote

import swagger_ui_bundle

from tools.localcloud.messages import Answer, Request, problem

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_TEXT = {"text/javascript", "application/json", "image/svg+xml", "application/manifest+json"}


class StaticFiles:
    """Answers GET and HEAD with files below `web`, and those of Swagger UI below `/docs/assets/`."""

    def __init__(self, web: Path, base_url: str) -> None:
        self._web = web.resolve()
        self._assets = Path(swagger_ui_bundle.swagger_ui_path).resolve()
        self._base_url = base_url

    def answer(self, request: Request) -> Answer:
        """Return the file that the path names, 404 if there is none."""
        found = self._find(request.path)
        if found is None:
            return self._missing(request)
        # no-cache: kept, but asked about each time, so that an edit shows at once.
        headers = [("Content-Type", _content_type(found)), ("Cache-Control", "no-cache")]
        return Answer(200, headers, found.read_bytes())

    def _find(self, path: str) -> Path | None:
        try:
            parts = unquote(path, errors="strict").strip("/").split("/")
        except UnicodeDecodeError:
            return None
        if not all(part.isprintable() and part not in {".", ".."} and "\\" not in part for part in parts):
            return None
        root, inside = (self._assets, parts[2:]) if parts[:2] == ["docs", "assets"] else (self._web, parts)
        try:
            # Resolved, so that not even a link in the folder leads out of it.
            resolved = root.joinpath(*inside).resolve()
            return resolved if resolved.is_relative_to(root) and resolved.is_file() else None
        except OSError:
            # No file can have such a name.
            return None

    def _missing(self, request: Request) -> Answer:
        if "text/html" in request.headers.get("accept", ""):
            return Answer(404, [("Content-Type", "text/plain; charset=utf-8")], b"There is nothing here.\n")
        return problem(self._base_url, 404, "not-found", f"There is no {request.path}.", request_id=request.id)


def _content_type(file: Path) -> str:
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind in _TEXT else kind
