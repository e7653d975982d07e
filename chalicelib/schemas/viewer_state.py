"""What somebody did with posts and is to people."""

from typing import Annotated

from pydantic import Field, model_validator

from chalicelib.domain.handles import canonical
from chalicelib.schemas.base import Schema
from chalicelib.services.viewer_state import ViewerState

MAX_ASKED = 100
"""Posts and handles together."""

Named = Annotated[str, Field(max_length=40)]


class ViewerStateRequest(Schema):
    """Of which posts and people: a page's worth, 100 at most."""

    posts: Annotated[tuple[Named, ...], Field(max_length=MAX_ASKED)] = ()
    handles: Annotated[tuple[Named, ...], Field(max_length=MAX_ASKED)] = ()

    @model_validator(mode="after")
    def _not_too_many(self) -> "ViewerStateRequest":
        if len(self.posts) + len(self.handles) > MAX_ASKED:
            raise ValueError(f"must not name more than {MAX_ASKED} posts and handles together")
        return self

    def canonical_handles(self) -> tuple[str, ...]:
        """Return the handles as they are stored."""
        return tuple(canonical(handle) for handle in self.handles)


class PostStateAnswer(Schema):
    """What the asker did with a post."""

    liked: bool
    bookmarked: bool
    reposted: bool


class PersonStateAnswer(Schema):
    """What the asker is to somebody; ``requested`` waits for the answer of a protected profile."""

    following: bool
    requested: bool
    blocked: bool
    muted: bool


class ViewerStateAnswer(Schema):
    """By what was asked for, handles in their canonical form. What is not there has nothing."""

    posts: dict[str, PostStateAnswer]
    handles: dict[str, PersonStateAnswer]


def viewer_state_answer(state: ViewerState) -> ViewerStateAnswer:
    """Return the state as clients see it."""
    return ViewerStateAnswer(
        posts={
            post_id: PostStateAnswer(liked="like" in kinds, bookmarked="bookmark" in kinds, reposted="repost" in kinds)
            for post_id, kinds in state.posts.items()
        },
        handles={
            handle: PersonStateAnswer(
                following="follow" in kinds,
                requested="request" in kinds,
                blocked="block" in kinds,
                muted="mute" in kinds,
            )
            for handle, kinds in state.people.items()
        },
    )
