"""Compares a table with a restored copy of it, and writes items back: what tools/restore.py does once both are there.

An item that is written back becomes due at once. So the sweep looks after it within minutes, and makes true again what
hangs on it: only pictures that something published shows can be fetched.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain import clock
from chalicelib.repositories.connection import due_bucket
from tools.deploy.errors import DeployError

type Item = Mapping[str, Any]
"""An item as DynamoDB's API gives it: attribute names to `{"S": "text"}` and the like."""

COUNTERS = ("version", "exposure_version")
"""Attributes by which the repositories notice that somebody else came first."""

TALLIES = ("counted", "posts_count")
"""Whether a post is counted, and the count in its author's profile: they go with each other, not with what is said."""

BOOKKEEPING = {*COUNTERS, *TALLIES, "updated_at", "due_at", "due_bucket", "unsettled", "exposure"}
"""What the platform notes for itself and sees to by itself: no difference that people mean."""

MISSING, CHANGED, UNCHANGED, EXPIRED = "missing now", "changed since", "unchanged", "expired by itself"
PUT_BACK, OVERWRITTEN, LEFT = "put back", "overwritten", "left, as others changed it"
UNKNOWN = "not there then"

_PAGE = 100  # keys that BatchGetItem takes at most
_SAID_EVERY = 10_000
_SAMPLES = 10
_TRIES = 8
_PARALLEL = 8  # below the ten connections that a client keeps
_OVERTAKEN = {"ConditionalCheckFailedException", "TransactionConflictException"}


@dataclass(frozen=True, slots=True)
class Tables:
    """A table and its restored copy.

    Attributes:
        live, copy: their names.
        key: the attribute that is the key, a text; no table of ours has another kind.
        expiry: the attribute that says when DynamoDB forgets an item, in seconds since 1970; empty for never.
        media: name of the table of the pictures that posts show.
    """

    live: str
    copy: str
    key: str
    expiry: str = ""
    media: str = ""


