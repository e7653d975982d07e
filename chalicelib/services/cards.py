"""Making the small cards by which lists show posts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chalicelib.domain.cards import CardAuthor
from chalicelib.domain.disclosure import strongest
from chalicelib.domain.media import Media, Picture
from chalicelib.domain.posts import EXCERPT_BYTES, Card, CardCover, Post
from chalicelib.domain.profiles import Profile

_THUMBNAIL_SIDES = (320, 640)
_THUMBNAIL_FORMAT = "webp"


def make_card(post: Post, media: Mapping[str, Media]) -> Card:
    """Return a post's card; its cover is the first picture, once that is ready."""
    return Card(
        post_id=post.post_id,
        title=post.fields.title,
        state=post.state,
        visibility=post.fields.visibility,
        portfolio=post.fields.portfolio,
        published_at=post.published_at,
        created_at=post.created_at,
        media_count=len(post.fields.media),
        content_warnings=post.content_warnings,
        cover=_cover(post, media),
        ai_disclosure=post.ai_disclosure,
        tags=post.fields.tags,
        excerpt="" if post.fields.media else post.fields.text.encode()[:EXCERPT_BYTES].decode(errors="ignore"),
    )


def described(post: Post, media: Iterable[Media]) -> Post:
    """Return a post with what is said of its pictures: about AI, and by moderators."""
    found = list(media)
    labels = tuple(dict.fromkeys(label for each in found for label in each.labels))
    return replace(post, ai_disclosure=strongest(each.ai_disclosure for each in found), media_labels=labels)


def card_author(profile: Profile) -> CardAuthor:
    """Return an author as cards name them."""
    fields = profile.fields
    return CardAuthor(profile.account_id, fields.handle, fields.display_name, fields.protected)


def _cover(post: Post, media: Mapping[str, Media]) -> CardCover | None:
    first = post.fields.cover
    found = media.get(first.media_id) if first else None
    if first is None or found is None or found.picture is None:
        return None
    picture = found.picture
    return CardCover(
        media_id=first.media_id,
        width=picture.width,
        height=picture.height,
        blurhash=picture.blurhash,
        alt=first.alt[:200],
        thumbnails=_thumbnails(picture),
        data_mining=picture.data_mining,
        focus=first.focus,
    )


def _thumbnails(picture: Picture) -> tuple[tuple[int, int, str, str], ...]:
    candidates = sorted(
        (item for item in picture.renditions if item.format == _THUMBNAIL_FORMAT),
        key=lambda item: max(item.width, item.height),
    )
    small = [item for item in candidates if max(item.width, item.height) in _THUMBNAIL_SIDES] or candidates[:1]
    return tuple((item.width, item.height, item.format, item.name) for item in small)
