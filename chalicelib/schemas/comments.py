"""Comments and their threads."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.domain.comments import MAX_COMMENT, Comment
from chalicelib.schemas.base import Clean, PageQuery, Schema
from chalicelib.schemas.posts import AuthorAnswer
from chalicelib.services.comments import Thread


class CommentRequest(Schema):
    """A new comment."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_COMMENT), Clean]
    parent_id: str | None = Field(None, max_length=40, description="The comment on the post that it answers")


class PinRequest(Schema):
    """Which comment stands first."""

    comment_id: str = Field(max_length=40)


class CommentAnswer(Schema):
    """A comment. One that was deleted and had been answered says nothing any more."""

    id: str
    post_id: str
    parent_id: str | None
    author: AuthorAnswer | None
    text: str
    mentions: list[str] = Field(description="Handles in the text that were somebody's when it was written")
    answers: int
    deleted: bool
    created_at: str


class CommentList(Schema):
    """A page of a thread."""

    pinned: CommentAnswer | None = Field(description="With the first page of a post's comments: the one to show first")
    items: list[CommentAnswer]
    next_cursor: str | None


class ThreadQuery(PageQuery):
    """Which thread, and from which end."""

    parent_id: str | None = Field(None, max_length=40, description="The comment whose answers are asked for")
    order: Literal["oldest", "newest"] = Field("oldest", description="What comes first")


def comment_answer(comment: Comment) -> CommentAnswer:
    """Return a comment as clients see it."""
    author = comment.author
    return CommentAnswer(
        id=comment.comment_id,
        post_id=comment.post_id,
        parent_id=comment.parent_id,
        author=AuthorAnswer(handle=author.handle, display_name=author.display_name) if author else None,
        text=comment.text,
        mentions=[mention.handle for mention in comment.mentions],
        answers=comment.answers,
        deleted=comment.deleted,
        created_at=comment.made_at,
    )


def thread_answer(thread: Thread, cursor: str | None) -> CommentList:
    """Return a page of a thread as clients see it."""
    pinned = comment_answer(thread.pinned) if thread.pinned else None
    return CommentList(pinned=pinned, items=[comment_answer(each) for each in thread.comments], next_cursor=cursor)
