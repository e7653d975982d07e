"""What pages say of themselves in schema.org's words (JSON-LD), for search engines and archives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.counters import PostCounters, ProfileCounters
from chalicelib.domain.noai import LICENSE_PATH, POLICY_PATH
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.pages.pictures import Picture
from chalicelib.pages.site import Site

CONTEXT = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom to name for a picture, its copyright notice, and where to ask: what its files say as well."""

    credit: str
    notice: str
    page: str


def terms(author: Profile, site: Site) -> Terms:
    """Return what an artist filled in, or the usual."""
    rights = author.fields.rights
    creator = rights.creator or author.fields.display_name
    return Terms(
        credit=rights.credit or creator,
        notice=rights.rights or f"© {creator}. All rights reserved.",
        page=rights.web_statement or site.base_url + POLICY_PATH,
    )


def person(author: Profile, site: Site) -> dict[str, Any]:
    """Return an artist as a Person."""
    fields = author.fields
    url = site.profile(fields.handle)
    found: dict[str, Any] = {
        "@type": "Person",
        "@id": url,
        "name": fields.display_name,
        "alternateName": f"@{fields.handle}",
        "identifier": fields.handle,
        "url": url,
    }
    if fields.bio:
        found["description"] = fields.bio
    if fields.links:
        found["sameAs"] = [link.url for link in fields.links]
    if fields.mediums:
        found["knowsAbout"] = list(fields.mediums)
    return found


def profile_page(author: Profile, site: Site, avatar: Picture | None, counters: ProfileCounters) -> dict[str, Any]:
    """Return a ProfilePage about an artist."""
    about = person(author, site)
    about["agentInteractionStatistic"] = _count("WriteAction", author.posts_count)
    about["interactionStatistic"] = _count("FollowAction", counters.followers)
    if avatar is not None:
        about["image"] = avatar.preview.url
    return {
        "@context": CONTEXT,
        "@type": "ProfilePage",
        "url": site.profile(author.fields.handle),
        "dateCreated": author.created_at,
        "dateModified": author.updated_at,
        "mainEntity": about,
    }


def posting(  # noqa: PLR0917  a post, and what is shown of it
    post: Post, author: Profile, site: Site, text: str, pictures: Sequence[Picture], counters: PostCounters
) -> dict[str, Any]:
    """Return a SocialMediaPosting with its pictures as works of their artist.

    `text` and `pictures` are those that may be shown without a warning.
    """
    url, fields = site.post(post.post_id), post.fields
    rights = terms(author, site)
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SocialMediaPosting",
        "@id": url,
        "url": url,
        "datePublished": post.published_at,
        "dateModified": post.updated_at,
        "author": {"@type": "Person", "name": author.fields.display_name, "url": site.profile(author.fields.handle)},
        "interactionStatistic": [_count("LikeAction", counters.likes), _count("ShareAction", counters.reposts)],
        "commentCount": counters.comments,
        **_rights(rights, site),
    }
    if fields.title:
        found["headline"] = fields.title
    if text:
        found["articleBody"] = text
    if fields.tags:
        found["keywords"] = list(fields.tags)
    if pictures:
        found["sharedContent"] = [_work(post, author, site, rights, picture) for picture in pictures]
        found["image"] = [picture.preview.url for picture in pictures]
    return found


def _work(post: Post, author: Profile, site: Site, rights: Terms, picture: Picture) -> dict[str, Any]:
    creator = {"@type": "Person", "name": author.fields.display_name, "url": site.profile(author.fields.handle)}
    file = picture.preview
    image = {
        "@type": "ImageObject",
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "width": file.width,
        "height": file.height,
        "creator": creator,
        "license": site.base_url + LICENSE_PATH,
        **_rights(rights, site),
    }
    work: dict[str, Any] = {"@type": "VisualArtwork", "creator": creator, "image": image, **_rights(rights, site)}
    if post.fields.title:
        work["name"] = post.fields.title
    if picture.alt:
        work["description"] = image["caption"] = picture.alt
    if post.fields.mediums:
        work["artMedium"] = list(post.fields.mediums)
    return work


def _rights(rights: Terms, site: Site) -> dict[str, str]:
    return {
        "creditText": rights.credit,
        "copyrightNotice": rights.notice,
        "acquireLicensePage": rights.page,
        "usageInfo": site.base_url + POLICY_PATH,
    }


def _count(action: str, number: int) -> dict[str, Any]:
    return {"@type": "InteractionCounter", "interactionType": f"{CONTEXT}/{action}", "userInteractionCount": number}