@dataclass(slots=True)
class Findings:
    """How many items of each kind there are, with the first keys of each."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, kind: str, key: str) -> None:
        """Count an item."""
        self.counts[kind] += 1
        if len(self.samples[kind]) < _SAMPLES:
            self.samples[kind].append(key)

    def line(self, kind: str) -> str:
        """Return what people read of a kind."""
        more = self.counts[kind] - len(self.samples[kind])
        keys = ", ".join(self.samples[kind]) + (f" and {more} more" if more else "")
        return f"  {kind:26} {self.counts[kind]:6}  {keys}".rstrip()


def bring_back(client: Any, tables: Tables, wanted: Sequence[str], *, missing: bool, changed: bool) -> Findings:
    """Compare the copy with the live table, page by page, and write back what is `missing` or `changed`, if asked to.

    `wanted` are the keys to look at; none for all. Raises ClientError and BotoCoreError, and DeployError where
    DynamoDB keeps holding items back; what was written until then stays.
    """
    found, compared = Findings(), 0
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for page in _pages(client, tables, wanted, found):
            live = read(client, tables.live, tables.key, page)
            todo: list[tuple[str, Item, Item | None]] = []
            for key, then in page.items():
                kind = kind_of(then, live.get(key), tables.expiry)
                found.note(kind, key)
                if (missing and kind == MISSING) or (changed and kind == CHANGED):
                    todo.append((key, then, live.get(key)))
            written = pool.map(lambda each: put_back(client, tables, each[1], each[2]), todo)
            for (key, _, now), done in zip(todo, written, strict=True):
                found.note((OVERWRITTEN if now else PUT_BACK) if done else LEFT, key)
            before, compared = compared, compared + len(page)
            if before // _SAID_EVERY < compared // _SAID_EVERY:
                print(f"  {compared} compared", flush=True)
    return found


def _pages(client: Any, tables: Tables, wanted: Sequence[str], found: Findings) -> Iterator[dict[str, Item]]:
    """Give the items of the copy by key, no more than can be asked of the live table at once."""
    for start in range(0, len(wanted), _PAGE):
        asked = list(dict.fromkeys(wanted[start : start + _PAGE]))
        page = read(client, tables.copy, tables.key, asked)
        for key in asked:
            if key not in page:
                found.note(UNKNOWN, key)
        yield page
    if not wanted:
        scan = client.get_paginator("scan").paginate(TableName=tables.copy, PaginationConfig={"PageSize": _PAGE})
        for answer in scan:
            yield {item[tables.key]["S"]: item for item in answer["Items"]}


def read(client: Any, table: str, attribute: str, keys: Iterable[str], *, pause: float = 0.1) -> dict[str, Item]:
    """Return those of at most 100 items that exist, by key, read consistently.

    What DynamoDB holds back is asked for again, after `pause` seconds and then ever later. Raises DeployError if it
    does so time and again.
    """
    left = [{attribute: {"S": key}} for key in keys]
    items: dict[str, Item] = {}
    for tries in range(_TRIES):
        if not left:
            return items
        if tries:
            time.sleep(pause * 2**tries)
        answer = client.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
        items |= {item[attribute]["S"]: item for item in answer["Responses"].get(table, ())}
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    if left:
        raise DeployError(f"{table} is too busy to be read: run the same command again later")
    return items


def kind_of(then: Item, now: Item | None, expiry: str) -> str:
    """Return what became of an item."""
    if expiry in then and float(then[expiry]["N"]) < time.time():
        return EXPIRED
    if now is None:
        return MISSING
    return UNCHANGED if _content(then) == _content(now) else CHANGED


def _content(item: Item) -> dict[str, Any]:
    return {name: _comparable(value) for name, value in item.items() if name not in BOOKKEEPING}


def _comparable(value: Mapping[str, Any]) -> Any:
    """Return a value such that equal ones are equal: sets come in any order."""
    [(kind, content)] = value.items()
    if kind == "M":
        return kind, {name: _comparable(each) for name, each in content.items()}
    if kind == "L":
        return kind, [_comparable(each) for each in content]
    return kind, sorted(content) if kind in {"SS", "NS", "BS"} else content


def put_back(client: Any, tables: Tables, then: Item, now: Item | None) -> bool:
    """Write an item as it was then, if the live one still is `now`, and tell whether it was."""
    if tables.key == "post_id":
        _add_uses(client, tables.media, then)
    item = {**then, **_due(tables.key, then, now or {}), **(_kept(then, now) if now else {})}
    try:
        client.put_item(TableName=tables.live, Item=item, **_unless_overtaken(tables.key, then, now))
    except ClientError as error:
        if error.response["Error"]["Code"] in _OVERTAKEN:
            return False
        raise
    return True


def _add_uses(client: Any, media: str, post: Item) -> None:
    """Note with each picture of a post that the post shows it: one that was deleted had its uses taken back."""
    for media_id in _pictures(post):
        try:
            client.update_item(
                TableName=media,
                Key={"media_id": {"S": media_id}},
                UpdateExpression="ADD used_by :post",
                ConditionExpression="owner_id = :owner",
                ExpressionAttributeValues={":post": {"SS": [post["post_id"]["S"]]}, ":owner": post["author_id"]},
            )
        except ClientError as error:
            # the picture is gone: the post says so once the sweep has looked after it
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


def _kept(then: Item, now: Item) -> dict[str, Any]:
    """Return the attributes that go on from those of the live item.

    Counters, so that whoever has read that one notices. Tallies. And what uses a picture: a post made since shows it.
    """
    counters = {
        name: {"N": str(max(int(each.get(name, {"N": "0"})["N"]) for each in (then, now)) + 1)}
        for name in COUNTERS
        if name in now
    }
    uses = sorted({use for each in (then, now) for use in each.get("used_by", {"SS": []})["SS"]})
    tallies = {name: now[name] for name in TALLIES if name in now}
    return {**counters, **tallies, **({"used_by": {"SS": uses}} if uses else {})}


def _due(key: str, then: Item, now: Item) -> dict[str, Any]:
    """Return the attributes by which the sweep looks after the item, and after whether its pictures are public."""
    moment = clock.to_text(clock.now())
    due = {"due_at": {"S": moment}, "due_bucket": {"S": due_bucket(moment, then[key]["S"])}}
    pictures = sorted({*_pictures(then), *_pictures(now)})
    if pictures:
        return {**due, "unsettled": {"S": json.dumps(pictures)}}
    if "picture" in then and key == "media_id":
        return {**due, "exposure": {"S": "changing"}}
    return due if "due_at" in then else {}


def _pictures(post: Item) -> list[str]:
    """Return the ids of the pictures of a post; none for any other item."""
    fields = json.loads(post["fields"]["S"]) if "post_id" in post and "fields" in post else {}
    noted = json.loads(post["unsettled"]["S"]) if "unsettled" in post else []
    return [*noted, *(each["media_id"] for each in fields.get("media", ()))]


def _unless_overtaken(key: str, then: Item, now: Item | None) -> dict[str, Any]:
    """Return the condition that the live item is as it was compared: not every change of ours counts as a version."""
    if now is None:
        return {"ConditionExpression": "attribute_not_exists(#k)", "ExpressionAttributeNames": {"#k": key}}
    names = sorted({*then, *now})
    conditions = [f"#{n} = :{n}" if name in now else f"attribute_not_exists(#{n})" for n, name in enumerate(names)]
    return {
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {f"#{n}": name for n, name in enumerate(names)},
        "ExpressionAttributeValues": {f":{n}": now[name] for n, name in enumerate(names) if name in now},
    }
