"""Bringing a post to where it belongs: published once its pictures are ready, gone once it is deleted."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock, telemetry
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.media import Media
from chalicelib.domain.posts import Post, ready_to_publish
from chalicelib.domain.protection import Reason
from chalicelib.domain.telemetry import Metric
from chalicelib.services.cards import described, make_card
from chalicelib.services.exposure import PROFILE, ExposureService, each_of, posts_of
from chalicelib.services.home import OwnFeed
from chalicelib.services.ports import AccountStore, Clock, MediaStore, PostStore

_ATTEMPTS = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicationService:
    """Settles posts. Settling is idempotent: whoever begins it, whoever crashes, once more brings it to its end."""

    posts: PostStore
    media: MediaStore
    exposure: ExposureService
    accounts: AccountStore
    now: Clock = clock.now
    own_feed: OwnFeed | None = None

    def settle(self, post_id: str) -> Post | None:
        """Do what is left to do for a post and return it as it is then; None where it is gone.

        Raises:
            TemporaryError: others keep changing it; once more later.
        """
        touched: set[str] = set()
        raced = False
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True)
            touched.update(post.unsettled.union(post.media_ids) if post else ())
            try:
                settled = self._step(post) if post else None
            except LostRaceError:
                raced = True
                continue
            if settled is post or settled is None:
                if raced:
                    self._restore(settled, touched)
                return settled
        raise TemporaryError(f"post {post_id} is being changed by others")

    def settle_users(self, media: Media) -> None:
        """Settle every post that shows a media, after the media's state has changed.

        Raises:
            TemporaryError: some could not be settled this time; none of them kept the others waiting.
        """
        users = posts_of(media)
        if media.remade:
            each_of(lambda post_id: self._renew_card(post_id, media.media_id), users)
            if PROFILE in media.used_by:
                self._renew_profile(media)
        each_of(self.settle, users)

    def renew_users(self, media: Media) -> None:
        """Have all that shows a picture show what a moderator made of it, and posts that wait for it go on.

        Raises:
            TemporaryError: some could not be renewed this time; none of them kept the others waiting.
        """
        users = posts_of(media)
        each_of(lambda post_id: self._renew_post(post_id, media.media_id), users)
        if PROFILE in media.used_by:
            self._renew_profile(media)
        each_of(self.settle, users)

    def save(self, old: Post, new: Post, media: Mapping[str, Media] | None = None) -> Post:
        """Store the next version of a post with its card and count.

        Raises:
            LostRaceError: it was changed since ``old`` was read.
        """
        moment = self.now()
        new = replace(new, version=old.version + 1, updated_at=clock.to_text(moment), counted=new.listed)
        found = self.media.get_many(new.fields.cover_ids) if media is None else media
        self.posts.save(old, new, make_card(new, found), moment)
        return new

    def unsettle(self, post_id: str) -> None:
        """Note that the pictures of a published post must be looked at anew; the sweep does it.

        Raises:
            TemporaryError: others keep changing it; once more later.
        """
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True)
            if post is None or post.state != "published":
                return
            with suppress(LostRaceError):
                self.save(post, replace(post, unsettled=post.unsettled | set(post.media_ids)))
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _renew_card(self, post_id: str, media_id: str) -> None:
        """Have lists show the present files of a picture that was made anew, where it is a post's cover."""
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True)
            if post is None or post.state == "deleted" or post.fields.cover_ids != (media_id,):
                return
            with suppress(LostRaceError):
                self.save(post, replace(post, renewed=post.renewed + 1))
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _renew_post(self, post_id: str, media_id: str) -> None:
        """Have a post and its cards show what there is of its pictures now."""
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True)
            if post is None or post.state == "deleted" or media_id not in post.media_ids:
                return
            media = self.media.get_many(post.media_ids)
            with suppress(LostRaceError):
                self.save(post, replace(described(post, media.values()), renewed=post.renewed + 1), media)
                return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _renew_profile(self, media: Media) -> None:
        """Have lists of people show the present files of a portrait, or none."""
        profiles = self.exposure.profiles
        for _ in range(_ATTEMPTS):
            old = profiles.get(media.owner_id)
            if old is None or old.fields.avatar_media_id != media.media_id:
                return
            with suppress(LostRaceError):
                profiles.replace(old, replace(old, renewed=old.renewed + 1), self.now())
                return
        raise TemporaryError(f"the profile of {media.owner_id} is being changed by others")

    def _step(self, post: Post) -> Post | None:
        """Do one thing that is left to do. Returns the very same post when there was none."""
        if post.state == "deleted":
            self._remove(post)
            return None
        if post.unsettled:
            self._release(post, post.unsettled - set(post.media_ids))
            self.exposure.reconcile_all(sorted(post.unsettled))
            return self.save(post, replace(post, unsettled=frozenset()))
        if ready_to_publish(post, self.now()):
            return post if self._suspended(post) else self.save(post, replace(post, state="processing"))
        if post.awaits_media:
            return self._publish_if_ready(post)
        return post

    def _restore(self, post: Post | None, touched: set[str]) -> None:
        """Make true again of some media what this process may have undone as it worked on a post that had changed."""
        for media_id in sorted(touched):
            if post is not None and media_id in post.media_ids:
                with suppress(LostRaceError):  # the picture itself is gone
                    self.media.add_use(media_id, post.author_id, post.post_id)
            self.exposure.reconcile(media_id, certain=False)

    def _publish_if_ready(self, post: Post) -> Post:
        media = self.media.get_many(post.media_ids)
        for media_id in post.media_ids:
            found = media.get(media_id)
            if found is None or (found.state in {"refused", "failed"} and not found.showable):
                refusal = replace(post, state="refused", reason=_refusal(media_id, found))
                return post if refusal == post else self._refuse(post, refusal, media)
        if all(media[media_id].showable for media_id in post.media_ids):
            if self._suspended(post):  # it goes on waiting, and is looked after again
                return post
            # until the post says that it is published they count as changing: cut short, the sweep closes them again
            opened = post.media_ids if self.exposure.opens(post) else ()
            begun = [self.exposure.begin(each, public=True) for each in opened]
            published_at = post.published_at or clock.to_text(self.now())
            # once it is published, its pictures are looked at again: another post may just have withdrawn one
            unsettled = frozenset(post.media_ids if post.fields.open else ())
            published = replace(
                post, state="published", published_at=published_at, publish_at=None, reason=None, unsettled=unsettled
            )
            # their files may say what their artists did not
            published = described(published, media.values())
            saved = self.save(post, published, media)
            for changing in begun:
                self.exposure.finish(changing)
            if self.own_feed is not None:
                self.own_feed.note(saved, make_card(saved, media))
            _log("post published", post, media)
            if post.published_at is None and media:
                telemetry.measure(Metric.UPLOAD_TO_PUBLISHED, clock.milliseconds(_awaited(post, media), self.now()))
            return saved
        if post.state == "refused":  # its picture was brought back and is being processed again
            return self.save(post, replace(post, state="processing", reason=None), media)
        return post

    def _suspended(self, post: Post) -> bool:
        """Tell whether its author may publish nothing new; what was published once keeps its place."""
        standing = self.accounts.standing(post.author_id) if post.published_at is None else None
        return standing is not None and standing.suspended

    def _refuse(self, post: Post, refusal: Post, media: Mapping[str, Media]) -> Post:
        saved = self.save(post, refusal, media)
        _log("post refused", post, media)
        return saved

    def _remove(self, post: Post) -> None:
        media_ids = post.unsettled | set(post.media_ids)
        self._release(post, media_ids)
        self.exposure.reconcile_all(sorted(media_ids))
        self.posts.delete(post)

    def _release(self, post: Post, media_ids: set[str] | frozenset[str]) -> None:
        for media_id in sorted(media_ids):
            self.media.remove_use(media_id, post.post_id)


def _awaited(post: Post, media: Mapping[str, Media]) -> str:
    """Return when everything was there: the last picture, and the author's word to publish now or the time it named."""
    return max(post.publish_at or post.updated_at, *(each.arrived_at for each in media.values()))


def _log(event: str, post: Post, media: Mapping[str, Media]) -> None:
    """Log what became of a post, so that it is found by the id of each request that announced one of its pictures."""
    announced_by = sorted({each.correlation_id for each in media.values() if each.correlation_id})
    log.info(event, extra={"post_id": post.post_id, "correlation_ids": announced_by})


def _refusal(media_id: str, media: Media | None) -> Reason:
    why = media.reason.message if media and media.reason else "The picture is no longer there."
    code = media.reason.code if media and media.reason else "media-missing"
    return Reason(
        "media-refused",
        f"The post could not be published because of one of its pictures. {why}",
        (f"media {media_id}: {code}",),
    )
