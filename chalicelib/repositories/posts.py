"""The posts table and its lists."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain import clock
from chalicelib.domain.disclosure import names_ai
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.moderation import Appeal
from chalicelib.domain.posts import Card, Post, PostFields
from chalicelib.domain.protection import Reason
from chalicelib.repositories.connection import (
    BaseModel,
    JsonAttribute,
    due_bucket,
    due_buckets,
    dynamodb_errors,
    transact,
    write,
)
from chalicelib.repositories.profiles import count_post
from chalicelib.settings import settings

MOST_EXAMINED = 40
"""How many items one page of the own posts reads at most when only some of them are wanted."""

_PROJECTED = ["card", "state", "visibility", "portfolio"]

_HELD = "#held"
"""Behind the author in the portfolio's index, for what not everyone may see."""


class _ByAuthor(GlobalSecondaryIndex["_PostItem"]):
    class Meta:
        index_name = "by_author"
        projection = IncludeProjection(_PROJECTED)

    author_id = UnicodeAttribute(hash_key=True)
    order_key = UnicodeAttribute(range_key=True)


class _PublicByAuthor(GlobalSecondaryIndex["_PostItem"]):
    class Meta:
        index_name = "public_by_author"
        projection = IncludeProjection(_PROJECTED)

    public_author = UnicodeAttribute(hash_key=True)
    order_key = UnicodeAttribute(range_key=True)


class _ByPortfolio(GlobalSecondaryIndex["_PostItem"]):
    class Meta:
        index_name = "by_portfolio"
        projection = IncludeProjection(_PROJECTED)

    portfolio_author = UnicodeAttribute(hash_key=True)
    portfolio_key = UnicodeAttribute(range_key=True)


