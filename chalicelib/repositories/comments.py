"""The comments table. A comment knows how many answers it has: they are stored and removed together with that."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from chalicelib.domain.cards import CardAuthor
from chalicelib.domain.comments import Comment, CommentPage, Withheld
from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.mentions import Mention
from chalicelib.repositories.connection import BaseModel, dynamodb_errors, transact, write
from chalicelib.repositories.packing import COMMENT_DICTIONARY, PackedAttribute
from chalicelib.settings import settings

_ANSWERS = 50

STEP, ENOUGH_BYTES = 7, 8192
"""Comments are read in steps of so many until there are enough, or enough bytes: a page of long ones is a short one."""


@dataclass(frozen=True, slots=True)
class _Body:
    post_author_id: str
    author: CardAuthor | None
    text: str
    parent_author_id: str | None = None
    mentions: tuple[Mention, ...] = ()


class _ByThread(GlobalSecondaryIndex["_CommentItem"]):
    class Meta:
        index_name = "by_thread"
        projection = AllProjection()

    thread = UnicodeAttribute(hash_key=True)
    comment_id = UnicodeAttribute(range_key=True)


class _ByAuthor(GlobalSecondaryIndex["_CommentItem"]):
    class Meta:
        index_name = "by_author"
        projection = KeysOnlyProjection()

    author_id = UnicodeAttribute(hash_key=True)
    comment_id = UnicodeAttribute(range_key=True)


class _CommentItem(BaseModel):
    class Meta:
        table_name = settings().comments_table

    by_thread = _ByThread()
    by_author = _ByAuthor()

    comment_id = UnicodeAttribute(hash_key=True)
    thread = UnicodeAttribute()
    post_id = UnicodeAttribute()
    author_id = UnicodeAttribute(null=True)
    body: PackedAttribute[_Body] = PackedAttribute(_Body, COMMENT_DICTIONARY)
    answers = NumberAttribute(default=0)
    deleted = BooleanAttribute(null=True)
    withheld: PackedAttribute[_Body] = PackedAttribute(_Body, COMMENT_DICTIONARY, null=True)


def from_image(image: Mapping[str, Any]) -> Comment:
    """Return the comment in an image of the table's stream."""
    return _to_domain(_CommentItem.from_raw_data(dict(image)))


