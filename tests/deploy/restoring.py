"""What the tests of tools/restore.py work with: a stage's base stack, its posts and pictures."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.stub import Stubber

from tests.support.clients import admin_client
from tests.support.processes import run_tool
from tools.localcloud.config import REGION
from tools.localcloud.environment import ROOT_CREDENTIALS, credential_environment

AT = "2026-01-02T10:00:00Z"
LIVE = "cara-mend-posts"
COPY = f"{LIVE}-at-20260102T100000"


@dataclass(frozen=True)
class Stage:
    """The base stack of a stage, and what people do to its posts."""

    endpoint: str
    outputs: dict[str, str] = field(hash=False)

    @property
    def environ(self) -> dict[str, str]:
        return {**credential_environment(ROOT_CREDENTIALS), "AWS_ENDPOINT_URL": self.endpoint}

    def client(self, service: str) -> Any:
        return admin_client(service, self.endpoint)

    def run(self, *arguments: str, table: str = "posts") -> subprocess.CompletedProcess[str]:
        fixed = ("--stage", "mend", "--table", table, "--at", AT)
        return run_tool("tools/restore.py", *fixed, *arguments, **self.environ)

    def put(self, post_id: str, title: str, table: str = LIVE, **more: Any) -> None:
        self.client("dynamodb").put_item(TableName=table, Item=item(post_id, title, **more))

    def get(self, post_id: str) -> dict[str, Any] | None:
        return self.posts().get(post_id)

    def posts(self, table: str = LIVE) -> dict[str, Any]:
        found = self.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
        return {each["post_id"]["S"]: each for each in found}

    def tables(self) -> list[str]:
        found: list[str] = self.client("dynamodb").list_tables()["TableNames"]
        return found


def item(post_id: str, title: str, version: int = 1, media: str = "", **more: Any) -> dict[str, Any]:
    """A published post as the repository stores it."""
    shown = [{"media_id": media, "alt": ""}] if media else []
    fields = {"title": title, "media": shown}
    card = {"post_id": post_id, "title": title, "state": "published", "visibility": "public", "portfolio": False}
    card |= {"published_at": AT, "created_at": AT, "media_count": len(shown), "content_warnings": [], "cover": None}
    texts = {"author_id": "ada", "order_key": f"{AT}#{post_id}", "public_author": "ada", "state": "published"}
    texts |= {"visibility": "public", "created_at": AT, "updated_at": AT, "published_at": AT}
    texts |= {"card": json.dumps(card), "fields": json.dumps(fields)}
    values = {name: {"S": text} for name, text in texts.items()}
    flags = {"portfolio": {"BOOL": False}, "counted": {"BOOL": True}, "version": {"N": str(version)}}
    return {"post_id": {"S": post_id}, **values, **flags, **more}


def held_picture(media_id: str) -> dict[str, Any]:
    """A protected picture that nobody can fetch, as the repository stores it."""
    request = {"filename": "a.png", "content_type": "image/png", "bytes": 1}
    rendition = {"name": "a.webp", "width": 9, "height": 9, "format": "webp", "bytes": 1, "sha256": "0"}
    picture = {"source_format": "png", "width": 9, "height": 9, "frames": 1, "blurhash": "x", "dominant_colors": []}
    picture |= {"perceptual_hash": "0", "cloak": {"level": "off", "applied": False}, "signals": []}
    picture |= {"protected_at": AT, "renditions": [{**rendition, "animated": False}]}
    texts = {"owner_id": "ada", "state": "ready", "created_at": AT, "updated_at": AT, "expires_at": AT}
    texts |= {"request": json.dumps(request), "picture": json.dumps(picture), "exposure": "held"}
    values = {name: {"S": text} for name, text in texts.items()}
    return {"media_id": {"S": media_id}, "version": {"N": "4"}, "exposure_version": {"N": "0"}, **values}


def title(post: dict[str, Any] | None) -> str:
    return str(json.loads(post["fields"]["S"])["title"]) if post else ""


@contextmanager
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    """A client that gives the answers of a list, and fails the test where other calls are made."""
    client = boto3.client("dynamodb", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield client, stubber
