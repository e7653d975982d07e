"""Hubs: artists with very many followers, and their posts, each once for all who follow. In the directory's table."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.feeds import FRESH_SECONDS, KEPT_DAYS, FeedEntry, Hub, HubPost, HubPosts
from chalicelib.domain.ids import new_id
from chalicelib.repositories import raw
from chalicelib.repositories.card_codec import decode, encode
from chalicelib.repositories.lanes import NAMES, key_of
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_NOTE = "hub"
_MARK = "~mark"
"""Sorts after every post of a day; its value is another one whenever a post of the day was taken away or changed."""

_READ_AT_ONCE = 200


class HubRepository:
    """Hubs, and their posts by day."""

    def get(self, author_id: str) -> Hub | None:
        """Return an artist as a hub, read consistently, or None."""
        key = key_of(f"hub#{author_id}", _NOTE)
        found = raw.ask("GetItem", TableName=settings().directory_table, Key=key, ConsistentRead=True).get("Item")
        return _hub(found) if found else None

    def get_many(self, author_ids: Iterable[str]) -> dict[str, Hub]:
        """Return those of some artists that are hubs."""
        keys = [key_of(f"hub#{each}", _NOTE) for each in dict.fromkeys(author_ids)]
        found = raw.get_all(settings().directory_table, keys)
        return {text(item, "term").partition("#")[2]: _hub(item) for item in found}

    def make(self, author_id: str) -> Hub:
        """Make an artist a hub with a number of its own, unless it is one; return it."""
        answer = raw.ask(
            "UpdateItem",
            TableName=settings().directory_table,
            Key=key_of("hub-numbers", _NOTE),  # written once for each hub there will ever be, some hundreds
            UpdateExpression="ADD taken :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        number = int(answer["Attributes"]["taken"]["N"]) - 1
        item = {**key_of(f"hub#{author_id}", _NOTE), "number": {"N": str(number)}}
        condition = "attribute_not_exists(term)"
        try:
            raw.ask("PutItem", TableName=settings().directory_table, Item=item, ConditionExpression=condition)
        except LostRaceError:
            return self.get(author_id) or Hub(number, settled=False)
        return Hub(number, settled=False)

    def settle(self, author_id: str) -> None:
        """Note that all readers of a hub know it."""
        raw.ask(
            "UpdateItem",
            TableName=settings().directory_table,
            Key=key_of(f"hub#{author_id}", _NOTE),
            UpdateExpression="SET settled = :t",
            ExpressionAttributeValues={":t": {"BOOL": True}},
        )

    def forget(self, author_id: str) -> None:
        """Make an artist no hub any more, whose account is gone."""
        raw.delete_all(settings().directory_table, [key_of(f"hub#{author_id}", _NOTE)])

    def put(self, hub: Hub, entries: Iterable[FeedEntry], moment: datetime) -> None:
        """Have posts of a hub pulled, with their present cards; what is quite new needs no mark to be noticed."""
        made, fresh = list(entries), clock.to_text(moment - timedelta(seconds=FRESH_SECONDS))
        raw.put_all(settings().directory_table, [_item(hub, entry) for entry in made])
        for day in {entry.position[:10] for entry in made if entry.position < fresh}:
            self._mark(day)

    def remove(self, position: str) -> None:
        """Have a post pulled no more."""
        raw.delete_all(settings().directory_table, [key_of(f"hubs#{position[:10]}", position)])
        self._mark(position[:10])

    def of_day(self, day: str, above: str | None = None) -> HubPosts:
        """Return the posts of a day above a position, and the day's mark; without a position all of them."""
        posts: list[HubPost] = []
        mark, more = "", True
        while more:
            found, more = raw.query(
                *(settings().directory_table, NAMES, f"hubs#{day}", Span(above=above)),
                limit=_READ_AT_ONCE,
                order="oldest",
            )
            for item in found:
                above = text(item, "position")
                if above == _MARK:
                    mark = text(item, "mark")
                else:
                    entry = FeedEntry(above, decode(item["card"]["B"], above))
                    posts.append(HubPost(int(item["number"]["N"]), entry))
        return HubPosts(tuple(posts), mark)

    def _mark(self, day: str) -> None:
        item = {**key_of(f"hubs#{day}", _MARK), "mark": {"S": new_id()}, "expires_at": {"N": str(_ends(day))}}
        raw.put_all(settings().directory_table, [item])


def _ends(day: str) -> int:
    return int(clock.from_text(f"{day[:10]}T00:00:00.000Z").timestamp()) + (KEPT_DAYS + 1) * 86400


def _item(hub: Hub, entry: FeedEntry) -> Image:
    kept = {"number": {"N": str(hub.number)}, "expires_at": {"N": str(_ends(entry.position))}}
    return {**key_of(f"hubs#{entry.position[:10]}", entry.position), "card": {"B": encode(entry.shared)}, **kept}


def _hub(item: Image) -> Hub:
    return Hub(int(item["number"]["N"]), "settled" in item)