class CommentRepository:
    """Comments by id, by thread and by author."""

    def add(self, comment: Comment) -> None:
        """Store a new comment.

        Raises:
            LostRaceError: what it answers is not there any more.
        """
        item = _to_item(comment)
        if comment.parent_id is None:
            write(lambda: item.save(_CommentItem.comment_id.does_not_exist()))
            return
        there = _CommentItem.comment_id.exists() & _CommentItem.deleted.does_not_exist()

        def writes(transaction: TransactWrite) -> None:
            transaction.save(item, condition=_CommentItem.comment_id.does_not_exist())
            parent = _CommentItem(comment.thread)
            transaction.update(parent, actions=[_CommentItem.answers.add(1)], condition=there)

        transact(writes)

    def get(self, comment_id: str, *, consistent: bool = False) -> Comment | None:
        """Return a comment, or None."""
        with dynamodb_errors():
            try:
                return _to_domain(_CommentItem.get(comment_id, consistent_read=consistent))
            except _CommentItem.DoesNotExist:
                return None

    def thread(self, thread: str, *, newest_first: bool, limit: int, position: str | None) -> CommentPage:
        """List a thread, oldest first or newest first; a page may be short where comments are long."""
        items: list[_CommentItem] = []
        before = position
        more = True
        while more and len(items) <= limit and sum(map(_size, items)) < ENOUGH_BYTES:
            step = min(STEP, limit + 1 - len(items))
            found, more = _step(thread, step, before, newest_first=newest_first)
            items += found
            before = items[-1].comment_id if items else None
        shown = items[:limit]
        more = more or len(items) > limit
        return CommentPage(tuple(map(_to_domain, shown)), shown[-1].comment_id if more and shown else None)

    def remove(self, comment: Comment) -> None:
        """Remove a comment; one with answers stays as their place, and says nothing. What is gone is left alone.

        Raises:
            TemporaryError: others keep answering it.
        """
        if comment.withheld is not None and comment.parent_id is not None:  # it is counted no more
            write(lambda: _CommentItem(comment.comment_id).delete())
            return
        if comment.parent_id is not None:
            self._remove_answer(comment, comment.parent_id)
            return
        try:
            write(lambda: _CommentItem(comment.comment_id).delete(_CommentItem.answers == 0))
        except LostRaceError:
            self._silence(comment)

    def _silence(self, comment: Comment) -> None:
        body = _Body(comment.post_author_id, None, "")
        actions: list[Any] = [
            _CommentItem.body.set(body),
            _CommentItem.deleted.set(True),
            _CommentItem.author_id.remove(),
            _CommentItem.withheld.remove(),
        ]
        with suppress(LostRaceError):
            item = _CommentItem(comment.comment_id)
            write(lambda: item.update(actions=actions, condition=_CommentItem.comment_id.exists()))
        self._tidy(comment.comment_id)

    def _remove_answer(self, comment: Comment, parent_id: str) -> None:
        def writes(transaction: TransactWrite) -> None:
            item = _CommentItem(comment.comment_id)
            transaction.delete(item, condition=_CommentItem.comment_id.exists())
            actions: list[Any] = [_CommentItem.answers.add(-1)]
            transaction.update(_CommentItem(parent_id), actions=actions, condition=_CommentItem.comment_id.exists())

        try:
            transact(writes)
        except LostRaceError:  # the answer is gone, or what it answered: then nothing counts it
            write(lambda: _CommentItem(comment.comment_id).delete())
        self._tidy(parent_id)

    def withhold(self, comment: Comment) -> None:
        """Have a comment say nothing any more, and keep what it said, so that it can be given back.

        Raises:
            LostRaceError: it was deleted or changed meanwhile.
        """
        said = replace(_said(comment), parent_author_id=None)  # who may be gone by then
        silent = _Body(comment.post_author_id, None, "")
        actions = [_CommentItem.body.set(silent), _CommentItem.withheld.set(said), _CommentItem.deleted.set(True)]
        shown = _CommentItem.comment_id.exists() & _CommentItem.deleted.does_not_exist()
        self._change_counted(comment, actions, shown, -1)

    def give_back(self, comment: Comment, parent_author_id: str | None) -> None:
        """Have a comment say again what it said, an answer with whose comment it answers.

        Raises:
            LostRaceError: it was deleted or changed meanwhile, or what it answered is gone.
        """
        said = replace(_said(comment), parent_author_id=parent_author_id)
        actions = [_CommentItem.body.set(said), _CommentItem.withheld.remove(), _CommentItem.deleted.remove()]
        self._change_counted(comment, actions, _CommentItem.withheld.exists(), 1)

    def _change_counted(self, comment: Comment, actions: list[Any], condition: Any, answers: int) -> None:
        """Change a comment; an answer together with the count of the comment that it answers."""

        def writes(transaction: TransactWrite) -> None:
            transaction.update(_CommentItem(comment.comment_id), actions=actions, condition=condition)
            if comment.parent_id is not None:
                counted: list[Any] = [_CommentItem.answers.add(answers)]
                there = _CommentItem.comment_id.exists()
                transaction.update(_CommentItem(comment.parent_id), actions=counted, condition=there)

        transact(writes)

    def _tidy(self, comment_id: str) -> None:
        """Remove the place of answers once there are none, unless what it said may come back."""
        empty = (_CommentItem.answers == 0) & _CommentItem.deleted.exists() & _CommentItem.withheld.does_not_exist()
        with suppress(LostRaceError):
            write(lambda: _CommentItem(comment_id).delete(empty))

    def drop(self, comment_ids: Iterable[str]) -> None:
        """Remove some comments for good, whatever answers them."""
        with dynamodb_errors(), _CommentItem.batch_write() as batch:
            for comment_id in comment_ids:
                batch.delete(_CommentItem(comment_id))

    def forget_answered(self, comment_id: str, position: str | None) -> str | None:
        """Have some answers to a comment that says nothing any more forget who wrote it; return where to go on."""
        with dynamodb_errors():
            after = _CommentItem.comment_id > position if position else None
            items = list(_CommentItem.by_thread.query(comment_id, after, limit=_ANSWERS, page_size=_ANSWERS))
        for item in items:
            body: _Body = item.body
            if body.parent_author_id is not None and item.author_id is not None:
                _store_body(item.comment_id, item.author_id, replace(body, parent_author_id=None))
        return items[-1].comment_id if len(items) == _ANSWERS else None

    def by_author(self, author_id: str, *, limit: int, position: str | None) -> list[str]:
        """Return the ids of some of an author's comments, oldest first, those after a position."""
        after = _CommentItem.comment_id > position if position else None
        with dynamodb_errors():
            query = _CommentItem.by_author.query(author_id, after, limit=limit, page_size=limit)
            return [item.comment_id for item in query]

    def rename(self, comment_id: str, author: CardAuthor) -> None:
        """Have a comment call its author as they are called now; one that is theirs no longer is left alone."""
        with dynamodb_errors():
            try:
                item = _CommentItem.get(comment_id, consistent_read=True)
            except _CommentItem.DoesNotExist:
                return
        said = _CommentItem.withheld if item.withheld else _CommentItem.body
        body = replace(item.withheld or item.body, author=author)
        there = said.exists() if item.withheld else _CommentItem.withheld.does_not_exist()
        theirs = (_CommentItem.author_id == author.account_id) & there
        with suppress(LostRaceError):
            write(lambda: item.update(actions=[said.set(body)], condition=theirs))


