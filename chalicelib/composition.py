"""Where parts are put together: each service once, with the repositories and stores it needs."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.repositories.idempotency import run_once
from chalicelib.repositories.media import MediaRepository
from chalicelib.repositories.posts import PostRepository
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.services.exposure import ExposureService
from chalicelib.services.publication import PublicationService
from chalicelib.settings import settings
from chalicelib.storage import Derivatives, Originals

if TYPE_CHECKING:
    from chalicelib.services.media import MediaService
    from chalicelib.services.posts import PostService
    from chalicelib.services.profiles import ProfileService
    from chalicelib.services.protection import ProtectionService
    from chalicelib.services.sweep import SweepService

__all__ = ["media_service", "post_service", "profile_service", "protection_service", "run_once", "sweep_service"]

WEB_STATEMENT_PATH = "/policies/tdm.json"
"""Where the policy on text and data mining is published; it is written into every file."""


@cache
def _exposure() -> ExposureService:
    return ExposureService(
        MediaRepository(), PostRepository(), ProfileRepository(), Derivatives(settings().derivatives_bucket)
    )


@cache
def _publication() -> PublicationService:
    return PublicationService(PostRepository(), MediaRepository(), _exposure())


@cache
def profile_service() -> "ProfileService":
    """Return what the profile routes call."""
    from chalicelib.services.profiles import ProfileService

    return ProfileService(ProfileRepository(), MediaRepository(), _exposure())


@cache
def media_service() -> "MediaService":
    """Return what the upload and media routes call."""
    from chalicelib.services.media import MediaService

    return MediaService(MediaRepository(), Originals(settings().originals_bucket))


@cache
def post_service() -> "PostService":
    """Return what the post routes call."""
    from chalicelib.services.posts import PostService

    return PostService(PostRepository(), MediaRepository(), ProfileRepository(), _publication())


@cache
def protection_service() -> "ProtectionService":
    """Return what the protection function calls. Imaging is imported with it."""
    from chalicelib.imaging.protect import protect
    from chalicelib.services.protection import ProtectionService

    return ProtectionService(
        media=MediaRepository(),
        profiles=ProfileRepository(),
        originals=Originals(settings().originals_bucket),
        derivatives=Derivatives(settings().derivatives_bucket),
        publication=_publication(),
        protect=protect,
        lease_seconds=settings().lease_seconds,
        web_statement=settings().public_base_url + WEB_STATEMENT_PATH,
    )


@cache
def sweep_service() -> "SweepService":
    """Return what the sweep calls."""
    from chalicelib.services.sweep import SweepService

    return SweepService(
        MediaRepository(), PostRepository(), Originals(settings().originals_bucket), _exposure(), _publication()
    )
