"""Lists of what an account reacted to."""

from chalicelib.schemas.posts import CardList, shared_card_answer
from chalicelib.services.addresses import Seen
from chalicelib.services.reactions import ListedCards


def shared_cards_answer(listed: ListedCards, cursor: str | None, media_base_url: str, seen: Seen) -> CardList:
    """Return a page of posts of several artists as clients see it."""
    return CardList(items=[shared_card_answer(each, media_base_url, seen) for each in listed.cards], next_cursor=cursor)
