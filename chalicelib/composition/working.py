"""What works in the background: errands and the sweep."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.alerts import job_delivery, job_letters, job_matcher
from chalicelib.composition.applying import application_upkeep
from chalicelib.composition.deleting import deletion_workers, media_deletion
from chalicelib.composition.feeds import fill_service, listing_service, push_service, ticket_service
from chalicelib.composition.hiring import job_copies, job_expiry, job_lister, saved_job_service
from chalicelib.composition.people import card_refresher, finding_service, talent_lister, telling_service
from chalicelib.composition.pictures import exposure_service, publication_service, recall_service
from chalicelib.composition.posts import sitemap_upkeep
from chalicelib.composition.stores import errand_queue, invalidation_service, originals
from chalicelib.composition.trust import media_decisions
from chalicelib.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.services.author_exposure import AuthorExposure
    from chalicelib.services.errands import ErrandService
    from chalicelib.services.export import ExportService
    from chalicelib.services.ports import ErrandWorker
    from chalicelib.services.sweep import SweepService


@cache
def sweep_service() -> "SweepService":
    """Return what the sweep calls."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.sweep import SweepService

    return SweepService(
        MediaRepository(),
        PostRepository(),
        originals(),
        exposure_service(),
        publication_service(),
        recall_service(),
        others=(job_expiry(), job_delivery(), application_upkeep()),
        deleted=media_deletion().bring,
        decided=media_decisions().renew,
    )


@cache
def errand_service() -> "ErrandService":
    """Return what does errands."""
    from chalicelib.services.errands import ErrandService

    return ErrandService(errand_workers(), errand_queue())


@cache
def export_service() -> "ExportService":
    """Return what puts together all that is held of an account."""
    from chalicelib.archives import AccountFiles, Archives
    from chalicelib.repositories.holdings import PLACES, HoldingRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.tasks import TaskRepository
    from chalicelib.services.export import ExportService
    from chalicelib.services.export_sources import Items, Pictures, Resumes, Source, Talks

    holdings, chosen = HoldingRepository(), settings()
    files = AccountFiles(chosen.originals_bucket, chosen.derivatives_bucket)
    talks = Talks(holdings)
    items = [Items(holdings, name) for name in PLACES if name not in talks.places]
    archives = Archives(chosen.derivatives_bucket)
    sources: list[Source] = [*items, talks, Resumes(files), Pictures(files, MediaRepository())]
    return ExportService(TaskRepository(), archives, errand_queue(), sources)


def errand_workers() -> "Mapping[str, ErrandWorker]":
    """Return who does errands, by their kind."""
    from chalicelib.services import author_exposure, export, invalidation, people, telling

    return {
        author_exposure.KIND: _author_exposure().work,
        invalidation.KIND: invalidation_service().work,
        invalidation.JOBS: job_copies().work,
        people.REFRESH: card_refresher().work,
        telling.FORGET: telling_service().forget,
        export.KIND: export_service().work,
        **deletion_workers(),
        **_listing(),
        **_feeding(),
        **_upkeep(),
        **_mapping(),
        **_hiring(),
    }


def _listing() -> "Mapping[str, ErrandWorker]":
    """Return who keeps the directory and the ring of discovery."""
    from chalicelib.services import discovery, finding, listing

    return {
        finding.LIST_PERSON: finding_service().list_person,
        listing.LIST_POST: listing_service().list_post,
        listing.LIST_AUTHOR: listing_service().list_author,
        discovery.DRAW_TICKET: ticket_service().draw,
    }


def _hiring() -> "Mapping[str, ErrandWorker]":
    """Return who keeps lists of jobs, and those who look for one in the know."""
    from chalicelib.services import job_delivery as delivery
    from chalicelib.services import job_letters as letters
    from chalicelib.services import job_lister as listing
    from chalicelib.services import job_matching as matching
    from chalicelib.services import saved_jobs, talent

    return {
        listing.KIND: job_lister().work,
        saved_jobs.REFRESH: saved_job_service().refresh,
        talent.KIND: talent_lister().work,
        matching.MATCH: job_matcher().match,
        matching.LOOK: job_matcher().look,
        delivery.DELIVER: job_delivery().deliver,
        letters.RETURNED: job_letters().returned,
    }


def _feeding() -> "Mapping[str, ErrandWorker]":
    """Return who keeps home feeds."""
    from chalicelib.services import filling, home, pushing

    pushes, fills = push_service(), fill_service()
    return {
        pushing.PUSH_POST: pushes.push_post,
        pushing.PUSH_AUTHOR: pushes.push_author,
        pushing.SPREAD_HUB: pushes.spread_hub,
        filling.FEED_FOLLOW: fills.follow,
        filling.FEED_UNFOLLOW: fills.unfollow,
        filling.FORGET_FEED: fills.forget,
        home.FILL_FEED: fills.fill,
    }


def _mapping() -> "Mapping[str, ErrandWorker]":
    """Return who keeps the sitemap."""
    from chalicelib.services import sitemap

    upkeep = sitemap_upkeep()
    return {sitemap.MAP_POST: upkeep.map_post, sitemap.MAP_ARTIST: upkeep.map_artist}


def _author_exposure() -> "AuthorExposure":
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.author_exposure import AuthorExposure

    return AuthorExposure(PostRepository(), publication_service())


def _upkeep() -> "Mapping[str, ErrandWorker]":
    """Return who keeps what stands on posts true of them and of their authors."""
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.reactions import SHARDS, ReactionRepository
    from chalicelib.services import author_upkeep, comment_upkeep, reaction_upkeep

    posts, profiles = PostRepository(), ProfileRepository()
    reactions = reaction_upkeep.ReactionUpkeep(ReactionRepository(), posts, profiles, errand_queue(), SHARDS)
    comments = comment_upkeep.CommentUpkeep(CommentRepository(), posts, profiles, errand_queue())
    return {
        reaction_upkeep.KIND: reactions.work,
        comment_upkeep.DROP: comments.drop,
        comment_upkeep.RENAME: comments.rename,
        comment_upkeep.FORGET_ANSWERED: comments.forget_answered,
        author_upkeep.KIND: author_upkeep.AuthorUpkeep(posts, errand_queue()).work,
    }
