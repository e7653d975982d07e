"""The order of an artist's portfolio."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id
from chalicelib.domain.posts import Post, ordered_later, portfolio_ranks, rank_between
from chalicelib.services.ports import Clock, PostStore
from chalicelib.services.publication import PublicationService

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PortfolioService:
    """Puts posts of a portfolio in order, by ranks that are never moved for the sake of others."""

    posts: PostStore
    publication: PublicationService
    now: Clock = clock.now

    def order(self, account_id: str, post_ids: Sequence[str]) -> None:
        """Have some own posts stand first in the portfolio, in this order; the others keep theirs behind them.

        Raises:
            InvalidError: some are not the account's own, or named twice; one error for each.
        """
        known = [post_id for post_id in dict.fromkeys(post_ids) if is_id(post_id)]
        posts = {post.post_id: post for post in self.posts.get_many(known)} if known else {}
        wrong = [
            FieldError(f"posts[{place}]", "is no post of yours, or named twice")
            for place, post_id in enumerate(post_ids)
            if not _is_own(posts.get(post_id), account_id) or post_id in post_ids[:place]
        ]
        if wrong:
            raise InvalidError("Please correct the order.", errors=tuple(wrong))
        for post_id, rank in zip(post_ids, portfolio_ranks(len(post_ids), self.now()), strict=True):
            self._rank(post_id, account_id, rank)

    def _rank(self, post_id: str, account_id: str, rank: str) -> None:
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True)
            if not _is_own(post, account_id) or post is None:
                return  # deleted meanwhile
            if ordered_later(post.rank, rank):
                return  # by an order that was asked for meanwhile: both are done, one after the other
            with suppress(LostRaceError):
                self.publication.save(post, replace(post, rank=rank))
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def move(self, post_id: str, account_id: str, neighbour_id: str, versions: set[int], *, before: bool) -> None:
        """Have an own post of the portfolio stand right before, or right after, another one; nothing else is written.

        Both may be moved again at the same time: then the post stands where the other one was.

        Args:
            post_id: what is moved.
            account_id: who asks.
            neighbour_id: beside what.
            versions: versions of the post that the client has seen; empty where it does not say.
            before: whether it is to come first of the two.

        Raises:
            NotFoundError: there is no such post of the account's.
            InvalidError: the other one is no published post of the same portfolio, or the post itself.
            ConflictError: the post is not in the portfolio (``not-in-portfolio``), or too many were moved to the same
                place (``portfolio-crowded``).
            PreconditionFailedError: the client has not seen the present version.
        """
        for _ in range(_ATTEMPTS):
            post = self._get(post_id, account_id)
            if post is None:
                raise NotFoundError(f"There is no post {post_id} of yours.")
            if versions and post.version not in versions:
                raise PreconditionFailedError("The post was changed since you read it. Read it again, then retry.")
            if not post.fields.portfolio:
                raise ConflictError("Put the post into the portfolio, then move it.", code="not-in-portfolio")
            other = self._get(neighbour_id, account_id) if neighbour_id != post_id else None
            if other is None or other.state != "published" or not other.fields.portfolio:
                name = "before" if before else "after"
                raise InvalidError.of(name, "is no other published post of your portfolio")
            with suppress(LostRaceError):
                self.publication.save(post, replace(post, rank=self._place(post, other, before=before)))
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _place(self, post: Post, other: Post, *, before: bool) -> str:
        """Return the rank by which a post stands beside another one: keys fall from the first post to the last."""
        near = self.posts.portfolio_neighbours(other.author_id, other.portfolio_key, above=before)
        beyond = next((key for key, post_id in near if post_id != post.post_id), None)
        try:
            if before:
                found = rank_between(other.portfolio_key, beyond) if beyond else portfolio_ranks(1, self.now())[0]
            else:
                found = rank_between(beyond or "", other.portfolio_key)
        except ValueError as error:
            raise ConflictError(
                "Too many posts were moved to this place. Put the portfolio in order anew.", code="portfolio-crowded"
            ) from error
        return found

    def _get(self, post_id: str, account_id: str) -> Post | None:
        post = self.posts.get(post_id, consistent=True) if is_id(post_id) else None
        return post if _is_own(post, account_id) else None


def _is_own(post: Post | None, account_id: str) -> bool:
    return post is not None and post.state != "deleted" and post.author_id == account_id
