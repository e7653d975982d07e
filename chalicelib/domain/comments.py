"""What people say below a post. A thread is a post's comments, or the answers to one of them: one level, no more."""

from dataclasses import dataclass

from chalicelib.domain import clock
from chalicelib.domain.cards import CardAuthor
from chalicelib.domain.ids import made_at
from chalicelib.domain.mentions import Mention
from chalicelib.domain.relations import Bounds

MAX_COMMENT = 2000
"""Characters of a comment."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, or an answer to one.

    Attributes:
        comment_id: ULID; threads are ordered by it.
        post_id: below which post it stands.
        post_author_id: whose post that is.
        author: who wrote it, as they are called at present; None once it is deleted.
        text: what they wrote.
        parent_id: the comment that it answers; None for a comment on the post itself.
        parent_author_id: who wrote that.
        mentions: whom the text names.
        answers: how many answers stand below it.
        deleted: whether it is but the place of its answers, and says nothing any more.
        withheld: what it said and by whom, where a moderator removed it: nobody is shown that, and it can come back.
    """

    comment_id: str
    post_id: str
    post_author_id: str
    author: CardAuthor | None
    text: str
    parent_id: str | None = None
    parent_author_id: str | None = None
    mentions: tuple[Mention, ...] = ()
    answers: int = 0
    deleted: bool = False
    withheld: "Withheld | None" = None

    @property
    def thread(self) -> str:
        """The thread that it stands in."""
        return self.parent_id or self.post_id

    @property
    def made_at(self) -> str:
        """When it was written, as its id tells: an RFC 3339 text."""
        return clock.to_text(made_at(self.comment_id))

    @property
    def gone(self) -> bool:
        """Whether a moderator removed it and no answer needs its place: it stands in no thread then."""
        return self.withheld is not None and self.answers == 0

    def hidden_by(self, bounds: Bounds) -> bool:
        """Tell whether a reader's bounds leave it out of threads; one that says nothing hurts nobody."""
        return self.author is not None and bounds.hides(self.author.account_id, text=self.text)

    def removable_by(self, account_id: str) -> bool:
        """Tell whether an account may delete it: who wrote it, or whose post it stands below.

        What a moderator removed, its author may delete for good.
        """
        if self.withheld is not None:
            return self.withheld.author.account_id == account_id
        written = self.author is not None and self.author.account_id == account_id
        return not self.deleted and (written or self.post_author_id == account_id)


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a removed comment said; see :class:`Comment`."""

    author: CardAuthor
    text: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentPage:
    """Some comments of a thread, and the position after them; None at the end."""

    comments: tuple[Comment, ...]
    position: str | None
