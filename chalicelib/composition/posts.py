"""Posts, what stands on them, and their pages."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.people import profile_service, sight
from chalicelib.composition.pictures import media_service, publication_service
from chalicelib.composition.stores import allow, counter_store

if TYPE_CHECKING:
    from chalicelib.services.comments import CommentService
    from chalicelib.services.pages import PageService
    from chalicelib.services.portfolio import PortfolioService
    from chalicelib.services.post_reading import PostReader
    from chalicelib.services.posts import PostService
    from chalicelib.services.reactions import ReactionService
    from chalicelib.services.sitemap import SitemapService, SitemapUpkeep
    from chalicelib.services.viewer_state import ViewerStateService


@cache
def post_service() -> "PostService":
    """Return what the post routes call."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.posts import PostService

    return PostService(
        PostRepository(),
        MediaRepository(),
        ProfileRepository(),
        publication_service(),
        media_service(),
        post_reader(),
        allow=allow,
    )


@cache
def portfolio_service() -> "PortfolioService":
    """Return what the routes call by which a portfolio is put in order."""
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.portfolio import PortfolioService

    return PortfolioService(PostRepository(), publication_service())


@cache
def post_reader() -> "PostReader":
    """Return what the routes call that show posts."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.post_reading import PostReader

    return PostReader(PostRepository(), MediaRepository(), ProfileRepository(), counter_store(), sight())


@cache
def reaction_service() -> "ReactionService":
    """Return what the routes of reactions call."""
    from chalicelib.repositories.reactions import ReactionRepository
    from chalicelib.services.reactions import ReactionService

    return ReactionService(ReactionRepository(), sight())


@cache
def viewer_state_service() -> "ViewerStateService":
    """Return what the route of the viewer's state calls."""
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.reactions import ReactionRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.viewer_state import ViewerStateService

    return ViewerStateService(ReactionRepository(), RelationRepository(), ProfileRepository())


@cache
def page_service() -> "PageService":
    """Return what the routes of public pages call."""
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.pages import PageService

    return PageService(profile_service(), post_reader(), PostRepository())


@cache
def sitemap_service() -> "SitemapService":
    """Return what the route of the sitemap calls."""
    from chalicelib.repositories.sitemap import SitemapRepository
    from chalicelib.services.sitemap import SitemapService

    return SitemapService(SitemapRepository())


@cache
def sitemap_upkeep() -> "SitemapUpkeep":
    """Return what keeps the sitemap up to date."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.sitemap import SitemapRepository
    from chalicelib.services.sitemap import SitemapUpkeep

    return SitemapUpkeep(SitemapRepository(), PostRepository(), ProfileRepository(), MediaRepository())


@cache
def comment_service() -> "CommentService":
    """Return what the routes of comments call."""
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.services.comments import CommentService

    return CommentService(CommentRepository(), sight(), publication_service())
