"""Comments follow their posts, their authors and what they answer: removed, renamed, and made to forget with these."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.changes import Change
from chalicelib.domain.comments import Comment
from chalicelib.domain.errands import Errand
from chalicelib.domain.posts import Post
from chalicelib.services.cards import card_author
from chalicelib.services.ports import CommentStore, ErrandQueue, PostStore, ProfileStore
from chalicelib.services.reaction_upkeep import SECOND_LOOK_SECONDS

DROP = "drop-thread"
"""The errand that removes a removed post's thread; the threads below its comments are errands of their own."""

RENAME = "rename-comments"
"""The errand that has an author's comments call them as they are called now."""

FORGET_ANSWERED = "forget-answered"
"""The errand that has the answers to a comment which says nothing any more forget who wrote it."""

_PIECE = 50


@dataclass(frozen=True, slots=True)
class PostCommentConsumer:
    """Sends errands for posts that were removed."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Follow some changes of posts."""
        gone = [
            Errand(DROP, change.old.post_id)
            for change in changes
            if change.old is not None and change.old.published_at is not None and _gone(change.new)
        ]
        for delay in (0, SECOND_LOOK_SECONDS):
            self.errands.put_all(gone, delay)


@dataclass(frozen=True, slots=True)
class AnsweredConsumer:
    """Sends errands for comments that became but the place of their answers."""

    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Comment]]) -> None:
        """Follow some changes of comments."""
        for change in changes:
            if (
                change.old is not None
                and change.new is not None
                and _silenced(change.new)
                and not _silenced(change.old)
            ):
                for delay in (0, SECOND_LOOK_SECONDS):
                    self.errands.put(Errand(FORGET_ANSWERED, change.new.comment_id), delay)


@dataclass(frozen=True, slots=True)
class CommentUpkeep:
    """The workers of these errands."""

    comments: CommentStore
    posts: PostStore
    profiles: ProfileStore
    errands: ErrandQueue

    def drop(self, errand: Errand) -> Errand | None:
        """Remove some comments of a thread; a post that is there keeps its own.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        post_id = errand.arguments.get("post", errand.subject)
        if not _gone(self.posts.get(post_id, consistent=True)):
            return None
        page = self.comments.thread(errand.subject, newest_first=False, limit=_PIECE, position=errand.cursor)
        threads = [Errand(DROP, each.comment_id, arguments={"post": post_id}) for each in page.comments if each.answers]
        for delay in (0, SECOND_LOOK_SECONDS):
            self.errands.put_all(threads, delay)
        self.comments.drop(comment.comment_id for comment in page.comments)
        return replace(errand, cursor=page.position) if page.position else None

    def rename(self, errand: Errand) -> Errand | None:
        """Rename the author of some comments.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        found = self.comments.by_author(errand.subject, limit=_PIECE, position=errand.cursor)
        author = self.profiles.get(errand.subject) if found else None
        if author is None:
            return None
        for comment_id in found:
            self.comments.rename(comment_id, card_author(author))
        return replace(errand, cursor=found[-1]) if len(found) == _PIECE else None

    def forget_answered(self, errand: Errand) -> Errand | None:
        """Have some answers forget whom they answered.

        Raises:
            TemporaryError: it could not be ended; once more does no harm.
        """
        position = self.comments.forget_answered(errand.subject, errand.cursor)
        return replace(errand, cursor=position) if position else None


def _silenced(comment: Comment) -> bool:
    """Tell whether it says nothing any more, for good: what a moderator removed may come back."""
    return comment.deleted and comment.withheld is None


def _gone(post: Post | None) -> bool:
    return post is None or post.state == "deleted"
