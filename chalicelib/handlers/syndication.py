"""What other programs take of public pages: feed readers, sites that embed them, search engines."""

from typing import Any

from chalicelib.composition import page_service, sitemap_service
from chalicelib.domain.errors import NotFoundError, UnsupportedError
from chalicelib.domain.sitemap import SitemapPart
from chalicelib.handlers.showing import MOVED, answer, handle_in, shown, site
from chalicelib.http.routing import Answer, ApiRequest, Routes
from chalicelib.pages import atom, oembed, sitemap
from chalicelib.schemas.pages import EmbedAddress, PageAddress, SitemapAddress

routes = Routes(__name__)

POSTS_A_FEED = 20

_NOTHING = "There is no public page at this address."


@routes.operation(
    "GET",
    "/{name}/feed.atom",
    summary="An artist's newest posts, for feed readers: /@handle/feed.atom",
    query=PageAddress,
    status=(200, 301),
    errors=(404,),
    produces="application/atom+xml",
)
def feed(request: ApiRequest[None, PageAddress], name: str) -> Answer:
    """Return an artist's feed."""
    del request
    handle = handle_in(name)
    found = page_service().newest(handle, POSTS_A_FEED)
    if name != f"@{handle}":
        return Answer(None, status=301, headers={**MOVED, "Location": site().feed(handle)})
    return answer(atom.feed(site(), found.author, atom.listed(found.posts, found.cards)))


@routes.operation(
    "GET",
    "/oembed",
    summary="What other sites may show for a page's address, by oEmbed 1.0",
    query=EmbedAddress,
    errors=(404, 501),
)
def embed(request: ApiRequest[None, EmbedAddress]) -> Answer:
    """Return a photo or a link; what is not public is not told from what does not exist."""
    asked = request.query
    if asked.format not in oembed.TYPES:
        raise UnsupportedError("format must be json or xml.")
    try:
        found = _embedded(asked.url, (asked.maxwidth, asked.maxheight))
    except NotFoundError as error:
        raise NotFoundError(_NOTHING) from error
    return answer(oembed.document(found, asked.format))


def _embedded(url: str, bounds: oembed.Bounds) -> dict[str, Any]:
    match oembed.target(site(), url):
        case "post", post_id:
            view = page_service().post(post_id).view
            if view.post.listed:
                return oembed.of_post(site(), shown(view), bounds)
        case "profile", name:
            found = page_service().profile(handle_in(name), limit=1).view
            avatar = found.media.get(found.profile.fields.avatar_media_id or "")
            return oembed.of_profile(site(), found.profile, avatar, bounds)
    raise NotFoundError(_NOTHING)


@routes.operation(
    "GET",
    "/sitemap.xml",
    summary="The pages of artists and posts, for search engines",
    query=SitemapAddress,
    errors=(404,),
    produces="application/xml",
)
def sitemap_xml(request: ApiRequest[None, SitemapAddress]) -> Answer:
    """Return the index, or one part."""
    day, shard = request.query.day, request.query.shard
    if day is None or shard is None:
        return answer(sitemap.index(site(), sitemap_service().parts()))
    return answer(sitemap.urls(site(), sitemap_service().entries(SitemapPart(day, shard))))
