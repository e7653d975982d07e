"""Commenting on posts: who may, what is shown to whom, and what is left of what was deleted."""

from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain.comments import Comment
from chalicelib.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.mentions import mentions, wanted_handles
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import Bounds
from chalicelib.services.cards import card_author
from chalicelib.services.ports import CommentStore
from chalicelib.services.publication import PublicationService
from chalicelib.services.sight import Seen, Sight, no_post

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Thread:
    """A page of a thread; with the first page of a post's comments comes the pinned one."""

    comments: tuple[Comment, ...]
    position: str | None
    pinned: Comment | None = None


@dataclass(frozen=True, slots=True)
class CommentService:
    """Writes, lists and deletes comments."""

    comments: CommentStore
    sight: Sight
    publication: PublicationService

    def write(self, account_id: str, post_id: str, text: str, parent_id: str | None) -> Comment:
        """Write a comment, or an answer to one.

        Raises:
            ConflictError: the account has no profile (``profile-needed``).
            ForbiddenError: the post's author lets others comment, or nobody (``comments-closed``).
            InvalidError: what is answered is no comment of this post, or too many people are named.
            NotFoundError: there is no such post for this account.
        """
        seen = self.sight.published(account_id, post_id)
        author = self.sight.profiles.get(account_id)
        if author is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        self._check_open(seen, account_id)
        parent = self._parent(post_id, parent_id, account_id) if parent_id is not None else None
        comment = self._comment(seen, author, text, parent)
        try:
            self.comments.add(comment)
        except LostRaceError as error:
            raise _no_parent() from error
        return self._checked(comment)

    def thread(
        self,
        post_id: str,
        account_id: str | None,
        parent_id: str | None,
        *,
        newest_first: bool,
        limit: int,
        position: str | None,
    ) -> Thread:
        """List a post's comments, or the answers to one of them, without what the reader does not see.

        Raises:
            NotFoundError: there is no such post, or no such comment below it, for this reader.
        """
        seen = self.sight.published(account_id, post_id)
        bounds = self.sight.bounds(account_id)
        if parent_id is not None:
            parent = self._in(post_id, parent_id)
            if parent is None or parent.gone or parent.hidden_by(bounds):
                raise no_comment(parent_id)
        page = self.comments.thread(parent_id or post_id, newest_first=newest_first, limit=limit, position=position)
        shown = tuple(comment for comment in page.comments if not (comment.gone or comment.hidden_by(bounds)))
        first = parent_id is None and position is None
        return Thread(shown, page.position, self._pinned(seen, bounds) if first else None)

    def delete(self, comment_id: str, account_id: str) -> None:
        """Delete an own comment, or one below an own post; where it was answered its place stays, and says nothing.

        Raises:
            NotFoundError: there is none that this account could delete.
        """
        comment = self.comments.get(comment_id, consistent=True) if is_id(comment_id) else None
        if comment is None or not comment.removable_by(account_id):
            raise no_comment(comment_id)
        self.comments.remove(comment)

    def pin(self, post_id: str, account_id: str, comment_id: str | None) -> None:
        """Have a comment stand first below an own post, or none.

        Raises:
            InvalidError: it is no comment on the post itself.
            NotFoundError: the account has no such post.
        """
        for _ in range(_ATTEMPTS):
            post = self.sight.posts.get(post_id, consistent=True) if is_id(post_id) else None
            if post is None or post.state == "deleted" or post.author_id != account_id:
                raise NotFoundError(f"There is no post {post_id} of yours.")
            if post.pinned_comment_id == comment_id:
                return
            self._check_pinnable(post_id, comment_id)
            with suppress(LostRaceError):
                self.publication.save(post, replace(post, pinned_comment_id=comment_id))
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _check_pinnable(self, post_id: str, comment_id: str | None) -> None:
        comment = self._in(post_id, comment_id) if comment_id else None
        if comment_id is not None and (comment is None or comment.deleted):
            raise InvalidError.of("comment_id", "is no comment on this post")

    def _check_open(self, seen: Seen, account_id: str) -> None:
        who = seen.post.fields.comments
        if who == "everyone" or account_id == seen.post.author_id:
            return
        if who == "followers" and self.sight.relations.follows(account_id, seen.post.author_id):
            return
        whom = "those who follow them" if who == "followers" else "nobody"
        raise ForbiddenError(f"The artist lets {whom} comment on this post.", code="comments-closed")

    def _parent(self, post_id: str, parent_id: str, account_id: str) -> Comment:
        parent = self._in(post_id, parent_id)
        if parent is None or parent.author is None:
            raise _no_parent()
        if self.sight.bounds(account_id).parted_from(parent.author.account_id):
            raise _no_parent()
        return parent

    def _in(self, post_id: str, comment_id: str) -> Comment | None:
        """Return a comment on a post itself, no answer; None where there is none."""
        comment = self.comments.get(comment_id, consistent=True) if is_id(comment_id) else None
        return comment if comment and comment.thread == post_id else None

    def _comment(self, seen: Seen, author: Profile, text: str, parent: Comment | None) -> Comment:
        handles = wanted_handles("text", text)
        return Comment(
            comment_id=new_id(),
            post_id=seen.post.post_id,
            post_author_id=seen.post.author_id,
            author=card_author(author),
            text=text,
            parent_id=parent.comment_id if parent else None,
            parent_author_id=parent.author.account_id if parent and parent.author else None,
            mentions=mentions(handles, self.sight.profiles.holders(handles)) if handles else (),
        )

    def _checked(self, comment: Comment) -> Comment:
        """Look once more: what removes a removed post's comments may have passed before this one was there."""
        post = self.sight.posts.get(comment.post_id, consistent=True)
        if post is None or post.state == "deleted":
            self.comments.remove(comment)
            raise no_post(comment.post_id)
        return comment

    def _pinned(self, seen: Seen, bounds: Bounds) -> Comment | None:
        pinned = seen.post.pinned_comment_id
        comment = self._in(seen.post.post_id, pinned) if pinned else None
        return comment if comment and not comment.deleted and not comment.hidden_by(bounds) else None


def no_comment(comment_id: str) -> NotFoundError:
    """Return what is said of a comment that is not there, or not for who asks."""
    return NotFoundError(f"There is no comment {comment_id}.")


def _no_parent() -> InvalidError:
    return InvalidError.of("parent_id", "is no comment on this post that can be answered")
