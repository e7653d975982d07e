"""Opening a picture's renditions to the CDN while something published shows it, and closing them when nothing does."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import LostRaceError, TemporaryError
from chalicelib.domain.media import Media, Picture
from chalicelib.domain.noai import prefix
from chalicelib.domain.posts import Post
from chalicelib.services.hiring_ports import Studios
from chalicelib.services.invalidation import InvalidationService
from chalicelib.services.ports import Clock, DerivativeStore, MediaStore, PostStore, ProfileStore, Sleep
from chalicelib.services.works import WorkService

PROFILE = "profile"
"""Stands in ``Media.used_by`` for the owner's profile, which everyone may see, once it did show it."""

STUDIO = "studio#"
"""Begins what stands there for a studio of which it is the logo, or was."""

_ATTEMPTS = 7

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ExposureService:
    """Keeps what the CDN can serve, and what is registered, equal to what is published.

    Whoever changes what is published reconciles afterwards, and who reconciles looks once more afterwards: of two at
    the same time, one at least sees what the other did.
    """

    media: MediaStore
    posts: PostStore
    profiles: ProfileStore
    derivatives: DerivativeStore
    works: WorkService
    copies: InvalidationService
    studios: Studios
    now: Clock = clock.now
    sleep: Sleep = time.sleep

    def opens(self, post: Post) -> bool:
        """Tell whether a post, once published, opens its pictures to everyone who has their addresses.

        What is public is for followers alone where their artist approves them; an unlisted post stays open to whoever
        was given its address: the rule of :func:`chalicelib.domain.posts.may_see`.
        """
        return post.fields.open and not (post.fields.listed and self._protected(post.author_id))

    def begin(self, media_id: str, *, public: bool) -> Media | None:
        """Note that a picture is about to be shown, its renditions made public ahead of it, or about to be no longer.

        Until :meth:`finish` or :meth:`reconcile` it counts as changing: should neither be called, the sweep does.

        Returns:
            The changing media, for :meth:`finish`; None where there was nothing to do.

        Raises:
            TemporaryError: others keep changing the same picture; once more later.
        """
        for tries in range(_ATTEMPTS):
            media = self.media.get(media_id, consistent=True)
            if media is None or (public and media.exposure == "public"):
                return None
            if media.picture is None:
                if media.withheld is not None and tries:  # a moderator removed it just as its files were opened
                    self.reconcile(media_id, certain=False)
                if public and not media.final:
                    raise TemporaryError(f"media {media_id} is being protected")
                return None
            try:
                changing = self.media.save_exposure(media, "changing", self.now())
                if public:
                    self.derivatives.expose(prefix(media.data_mining), media_id, _names(media.picture))
                    self.works.add(media)
                    # somebody may have closed it meanwhile, before the files were opened: then it is noted anew
                    changing = self.media.save_exposure(changing, "changing", self.now())
            except LostRaceError:
                self._close_if_gone(media)
                self._give_way(tries)
                continue
            return changing
        raise TemporaryError(f"media {media_id} is being changed by others")

    def finish(self, changing: Media | None) -> None:
        """Note that a picture which :meth:`begin` opened is public, now that what shows it says so.

        Where others changed it meanwhile nothing is noted: who reconciles it finds out. Where it cannot be compared
        with others' works this time, the sweep does it: what was published need not wait for that.
        """
        if changing is not None:
            with suppress(LostRaceError, TemporaryError):
                self.works.check(changing)
                self.media.save_exposure(changing, "public", self.now())

    def reconcile(self, media_id: str, *, certain: bool = True) -> None:
        """Make a picture's renditions public if something published shows it, and not if nothing does.

        Args:
            media_id: the picture.
            certain: whether what is noted of its exposure holds; if not, its files are moved whatever is noted.

        Raises:
            TemporaryError: others keep changing the same picture; once more later.
        """
        for tries in range(_ATTEMPTS):
            media = self.media.get(media_id, consistent=True)
            if media is None or media.made is None:
                return
            wanted = self._wanted(media)
            if certain and media.exposure == ("public" if wanted else "held"):
                return
            try:
                self._change(media, public=wanted)
            except LostRaceError:
                self._close_if_gone(media)
                certain = False  # both may have touched the files: whatever is noted now must be made true again
                self._give_way(tries)
            else:
                certain = True  # but what is published may have changed since it was looked at: once more
        raise TemporaryError(f"media {media_id} is being changed by others")

    def _close_if_gone(self, media: Media) -> None:
        """Take back what was opened of a picture whose account was deleted meanwhile: nobody else looks after it."""
        if media.made is not None and self.media.get(media.media_id, consistent=True) is None:
            self.derivatives.withdraw(media.media_id, _names(media.made))
            self.works.withdraw(media)

    def _give_way(self, tries: int) -> None:
        """Wait for a time drawn at random, ever longer: of two that go on undoing each other's work, one must part."""
        self.sleep(random.uniform(0, _PAUSE_SECONDS * 2**tries))  # noqa: S311  no secret hangs on it

    def prepare(self, media: Media) -> None:
        """Open files that were made anew before any answer names them; if it is shown now.

        The files that they replace stay where they are until :meth:`clear`: there is no moment without a picture. They
        are registered once they are known: should this try come to nothing, they are but files, which are cleared.
        """
        if media.picture is not None and media.exposure != "held":
            self.derivatives.expose(prefix(media.data_mining), media.media_id, _names(media.picture))

    def clear(self, media: Media) -> None:
        """Take away whatever there is of a picture but its present files: what was made anew, and what tries left.

        The list is made before the media is read: a try that begins afterwards has no file in it. Names are digests of
        signed files, so that none comes again.

        Raises:
            LostRaceError: it was changed meanwhile; it is looked after again.
        """
        listed = self.derivatives.files(media.media_id)
        now = self.media.get(media.media_id, consistent=True)
        if now is None or now.version != media.version or now.made is None:
            raise LostRaceError
        kept = {*_names(now.made), now.made.record}
        self.derivatives.discard(key for key in listed if key.rpartition("/")[2] not in kept)
        self.works.withdraw_replaced(now)
        if now.remade:
            self.copies.order([now], everywhere=True)
        self.media.save_state(now, replace(now, replaced=None), self.now())

    def reconcile_all(self, media_ids: Iterable[str]) -> None:
        """Reconcile several.

        Raises:
            TemporaryError: some could not be reconciled this time; none of them kept the others waiting.
        """
        keys = list(media_ids)
        uncertain = self._close_together(keys) if len(keys) > 1 else set[str]()
        each_of(lambda key: self.reconcile(key, certain=key not in uncertain), keys)

    def _close_together(self, media_ids: Iterable[str]) -> set[str]:
        """Close those that nothing shows any more, with few orders for all their copies; whatever fails is left over.

        Returns:
            Those that others changed meanwhile: what is noted of their exposure may not hold.
        """
        uncertain: set[str] = set()
        closing: list[tuple[Media, Media]] = []
        for media in self.media.get_many(media_ids).values():
            if media.made is None or media.exposure == "held":
                continue
            with _lost(uncertain, media):
                if not self._wanted(media):
                    closing.append((media, self._move(media, media.made, public=False)))
        with suppress(TemporaryError):
            self.copies.order(changing for _, changing in closing)
            for media, changing in closing:
                with _lost(uncertain, media):
                    self._note(media, changing, public=False)
        return uncertain

    def _wanted(self, media: Media) -> bool:
        """Look at what shows the picture now: ``used_by`` names all that may, and some that never came to it."""
        if media.picture is None:
            return False
        if PROFILE in media.used_by:
            profile = self.profiles.get(media.owner_id)
            if profile is not None and media.media_id in profile.fields.pictures:
                return True
        if any(self._is_logo(media.media_id, user.removeprefix(STUDIO)) for user in studios_of(media)):
            return True
        users = posts_of(media)
        posts = self.posts.get_many(users) if users else []
        showing = [post for post in posts if post.open and media.media_id in post.media_ids]
        if not all(post.fields.listed for post in showing):
            return True
        return bool(showing) and not self._protected(media.owner_id)

    def _is_logo(self, media_id: str, slug: str) -> bool:
        studio = self.studios.get(slug, consistent=True)
        return studio is not None and studio.fields.logo_media_id == media_id

    def _protected(self, account_id: str) -> bool:
        profile = self.profiles.get(account_id)
        return profile is not None and profile.fields.protected

    def _change(self, media: Media, *, public: bool) -> Media:
        """Move the renditions. ``changing`` is noted first, so that a change cut short is found and ended."""
        if media.made is None:
            raise TemporaryError(f"media {media.media_id} has no renditions yet")
        changing = self._move(media, media.made, public=public)
        if not public:
            self.copies.order([changing])
        return self._note(media, changing, public=public)

    def _move(self, media: Media, picture: Picture, *, public: bool) -> Media:
        changing = self.media.save_exposure(media, "changing", self.now())
        if public:
            self.derivatives.expose(prefix(media.data_mining), media.media_id, _names(picture))
        else:
            self.derivatives.withdraw(media.media_id, _names(picture))
        return changing

    def _note(self, media: Media, changing: Media, *, public: bool) -> Media:
        note = self.works.register if public else self.works.withdraw
        note(media)
        return self.media.save_exposure(changing, "public" if public else "held", self.now())


@contextmanager
def _lost(uncertain: set[str], media: Media) -> Iterator[None]:
    """Note that a race for a picture was lost; what could not be done this time is left to who comes next."""
    try:
        yield
    except LostRaceError:
        uncertain.add(media.media_id)
    except TemporaryError:
        pass


def posts_of(media: Media) -> list[str]:
    """Return the ids of posts that may show a media, in order."""
    return sorted(user for user in media.used_by if user != PROFILE and not user.startswith(STUDIO))


def studios_of(media: Media) -> list[str]:
    """Return what stands for the studios of which a media may be the logo, in order."""
    return sorted(user for user in media.used_by if user.startswith(STUDIO))


def each_of(work: Callable[[str], object], keys: Iterable[str]) -> None:
    """Do some work for each key; raises the last TemporaryError once all had their turn."""
    failure: TemporaryError | None = None
    for key in keys:
        try:
            work(key)
        except TemporaryError as error:
            failure = error
    if failure is not None:
        raise failure


def _names(picture: Picture) -> list[str]:
    return [rendition.name for rendition in picture.renditions]
