"""An artist as a client of the API, over HTTP like any other."""

import io
import weakref
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import httpx
from PIL import Image

from tests.support.processes import until

FINAL = {"ready", "refused", "failed"}


def picture(seed: int = 1, size: tuple[int, int] = (320, 240), format_: str = "JPEG") -> bytes:
    """Return a small real picture, another one for each seed."""
    left = Image.linear_gradient("L").resize(size)
    right = Image.radial_gradient("L").resize(size)
    level = Image.new("L", size, seed * 37 % 256)
    out = io.BytesIO()
    Image.merge("RGB", (left, right, level)).save(out, format_)
    return out.getvalue()


def post_form(form: dict[str, Any], data: bytes, **changed: str) -> httpx.Response:
    """Post a file by a presigned form as a browser would, with some fields changed."""
    fields = {**form["fields"], **{name.replace("_", "-"): value for name, value in changed.items()}}
    return httpx.post(form["url"], data=fields, files={"file": ("picture", data)}, timeout=30, trust_env=False)


class Platform(Protocol):
    """Something that answers the API's calls at `base_url`, and gives access tokens."""

    @property
    def base_url(self) -> str:
        """Where the API answers."""

    def token(self, name: str, group: str | None = None) -> str:
        """Return an access token of the user `name`, who is made if needed."""


@dataclass
class Artist:
    """Somebody with an account and a profile.

    Attributes:
        platform: where.
        name: of the account; its handle is the same.
        client: speaks for the account.
    """

    platform: Platform
    name: str = field(default_factory=lambda: f"a{uuid4().hex[:12]}")
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.platform.token(self.name)}"}
        self.client = httpx.Client(base_url=self.platform.base_url, headers=headers, timeout=60, trust_env=False)
        weakref.finalize(self, self.client.close)
        answer = self.client.put("/v1/me", json={"handle": self.name, "display_name": f"Artist {self.name}"})
        assert answer.status_code in {200, 201}, answer.text

    def announce(self, data: bytes, content_type: str = "image/jpeg", **more: Any) -> dict[str, Any]:
        """Announce an upload, without a cloak unless one is named: it takes seconds; return the answer."""
        body = {"filename": "picture.bin", "content_type": content_type, "bytes": len(data), "cloak": "off", **more}
        answer = self.client.post("/v1/uploads", json=body)
        assert answer.status_code == 201, answer.text
        announced: dict[str, Any] = answer.json()
        return announced

    def upload(self, data: bytes, content_type: str = "image/jpeg", **more: Any) -> str:
        """Announce and upload a file, and return its media."""
        announced = self.announce(data, content_type, **more)
        answer = post_form(announced["upload"], data)
        assert answer.status_code in {200, 201, 204}, answer.text
        media_id: str = announced["media_id"]
        return media_id

    def media(self, media_id: str, wait: int = 0) -> dict[str, Any]:
        """Return what the API says of a media."""
        answer = self.client.get(f"/v1/media/{media_id}", params={"wait": wait})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def final_media(self, media_id: str, seconds: float = 60) -> dict[str, Any]:
        """Return a media once its state is final."""

        def final() -> dict[str, Any] | None:
            found = self.media(media_id, wait=5)
            return found if found["state"] in FINAL else None

        return until(final, seconds, f"the end of media {media_id}") or {}

    def post(self, *media_ids: str, **fields: Any) -> dict[str, Any]:
        """Make a post, published at once unless said otherwise, and return it."""
        body = {"title": "A picture", "media": [{"id": each, "alt": "a picture"} for each in media_ids], **fields}
        answer = self.client.post("/v1/posts", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def post_state(self, post_id: str) -> str:
        """Return a post's state as its author sees it."""
        answer = self.client.get(f"/v1/posts/{post_id}")
        assert answer.status_code == 200, answer.text
        state: str = answer.json()["state"]
        return state

    def published(self, post_id: str, seconds: float = 60) -> dict[str, Any]:
        """Return a post once it is published."""
        until(lambda: self.post_state(post_id) == "published", seconds, f"the publication of {post_id}")
        found: dict[str, Any] = self.client.get(f"/v1/posts/{post_id}").json()
        return found