def _store_body(comment_id: str, author_id: str, body: _Body) -> None:
    """Store what a comment says, unless it says nothing any more."""
    theirs = _CommentItem.author_id == author_id
    with suppress(LostRaceError):
        write(lambda: _CommentItem(comment_id).update([_CommentItem.body.set(body)], theirs))


def _said(comment: Comment) -> _Body:
    """Return what a comment says, or did before it was removed."""
    shown = comment.withheld or comment
    return _Body(comment.post_author_id, shown.author, shown.text, comment.parent_author_id, shown.mentions)


def _step(thread: str, limit: int, position: str | None, *, newest_first: bool) -> tuple[list[_CommentItem], bool]:
    """Read some comments of a thread, and tell whether there may be more."""
    last = {"thread": {"S": thread}, "comment_id": {"S": position}} if position else None
    with dynamodb_errors():
        query = _CommentItem.by_thread.query(
            thread, limit=limit, page_size=limit, scan_index_forward=not newest_first, last_evaluated_key=last
        )
        return list(query), query.last_evaluated_key is not None


def _size(item: _CommentItem) -> int:
    """Return about how many bytes an item has."""
    values = (value for kinds in item.serialize().values() for value in kinds.values())
    return sum(len(value) for value in values if isinstance(value, str | bytes))


def _to_item(comment: Comment) -> _CommentItem:
    return _CommentItem(
        comment.comment_id,
        thread=comment.thread,
        post_id=comment.post_id,
        author_id=comment.author.account_id if comment.author else None,
        body=_Body(comment.post_author_id, comment.author, comment.text, comment.parent_author_id, comment.mentions),
        answers=comment.answers,
    )


def _to_domain(item: _CommentItem) -> Comment:
    body: _Body = item.body
    return Comment(
        comment_id=item.comment_id,
        post_id=item.post_id,
        post_author_id=body.post_author_id,
        author=body.author,
        text=body.text,
        parent_id=item.thread if item.thread != item.post_id else None,
        parent_author_id=body.parent_author_id,
        mentions=body.mentions,
        answers=int(item.answers),
        deleted=bool(item.deleted),
        withheld=_withheld(item.withheld) if item.withheld else None,
    )


def _withheld(said: _Body) -> Withheld | None:
    return Withheld(said.author, said.text, said.mentions) if said.author else None
