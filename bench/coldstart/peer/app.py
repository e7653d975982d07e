"""Three routes as they are commonly written for Lambda: FastAPI behind Mangum, boto3 made once when the module loads.

It reads the same tables as the platform and answers with the same kind of bodies.
"""

import json
import os
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from fastapi import FastAPI, HTTPException  # type: ignore[import-not-found]  # installed by the bench
from mangum import Mangum  # type: ignore[import-not-found]
from pydantic import BaseModel

dynamodb: Any = boto3.resource("dynamodb")
handles = dynamodb.Table(os.environ["CARA_HANDLES_TABLE"])
profiles = dynamodb.Table(os.environ["CARA_PROFILES_TABLE"])
posts = dynamodb.Table(os.environ["CARA_POSTS_TABLE"])

app = FastAPI(title="peer")


class Health(BaseModel):
    """Whether the function answers."""

    status: str


class Profile(BaseModel):
    """What everybody may see of an artist."""

    handle: str
    display_name: str
    posts_count: int


class Post(BaseModel):
    """What a list shows of a post."""

    post_id: str
    card: dict[str, Any]


class Page(BaseModel):
    """A page of a list."""

    items: list[Post]


def owner_of(handle: str) -> str:
    """Return the account that a handle names; raises the framework's error if there is none."""
    found = handles.get_item(Key={"handle": handle}).get("Item")
    if found is None:
        raise HTTPException(404)
    return str(found["account_id"])


@app.get("/v1/health")  # type: ignore[untyped-decorator]
def health() -> Health:
    """Answer without asking anything else."""
    return Health(status="ok")


@app.get("/v1/profiles/{handle}")  # type: ignore[untyped-decorator]
def get_profile(handle: str) -> Profile:
    """Return what everybody may see of an artist."""
    item = profiles.get_item(Key={"account_id": owner_of(handle)})["Item"]
    return Profile(**json.loads(item["fields"]), posts_count=int(item["posts_count"]))


@app.get("/v1/profiles/{handle}/posts")  # type: ignore[untyped-decorator]
def list_posts(handle: str, limit: int = 20) -> Page:
    """Return an artist's newest posts."""
    found = posts.query(
        IndexName="public_by_author",
        KeyConditionExpression=Key("public_author").eq(owner_of(handle)),
        ScanIndexForward=False,
        Limit=limit,
    )
    return Page(items=[Post(post_id=item["post_id"], card=json.loads(item["card"])) for item in found["Items"]])


handler = Mangum(app, lifespan="off")
