"""Tickets on the ring of discovery, and where the hand was. See docs/adr/0033-discovery-gives-an-equal-chance.md."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.cards import SharedCard
from chalicelib.domain.discovery import Hand, ends_at, sector_of, ticket_key
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.listings import Listing
from chalicelib.repositories import raw
from chalicelib.repositories.card_codec import decode, encode
from chalicelib.repositories.lanes import NAMES, key_of
from chalicelib.repositories.raw import Image, Span, text
from chalicelib.settings import settings

_NOTE = "ticket"
_HAND_DAYS = 2


@dataclass(frozen=True, slots=True)
class Ticket:
    """An artist's newest public post, on the ring."""

    key: str
    ends_at: str
    shared: SharedCard


class DrawRepository:
    """The ring, one ticket an artist, and the hand."""

    def after(self, key: str, limit: int) -> tuple[list[Ticket], bool]:
        """Return up to ``limit`` tickets after a key in its sector, in order, and whether it may hold more."""
        partition, span = _sector(key), Span(above=key)
        found, more = raw.query(settings().directory_table, NAMES, partition, span, limit=limit, order="oldest")
        return [_ticket(item) for item in found], more

    def renew(self, author_id: str, newest: Callable[[], Listing | None]) -> None:
        """Have an artist's ticket be the post that ``newest`` returns; none for None.

        It is asked after the artist's note was read, and the note is written whatever it says: who asked earlier and is
        later, loses.

        Raises:
            LostRaceError: somebody else renewed it meanwhile; once more.
        """
        table, key = settings().directory_table, key_of(f"ticket#{author_id}", _NOTE)
        known = raw.ask("GetItem", TableName=table, Key=key, ConsistentRead=True).get("Item")
        before, listing = text(known, "key") if known else "", newest()
        after = ticket_key(listing.shared.card.post_id) if listing else ""
        version = int(known["version"]["N"]) if known else 0
        note: Image = {**key, "key": {"S": after}, "version": {"N": str(version + 1)}}
        unchanged = "version = :v" if known else "attribute_not_exists(version)"
        values = {"ExpressionAttributeValues": {":v": {"N": str(version)}}} if known else {}
        writes: list[Any] = [{"Put": {"TableName": table, "Item": note, "ConditionExpression": unchanged, **values}}]
        if listing:
            writes.append({"Put": {"TableName": table, "Item": _item(after, listing)}})
        if before and before != after:
            writes.append({"Delete": {"TableName": table, "Key": key_of(_sector(before), before)}})
        raw.ask("TransactWriteItems", TransactItems=writes)

    def forget(self, author_id: str) -> None:
        """Remove the ticket of an artist whose account is gone, and the note of it."""
        table, key = settings().directory_table, key_of(f"ticket#{author_id}", _NOTE)
        known = raw.ask("GetItem", TableName=table, Key=key, ConsistentRead=True).get("Item")
        ticket = text(known, "key") if known else ""
        raw.delete_all(table, [key, *([key_of(_sector(ticket), ticket)] if ticket else [])])

    def hand(self, turn: str) -> Hand | None:
        """Return where the hand was last, up to and with a turn; None where it has not dealt today or yesterday."""
        below = f"{turn}~"
        for day in (turn[:10], clock.to_text(clock.from_text(turn) - timedelta(days=1))[:10]):
            found, _ = raw.query(settings().directory_table, NAMES, f"hands#{day}", Span(below=below), limit=1)
            if found:
                return Hand(text(found[0], "position"), text(found[0], "start"), text(found[0], "following"))
        return None

    def note_hand(self, hand: Hand) -> None:
        """Note where the hand deals from, unless somebody noted it for this turn."""
        expires = int(clock.from_text(hand.turn).timestamp()) + _HAND_DAYS * 86400
        said = {"start": {"S": hand.start}, "following": {"S": hand.following}, "expires_at": {"N": str(expires)}}
        item = {**key_of(f"hands#{hand.turn[:10]}", hand.turn), **said}
        condition = "attribute_not_exists(term)"
        with suppress(LostRaceError):
            raw.ask("PutItem", TableName=settings().directory_table, Item=item, ConditionExpression=condition)


def _sector(key: str) -> str:
    return f"ring#{sector_of(key)}"


def _item(key: str, listing: Listing) -> Image:
    ends = ends_at(listing.position.partition("#")[0])
    kept: Image = {"at": {"S": listing.position}, "card": {"B": encode(listing.shared)}}
    return {**key_of(_sector(key), key), **kept, "expires_at": {"N": str(int(clock.from_text(ends).timestamp()))}}


def _ticket(item: Image) -> Ticket:
    at = text(item, "at")
    return Ticket(text(item, "position"), ends_at(at.partition("#")[0]), decode(item["card"]["B"], at))
