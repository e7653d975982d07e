"""Posts, as their authors make them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.domain import clock
from chalicelib.domain.allowances import SHOWN
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.media import MAX_USES, Media
from chalicelib.domain.mentions import mentions, wanted_handles
from chalicelib.domain.noai import DataMining
from chalicelib.domain.posts import REMOVED, SCHEDULE_DAYS, Post, PostFields, PostMedia, PostState
from chalicelib.domain.profiles import Profile
from chalicelib.services.cards import described, make_card
from chalicelib.services.ports import Allow, Choices, Clock, MediaStore, PostStore, ProfileStore
from chalicelib.services.post_reading import PostReader, PostView
from chalicelib.services.publication import PublicationService

_OPENING: frozenset[PostState] = frozenset({"scheduled", "processing", "published"})

type Publish = Literal["now", "draft"] | datetime

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PostService:
    """Makes, changes and deletes posts."""

    posts: PostStore
    media: MediaStore
    profiles: ProfileStore
    publication: PublicationService
    choices: Choices
    reader: PostReader
    now: Clock = clock.now
    allow: Allow | None = None

    def create(
        self, account_id: str, fields: PostFields, publish: Publish, choice: DataMining | None = None
    ) -> PostView:
        """Make a post: a draft, one for later, or one that is published as soon as its pictures are ready.

        ``choice`` is what machines may do with all of its pictures, wherever they show; None leaves each as it is.

        Raises:
            ConflictError: the account has no profile yet (``profile-needed``).
            InvalidError: pictures are not the account's own, a quoted post cannot be seen, or the
                time lies in the past.
        """
        self._own_profile(account_id)
        _check_content(fields)
        fields = self._naming(fields)
        self._check_quote(account_id, fields.quote_post_id)
        media = self._own_media(account_id, fields.media)
        if choice:
            self.choices.choose_all(account_id, media, choice)
        moment = self.now()
        state, publish_at = self._state(publish, moment)
        post = Post(
            post_id=new_id(),
            author_id=account_id,
            fields=fields,
            state=state,
            version=1,
            created_at=clock.to_text(moment),
            updated_at=clock.to_text(moment),
            publish_at=publish_at,
        )
        post = described(post, media.values())
        self._count_shown(post, None)
        # first the use, then the post: a picture that becomes ready in between finds the post, or the post finds it
        self._note_uses(post.post_id, account_id, post.media_ids)
        self.posts.create(post, make_card(post, media), moment)
        return self._view(self._settled(post))

    def change(
        self,
        post_id: str,
        account_id: str,
        changes: Mapping[str, Any],
        publish: Publish | None,
        versions: set[int],
        *,
        choice: DataMining | None = None,
    ) -> PostView:
        """Change some fields of an own post, or publish a draft.

        Args:
            post_id: the post.
            account_id: who asks.
            changes: new values of :class:`PostFields` by name.
            publish: ``now`` or a time for a post that is not yet published, ``draft`` to take it back.
            versions: versions that the client has seen; empty where it does not say.
            choice: what machines may do with all of its pictures, wherever they show; None leaves each as it is.
        """
        counted = False
        for _ in range(_ATTEMPTS):
            post = self._own(post_id, account_id, versions)
            if post.state == REMOVED:
                raise ConflictError("A moderator removed this post. You may appeal, or delete it.", code="post-removed")
            fields = replace(post.fields, **changes)
            if "cover_media_id" not in changes and (fields.cover_media_id,) != fields.cover_ids:
                fields = replace(fields, cover_media_id=None)  # its picture was taken out: the first one stands again
            _check_content(fields)
            if fields.text != post.fields.text:
                fields = self._naming(fields)
            if fields.quote_post_id != post.fields.quote_post_id:
                self._check_quote(account_id, fields.quote_post_id)
            media = self._own_media(account_id, fields.media, known=post.media_ids)
            if choice:
                self.choices.choose_all(account_id, (item.media_id for item in fields.media), choice)
            changed = self._disclosing(post, self._changed(post, fields, publish, media))
            counted = counted or self._count_shown(changed, post)
            self._note_uses(post_id, account_id, media)
            try:
                saved = self.publication.save(post, changed)
            except LostRaceError:
                continue
            return self._view(self._settled(saved))
        raise TemporaryError(f"post {post_id} is being changed by others")

    def delete(self, post_id: str, account_id: str, versions: set[int]) -> None:
        """Delete an own post: it is gone from every list at once, then its pictures are withdrawn from the CDN."""
        for _ in range(_ATTEMPTS):
            post = self._own(post_id, account_id, versions)
            try:
                self.publication.save(post, replace(post, state="deleted"))
            except LostRaceError:
                continue
            with suppress(TemporaryError):  # it is gone already, and the sweep does the rest
                self.publication.settle(post_id)
            return
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _own_profile(self, account_id: str) -> Profile:
        profile = self.profiles.get(account_id)
        if profile is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        return profile

    def _state(self, publish: Publish, moment: datetime) -> tuple[PostState, str | None]:
        if isinstance(publish, datetime):
            if not moment < publish <= moment + timedelta(days=SCHEDULE_DAYS):
                raise InvalidError.of("publish", f"must be a time within the next {SCHEDULE_DAYS} days")
            return "scheduled", clock.to_text(publish)
        return ("processing" if publish == "now" else "draft"), None

    def _changed(self, post: Post, fields: PostFields, publish: Publish | None, added: Mapping[str, Media]) -> Post:
        """Return the next version of a post; what must be settled afterwards is noted in it."""
        removed = set(post.media_ids) - {item.media_id for item in fields.media}
        narrowed = post.fields.open and not fields.open
        unsettled = post.unsettled | removed | set(post.media_ids if narrowed else ())
        if post.state != "published":
            kept: PostState = "processing" if post.state == "refused" else post.state  # refused may have been mended
            state, publish_at = self._state(publish, self.now()) if publish else (kept, post.publish_at)
            unsettled |= set(post.media_ids) if state != post.state else set()
            return replace(
                post, fields=fields, state=state, publish_at=publish_at, reason=None, unsettled=frozenset(unsettled)
            )
        if publish not in {None, "now"}:
            raise ConflictError("The post is published already. Set its visibility to private to hide it.")
        if any(media.state != "ready" for media in added.values()):
            raise ConflictError("Wait until the new pictures are ready, then add them.", code="media-not-ready")
        widened = fields.open and (not post.fields.open or bool(added))
        # pictures are opened before the post says so: it is published anew, at its old place
        return replace(
            post, fields=fields, state="processing" if widened else "published", unsettled=frozenset(unsettled)
        )

    def _disclosing(self, old: Post, new: Post) -> Post:
        """Return a changed post with what is said of the pictures that it has now."""
        if set(new.media_ids) == set(old.media_ids):
            return new
        media = self.media.get_many(new.media_ids) if new.media_ids else {}
        return described(new, media.values())

    def _count_shown(self, post: Post, before: Post | None) -> bool:
        """Count the pictures that a post is to open to everyone, and tell whether there were any.

        Raises:
            TooManyRequestsError: the account has opened too many today.
        """
        opens, opened = (bool(each and each.fields.open and each.state in _OPENING) for each in (post, before))
        shown = set(post.media_ids) - set(before.media_ids if before and opened else ())
        if not opens or not shown or self.allow is None:
            return False
        self.allow(post.author_id, SHOWN, len(shown))
        return True

    def _own(self, post_id: str, account_id: str, versions: set[int]) -> Post:
        post = self.posts.get(post_id, consistent=True) if is_id(post_id) else None
        if post is None or post.state == "deleted" or post.author_id != account_id:
            raise NotFoundError(f"There is no post {post_id} of yours.")
        if versions and post.version not in versions:
            raise PreconditionFailedError("The post was changed since you read it. Read it again, then retry.")
        return post

    def _own_media(
        self, account_id: str, items: Iterable[PostMedia], *, known: tuple[str, ...] = ()
    ) -> dict[str, Media]:
        """Return the media of a request, except for those that are known to be the account's own.

        Raises:
            InvalidError: some are not the account's own, or stand in too many posts; one error for each.
        """
        listed = [(index, item) for index, item in enumerate(items) if item.media_id not in known]
        ids = [item.media_id for _, item in listed if is_id(item.media_id)]
        found = self.media.get_many(ids) if ids else {}
        wrong = []
        for index, item in listed:
            media = found.get(item.media_id)
            if media is None or media.owner_id != account_id:
                wrong.append(FieldError(f"media[{index}].id", "is no media of yours"))
            elif len(media.used_by) >= MAX_USES:
                wrong.append(FieldError(f"media[{index}].id", f"stands in {MAX_USES} posts already"))
        if wrong:
            raise InvalidError("Please correct the pictures of the post.", errors=tuple(wrong))
        return found

    def _check_quote(self, account_id: str, post_id: str | None) -> None:
        if post_id is not None:
            try:
                self.reader.sight.published(account_id, post_id)
            except NotFoundError as error:
                raise InvalidError.of("quote_post_id", "is no published post that you can see") from error

    def _note_uses(self, post_id: str, account_id: str, media_ids: Iterable[str]) -> None:
        for media_id in media_ids:
            try:
                self.media.add_use(media_id, account_id, post_id)
            except LostRaceError as error:
                raise InvalidError.of("media", f"{media_id} is no media of yours") from error

    def _settled(self, post: Post) -> Post:
        """Do at once what can be done; the sweep does the rest, so that a hiccup here is no failure of the request."""
        try:
            return self.publication.settle(post.post_id) or post
        except TemporaryError:
            return self.posts.get(post.post_id, consistent=True) or post

    def _view(self, post: Post) -> PostView:
        return self.reader.view(post, post.author_id, self.profiles.get(post.author_id))

    def _naming(self, fields: PostFields) -> PostFields:
        """Return the fields with whom their text names."""
        handles = wanted_handles("text", fields.text)
        return replace(fields, mentions=mentions(handles, self.profiles.holders(handles)) if handles else ())


def _check_content(fields: PostFields) -> None:
    if not (fields.title or fields.text or fields.media or fields.quote_post_id):
        raise InvalidError.of("text", "a post needs a title, a text, a picture or a quoted post")
    ids = [item.media_id for item in fields.media]
    if len(set(ids)) != len(ids):
        raise InvalidError.of("media", "holds the same picture twice")
    if fields.cover_media_id is not None and fields.cover_media_id not in ids:
        raise InvalidError.of("cover_media_id", "is none of the post's pictures")
