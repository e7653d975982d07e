"""Deletion of one picture by its owner: refused while something shows it, then done by an errand until nothing is left.

::

    DELETE ──▶ marked: nobody finds it any more ──▶ errand: files, registry, cases ──▶ again, after every form and try
                                                                                        ──▶ the item itself

The mark is one conditional write: nothing may have come to show the picture since it was looked at, and nothing can
afterwards. Each piece may be done twice or be cut short; the sweep brings what was left behind.
"""

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain import clock
from chalicelib.domain.deletion import FILES_AGAIN_SECONDS
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import ConflictError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import is_id, made_at
from chalicelib.domain.media import ARRIVAL_GRACE_SECONDS, Media
from chalicelib.domain.posts import Post
from chalicelib.services.deletion_places import Pictures
from chalicelib.services.exposure import PROFILE, STUDIO, posts_of, studios_of
from chalicelib.services.hiring_ports import StudioMembers
from chalicelib.services.ports import Clock, ErrandQueue, MediaStore, PostStore, ProfileStore
from chalicelib.services.publication import PublicationService

KIND = "delete-media"
"""The errand that removes what is left of a picture that was deleted, its subject."""

MAKING_SECONDS = 60
"""How long a request that makes a post may take at most, twice what API Gateway and the function allow it."""

LEFT_BEHIND_SECONDS = 3600
"""When the sweep looks whether anything is left: all is done by then unless an errand was lost."""

_ATTEMPTS = 5
_LONGEST_DELAY = 900


@dataclass(frozen=True, slots=True)
class MediaDeletion:
    """Has pictures deleted."""

    media: MediaStore
    posts: PostStore
    profiles: ProfileStore
    studios: StudioMembers
    publication: PublicationService
    errands: ErrandQueue
    now: Clock = clock.now

    def delete(self, media_id: str, account_id: str) -> None:
        """Delete an own picture; it is gone at once, its files and copies within seconds. Once more is the same.

        Raises:
            NotFoundError: there is no such media of this account, or nothing of it any more.
            ConflictError: something shows it (``media-in-use``); the detail says what.
            TemporaryError: it is being changed by others; once more later.
        """
        for _ in range(_ATTEMPTS):
            media = self.media.remains([media_id]).get(media_id) if is_id(media_id) else None
            if media is None or media.owner_id != account_id:
                raise NotFoundError(f"There is no media {media_id} of yours.")
            if media.deleted_at is None:
                _refuse(self._shown_by(media))
                try:
                    self._mark(media)
                except LostRaceError:
                    continue
            self.errands.put(Errand(KIND, media_id))
            return
        raise TemporaryError(f"media {media_id} is being changed by others")

    def bring(self, media_id: str) -> bool:
        """Have what is left of a picture removed after all, and tell whether there was anything."""
        media = self.media.remains([media_id]).get(media_id)
        if media is None or media.deleted_at is None:
            return False
        self.errands.put(Errand(KIND, media_id))
        return True

    def _mark(self, media: Media) -> None:
        """Mark a picture as deleted, unless a post that is being changed comes to show it in this very moment.

        Raises:
            ConflictError: one did.
            LostRaceError: something of the picture was changed.
        """
        moment = self.now()
        self.media.mark_deleted(media, clock.to_text(moment), clock.later(moment, LEFT_BEHIND_SECONDS))
        for post in self._posts(media):
            if post.state == "deleted":
                continue
            # a change of it that noted the use before the mark, and is not stored yet, loses the race and looks again
            if not self._touch(post, media.media_id):
                marked = self.media.remains([media.media_id])[media.media_id]
                self.media.mark_deleted(marked, None, marked.due_at(moment))
                _refuse([f"posts/{post.post_id}"])

    def _touch(self, post: Post | None, media_id: str) -> bool:
        """Store a post once more, and tell whether it still does not show a picture."""
        while post is not None and media_id not in post.media_ids:
            try:
                self.publication.save(post, replace(post, unsettled=post.unsettled | {media_id}))
            except LostRaceError:
                post = self.posts.get(post.post_id, consistent=True)
            else:
                with suppress(TemporaryError):  # the sweep does it
                    self.publication.settle(post.post_id)
                return True
        return post is None

    def _posts(self, media: Media) -> list[Post]:
        users = posts_of(media)
        return self.posts.get_many(users) if users else []

    def _shown_by(self, media: Media) -> list[str]:
        """Return what shows a picture or is about to, as its owner knows it."""
        posts = {post.post_id: post for post in self._posts(media)}
        shown = [f"posts/{post_id}" for post_id in posts_of(media) if self._shows(media, post_id, posts.get(post_id))]
        if PROFILE in media.used_by:
            profile = self.profiles.get(media.owner_id)
            fields = profile.fields if profile else None
            named = {"avatar_media_id": "your avatar", "cover_media_id": "your cover"}
            shown += [name for field, name in named.items() if getattr(fields, field, None) == media.media_id]
        for each in studios_of(media):
            slug = each.removeprefix(STUDIO)
            studio = self.studios.get(slug, consistent=True)
            member = self.studios.member(slug, media.owner_id)
            # whoever has no say there any more cannot take it out, and need not leave it there
            if studio and member and member.owns and studio.fields.logo_media_id == media.media_id:
                shown.append(f"the logo of studios/{slug}")
        return shown

    def _shows(self, media: Media, post_id: str, post: Post | None) -> bool:
        """Tell whether a post that is noted shows a picture; one that is not there may be in the making."""
        if post is None:
            return made_at(post_id) > self.now() - timedelta(seconds=MAKING_SECONDS)
        return post.state != "deleted" and media.media_id in post.media_ids


@dataclass(frozen=True, slots=True)
class MediaRemover:
    """Removes what is left of pictures that were deleted."""

    pictures: Pictures
    errands: ErrandQueue
    now: Clock = clock.now

    def work(self, errand: Errand) -> None:
        """Do a piece. Files are looked for again once no upload can arrive and no try can end any more.

        Raises:
            TemporaryError: it could not be done this time.
        """
        media = self.pictures.media.remains([errand.subject]).get(errand.subject)
        if media is None or media.deleted_at is None:
            return
        self.pictures.forget([media])
        self.pictures.files.forget_original(media.owner_id, media.media_id)
        left = math.ceil((clock.from_text(_until(media, media.deleted_at)) - self.now()).total_seconds())
        if left > 0:
            self.errands.put(Errand(KIND, media.media_id), min(left, _LONGEST_DELAY))
        else:
            self.pictures.media.forget(media.media_id)


def _until(media: Media, deleted_at: str) -> str:
    """Return when nothing of a picture can come any more: by its form, which can be posted twice, or by a try."""
    arriving = clock.later(clock.from_text(media.expires_at), ARRIVAL_GRACE_SECONDS)
    return max(arriving, clock.later(clock.from_text(deleted_at), FILES_AGAIN_SECONDS))


def _refuse(shown: list[str]) -> None:
    if shown:
        raise ConflictError(
            f"The picture is used by {', '.join(shown)}. Take it out there, then delete it.", code="media-in-use"
        )