class _Due(GlobalSecondaryIndex["_PostItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class _PostItem(BaseModel):
    class Meta:
        table_name = settings().posts_table

    by_author = _ByAuthor()
    public_by_author = _PublicByAuthor()
    by_portfolio = _ByPortfolio()
    due = _Due()

    post_id = UnicodeAttribute(hash_key=True)
    author_id = UnicodeAttribute()
    order_key = UnicodeAttribute()
    public_author = UnicodeAttribute(null=True)
    portfolio_author = UnicodeAttribute(null=True)
    portfolio_key = UnicodeAttribute(null=True)
    rank = UnicodeAttribute(null=True)
    state = UnicodeAttribute()
    visibility = UnicodeAttribute()
    portfolio = BooleanAttribute()
    card: JsonAttribute[Card] = JsonAttribute(Card)
    fields: JsonAttribute[PostFields] = JsonAttribute(PostFields)
    version = NumberAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    publish_at = UnicodeAttribute(null=True)
    published_at = UnicodeAttribute(null=True)
    reason: JsonAttribute[Reason] = JsonAttribute(Reason, null=True)
    unsettled: JsonAttribute[frozenset[str]] = JsonAttribute(frozenset[str], null=True)
    counted = BooleanAttribute(default=False)
    ai_disclosure = UnicodeAttribute(null=True)
    pinned_comment_id = UnicodeAttribute(null=True)
    labels: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    media_labels: JsonAttribute[tuple[str, ...]] = JsonAttribute(tuple[str, ...], null=True)
    removed_by = UnicodeAttribute(null=True)
    appeal: JsonAttribute[Appeal] = JsonAttribute(Appeal, null=True)
    renewed = NumberAttribute(null=True)
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)


def _to_domain(item: _PostItem) -> Post:
    return Post(
        post_id=item.post_id,
        author_id=item.author_id,
        fields=item.fields,
        state=item.state,  # type: ignore[arg-type]  # only states are ever written
        version=int(item.version),
        created_at=item.created_at,
        updated_at=item.updated_at,
        publish_at=item.publish_at,
        published_at=item.published_at,
        reason=item.reason,
        unsettled=item.unsettled or frozenset(),
        counted=item.counted,
        ai_disclosure=item.ai_disclosure,  # type: ignore[arg-type]  # only disclosures are ever written
        pinned_comment_id=item.pinned_comment_id,
        rank=item.rank,
        labels=item.labels or (),
        media_labels=item.media_labels or (),
        removed_by=item.removed_by,
        appeal=item.appeal,
        renewed=int(item.renewed or 0),
    )


def from_image(image: Mapping[str, Any]) -> Post:
    """Return the post in an image of the table's stream."""
    return _to_domain(_PostItem.from_raw_data(dict(image)))


def _to_item(post: Post, card: Card, moment: datetime) -> _PostItem:
    due_at = post.due_at(moment)
    return _PostItem(
        post.post_id,
        author_id=post.author_id,
        order_key=post.order_key,
        public_author=post.author_id if post.listed else None,
        portfolio_author=_portfolio_of(post),
        portfolio_key=post.portfolio_key if _portfolio_of(post) else None,
        rank=post.rank,
        state=post.state,
        visibility=post.fields.visibility,
        portfolio=post.fields.portfolio,
        card=card,
        fields=post.fields,
        version=post.version,
        created_at=post.created_at,
        updated_at=post.updated_at,
        publish_at=post.publish_at,
        published_at=post.published_at,
        reason=post.reason,
        unsettled=post.unsettled or None,
        counted=post.counted,
        ai_disclosure=post.ai_disclosure,
        pinned_comment_id=post.pinned_comment_id,
        labels=post.labels or None,
        media_labels=post.media_labels or None,
        removed_by=post.removed_by,
        appeal=post.appeal,
        renewed=post.renewed or None,
        due_at=due_at,
        due_bucket=due_bucket(due_at, post.post_id) if due_at else None,
    )


def _portfolio_of(post: Post) -> str | None:
    """Return the partition of the portfolio's index: what is for all stands apart, so that lists filter nothing."""
    if not (post.state == "published" and post.fields.portfolio):
        return None
    return post.author_id if post.listed else f"{post.author_id}{_HELD}"


def change_post(transaction: TransactWrite, old: Post, new: Post, card: Card, moment: datetime) -> None:
    """Store a changed post and its author's count as part of a transaction, which fails where it was changed since."""
    transaction.save(_to_item(new, card, moment), condition=_PostItem.version == old.version)
    change = int(new.counted) - int(old.counted)
    if change:
        count_post(transaction, new.author_id, change)


@dataclass(frozen=True, slots=True)
class CardPage:
    """Some cards, newest first, and the position after them; None at the end."""

    cards: tuple[Card, ...]
    position: str | None


class PostRepository:
    """Posts by id, and lists of their cards. All writes are conditional."""

    def create(self, post: Post, card: Card, moment: datetime) -> None:
        """Store a new post that is not yet published."""
        with dynamodb_errors():
            _to_item(post, card, moment).save(_PostItem.post_id.does_not_exist())

    def get(self, post_id: str, *, consistent: bool = False) -> Post | None:
        """Return a post, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(_PostItem.get(post_id, consistent_read=consistent))
            except _PostItem.DoesNotExist:
                return None

    def get_with_card(self, post_id: str) -> tuple[Post, Card] | None:
        """Return a post and its card, read consistently, or None."""
        with dynamodb_errors():
            try:
                item = _PostItem.get(post_id, consistent_read=True)
            except _PostItem.DoesNotExist:
                return None
            return _to_domain(item), item.card

    def get_many(self, post_ids: list[str]) -> list[Post]:
        """Return those of some posts that exist, read consistently, in no order."""
        with dynamodb_errors():
            return [_to_domain(item) for item in _PostItem.batch_get(post_ids, consistent_read=True)]

    def get_many_with_cards(self, post_ids: Iterable[str]) -> list[tuple[Post, Card]]:
        """Return those of some posts that exist, with their cards, read consistently, in no order."""
        with dynamodb_errors():
            return [(_to_domain(item), item.card) for item in _PostItem.batch_get(list(post_ids), consistent_read=True)]

    def save(self, old: Post, new: Post, card: Card, moment: datetime) -> None:
        """Store a changed post, and its author's count of posts with it, if nobody changed it since.

        ``new.version`` must be ``old.version + 1``.

        Raises:
            LostRaceError: somebody did, or the author has no profile any more.
        """
        item = _to_item(new, card, moment)
        unchanged = _PostItem.version == old.version
        change = int(new.counted) - int(old.counted)
        if not change:
            write(lambda: item.save(unchanged))
            return

        def writes(transaction: TransactWrite) -> None:
            transaction.save(item, condition=unchanged)
            count_post(transaction, new.author_id, change)

        transact(writes)

    def delete(self, post: Post) -> None:
        """Remove a post for good, if nobody changed it since.

        Raises:
            LostRaceError: somebody did.
        """
        write(lambda: _PostItem(post.post_id).delete(_PostItem.version == post.version))

    def of_author(self, author_id: str, limit: int) -> list[str]:
        """Return the ids of some posts of an author, whatever state they are in."""
        with dynamodb_errors():
            return [item.post_id for item in _PostItem.by_author.query(author_id, limit=limit, page_size=limit)]

    def forget(self, post_id: str) -> None:
        """Remove a post whose author is deleted, whoever else is changing it: they lose the race."""
        write(lambda: _PostItem(post_id).delete())

    def postpone(self, post_id: str, due_at: str) -> None:
        """Note when somebody must look after a waiting post again; one that waits no longer is left alone."""
        waiting = _PostItem.state.is_in("processing", "scheduled") & (_PostItem.due_at < due_at)
        actions: list[Any] = [_PostItem.due_at.set(due_at), _PostItem.due_bucket.set(due_bucket(due_at, post_id))]
        with suppress(LostRaceError):
            write(lambda: _PostItem(post_id).update(actions=actions, condition=waiting))

    def public_cards(
        self, author_id: str, *, portfolio: bool, limit: int, position: str | None, without_ai: bool = False
    ) -> CardPage:
        """List an author's posts that everyone may see; ``portfolio`` lists only those in the portfolio.

        ``without_ai`` leaves out those that say AI had a part in them; such a page costs what any other does, and may
        be short.
        """
        index = _PostItem.by_portfolio if portfolio else _PostItem.public_by_author

        def keep(card: Card) -> bool:
            return not (without_ai and names_ai(card.ai_disclosure))

        return _page(index, author_id, limit, position, keep, most=limit + 1)

    def own_cards(
        self,
        author_id: str,
        keep: Callable[[Card], bool],
        *,
        limit: int,
        position: str | None,
        most: int | None = None,
    ) -> CardPage:
        """List an author's posts in every state, those that ``keep`` holds for; it must keep back what is not for all.

        ``most`` is how many are looked at, :data:`MOST_EXAMINED` where it is not said.
        """
        most = most or max(limit + 1, MOST_EXAMINED)
        return _page(_PostItem.by_author, author_id, limit, position, keep, most=most)

    def portfolio_cards(
        self, author_id: str, keep: Callable[[Card], bool], *, limit: int, position: str | None
    ) -> CardPage:
        """List an author's published posts in the portfolio, whoever may see them, in the order of the portfolio.

        Those for which ``keep`` does not hold are left out, and the page is short then.
        """
        before = _PostItem.portfolio_key < position if position else None
        found: list[_PostItem] = []
        with dynamodb_errors():
            for partition in (author_id, author_id + _HELD):
                found += _PostItem.by_portfolio.query(
                    partition, before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1
                )
        found.sort(key=lambda item: str(item.portfolio_key), reverse=True)
        shown = found[:limit]
        cards = tuple(item.card for item in shown if keep(item.card))
        return CardPage(cards, shown[-1].portfolio_key if len(found) > limit else None)

    def portfolio_neighbours(self, author_id: str, key: str, *, above: bool) -> list[tuple[str, str]]:
        """Return keys and ids of the two posts that stand next to a key of an author's portfolio, the nearest first."""
        beyond = _PostItem.portfolio_key > key if above else _PostItem.portfolio_key < key
        with dynamodb_errors():
            found = [
                (str(item.portfolio_key), str(item.post_id))
                for partition in (author_id, author_id + _HELD)
                for item in _PostItem.by_portfolio.query(partition, beyond, scan_index_forward=above, limit=2)
            ]
        return sorted(found, reverse=not above)[:2]

    def due(self, since: datetime, until: datetime) -> list[str]:
        """Return the ids of posts that somebody must look after, due between two moments."""
        found: list[str] = []
        with dynamodb_errors():
            for bucket in due_buckets(since, until):
                query = _PostItem.due.query(bucket, _PostItem.due_at <= clock.to_text(until))
                found.extend(item.post_id for item in query)
        return found


def _page(
    index: Any, author_id: str, limit: int, position: str | None, keep: Callable[[Card], bool], *, most: int
) -> CardPage:
    """Read one page; one more than asked for tells whether there is a next.

    Where most is left out, a page ends early, perhaps empty, with the position to go on from: no page costs more than
    the reading of some items.
    """
    key = _PostItem.portfolio_key if index is _PostItem.by_portfolio else _PostItem.order_key
    before = key < position if position else None
    cards: list[Card] = []
    last: str | None = None
    with dynamodb_errors():
        items = index.query(author_id, before, scan_index_forward=False, limit=most, page_size=limit + 1)
        for examined, item in enumerate(items, 1):
            if item.state != "deleted" and keep(item.card):
                if len(cards) == limit:
                    return CardPage(tuple(cards), last)
                cards.append(item.card)
            last = getattr(item, key.attr_name)
            if examined == most:
                return CardPage(tuple(cards), last)
    return CardPage(tuple(cards), None)
