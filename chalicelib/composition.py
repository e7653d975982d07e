"""Where parts are put together: each service once, with the repositories and stores it needs.

Everything is imported where it is needed: a function that answers without the database starts without its client.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.domain.changes import Change
    from chalicelib.domain.signatures import Signer
    from chalicelib.imaging.cloak.engine import Cloak
    from chalicelib.imaging.protect import Cloaking
    from chalicelib.queues import DeadQueue, ErrandQueue
    from chalicelib.services.addresses import Addresses
    from chalicelib.services.appeals import AppealService
    from chalicelib.services.author_exposure import AuthorExposure
    from chalicelib.services.comments import CommentService
    from chalicelib.services.conversations import ConversationService, MessagePreferences
    from chalicelib.services.decisions import DecisionService
    from chalicelib.services.directory import DirectoryService
    from chalicelib.services.discovery import DiscoveryService, TicketService
    from chalicelib.services.errands import ErrandService
    from chalicelib.services.export import ExportService
    from chalicelib.services.exposure import ExposureService
    from chalicelib.services.filling import FillService
    from chalicelib.services.finding import FindingService
    from chalicelib.services.home import HomeService
    from chalicelib.services.invalidation import InvalidationService
    from chalicelib.services.job_expiry import JobExpiry
    from chalicelib.services.job_lister import JobLister
    from chalicelib.services.job_search import JobSearch
    from chalicelib.services.jobs import JobService
    from chalicelib.services.listing import ListingService
    from chalicelib.services.media import MediaService
    from chalicelib.services.members import MemberService
    from chalicelib.services.moderation import ModerationService
    from chalicelib.services.muted_texts import MutedTextService
    from chalicelib.services.notifications import NotificationService
    from chalicelib.services.pages import PageService
    from chalicelib.services.people import CardRefresher, People
    from chalicelib.services.ports import ChangeConsumer, CounterStore, ErrandWorker, ViewCounter
    from chalicelib.services.post_decisions import PostDecisions
    from chalicelib.services.post_reading import PostReader
    from chalicelib.services.posts import PostService
    from chalicelib.services.profiles import ProfileService
    from chalicelib.services.protection import ProtectionService
    from chalicelib.services.publication import PublicationService
    from chalicelib.services.pushing import PushService
    from chalicelib.services.reactions import ReactionService
    from chalicelib.services.recall import RecallService
    from chalicelib.services.registry import RegistryService
    from chalicelib.services.relations import RelationService
    from chalicelib.services.reports import ReportService
    from chalicelib.services.sight import Sight
    from chalicelib.services.sitemap import SitemapService, SitemapUpkeep
    from chalicelib.services.studios import StudioService
    from chalicelib.services.sweep import SweepService
    from chalicelib.services.telling import Telling
    from chalicelib.services.viewer_state import ViewerStateService
    from chalicelib.services.works import WorkService
    from chalicelib.storage import Derivatives, Originals

WEB_STATEMENT_PATH = "/policies/tdm.json"
"""Where the policy on text and data mining is published; it is written into every file."""


def run_once(
    key: str, fingerprint: str, work: Callable[[], dict[str, Any]], lambda_context: Any, seconds: int
) -> dict[str, Any]:
    """Do some work unless it was done before under the same key: see repositories.idempotency."""
    from chalicelib.repositories import idempotency

    return idempotency.run_once(key, fingerprint, work, lambda_context, seconds)


def suspension(account_id: str) -> str | None:
    """Return why an account may do nothing any more; None where it may."""
    from chalicelib.repositories.accounts import AccountRepository

    standing = AccountRepository().standing(account_id)
    return standing.decision.reason if standing and standing.suspended else None


@cache
def _originals() -> "Originals":
    from chalicelib.storage import Originals

    return Originals(settings().originals_bucket)


@cache
def _derivatives() -> "Derivatives":
    from chalicelib.storage import Derivatives

    return Derivatives(settings().derivatives_bucket)


@cache
def addresses() -> "Addresses":
    """Return what gives the addresses of pictures' files."""
    from chalicelib.links import LinkSigner
    from chalicelib.services.addresses import Addresses

    here = settings()
    return Addresses(here.media_base_url, LinkSigner(here.signer_parameter, here.edge_parameter).sign)


@cache
def work_service() -> "WorkService":
    """Return what keeps the registry of works, and what the route of matches calls."""
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.matches import MatchRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.works import WorkRepository
    from chalicelib.services.works import WorkService

    return WorkService(WorkRepository(), MatchRepository(), CaseRepository(), MediaRepository(), ProfileRepository())


@cache
def registry_service() -> "RegistryService":
    """Return what the registry's routes call."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.works import WorkRepository
    from chalicelib.services.registry import RegistryService

    return RegistryService(WorkRepository(), MediaRepository(), ProfileRepository(), AllowanceRepository())


@cache
def invalidation_service() -> "InvalidationService":
    """Return what has the CDN forget copies."""
    from chalicelib.links import Edge
    from chalicelib.services.invalidation import InvalidationService

    return InvalidationService(errand_queue(), Edge(settings().edge_parameter))


@cache
def _exposure() -> "ExposureService":
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.exposure import ExposureService

    return ExposureService(
        MediaRepository(), PostRepository(), ProfileRepository(), _derivatives(), work_service(), invalidation_service()
    )


@cache
def _publication() -> "PublicationService":
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.publication import PublicationService

    return PublicationService(PostRepository(), MediaRepository(), _exposure(), AccountRepository())


@cache
def _recall() -> "RecallService":
    from chalicelib.queues import ProtectQueue
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.recall import RecallService

    return RecallService(MediaRepository(), ProtectQueue(settings().protect_queue_url), _publication())


@cache
def profile_service() -> "ProfileService":
    """Return what the profile routes call."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.profiles import ProfileService

    return ProfileService(ProfileRepository(), MediaRepository(), _exposure(), RelationRepository(), counter_store())


@cache
def _people() -> "People":
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.people import People

    return People(ProfileRepository(), MediaRepository())


@cache
def relation_service() -> "RelationService":
    """Return what the routes call by which people follow, block and mute."""
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.relations import RelationService

    return RelationService(RelationRepository(), ProfileRepository(), _people())


@cache
def conversation_service() -> "ConversationService":
    """Return what the routes of conversations call."""
    from chalicelib.repositories.conversations import ConversationRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.conversations import ConversationService

    return ConversationService(
        ConversationRepository(), RelationRepository(), ProfileRepository(), _people(), MediaRepository(), _sight()
    )


@cache
def message_preferences() -> "MessagePreferences":
    """Return what the routes call that say who may write to an account."""
    from chalicelib.repositories.conversations import ConversationRepository
    from chalicelib.services.conversations import MessagePreferences

    return MessagePreferences(ConversationRepository())


@cache
def notification_service() -> "NotificationService":
    """Return what the routes of notifications call."""
    from chalicelib.repositories.notifications import NotificationRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.notifications import NotificationService

    return NotificationService(NotificationRepository(), RelationRepository())


@cache
def telling_service() -> "Telling":
    """Return what tells accounts what concerns them, for whatever follows the streams or decides something."""
    from chalicelib.repositories.notifications import NotificationRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.telling import Telling

    return Telling(NotificationRepository(), RelationRepository(), _people())


@cache
def muted_text_service() -> "MutedTextService":
    """Return what the routes of muted tags and words call."""
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.muted_texts import MutedTextService

    return MutedTextService(RelationRepository())


@cache
def media_service() -> "MediaService":
    """Return what the upload and media routes call."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.media import MediaService

    return MediaService(MediaRepository(), _originals(), _derivatives(), _recall(), AllowanceRepository())


@cache
def post_service() -> "PostService":
    """Return what the post routes call."""
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.home import OwnFeed
    from chalicelib.services.posts import PostService

    # what a request publishes stands in the artist's own feed at once, the rest a moment later by the stream
    publication = replace(_publication(), own_feed=OwnFeed(FeedRepository(), ProfileRepository()))
    return PostService(
        PostRepository(), MediaRepository(), ProfileRepository(), publication, media_service(), post_reader()
    )


@cache
def post_reader() -> "PostReader":
    """Return what the routes call that show posts."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.post_reading import PostReader

    return PostReader(PostRepository(), MediaRepository(), ProfileRepository(), counter_store(), _sight())


@cache
def _sight() -> "Sight":
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.sight import Sight

    return Sight(PostRepository(), ProfileRepository(), RelationRepository())


@cache
def reaction_service() -> "ReactionService":
    """Return what the routes of reactions call."""
    from chalicelib.repositories.reactions import ReactionRepository
    from chalicelib.services.reactions import ReactionService

    return ReactionService(ReactionRepository(), _sight())


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

    return PageService(profile_service(), post_reader(), PostRepository(), counter_store())


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

    return CommentService(CommentRepository(), _sight(), _publication())


@cache
def appeal_service() -> "AppealService":
    """Return what the appeal route calls."""
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.appeals import AppealService

    return AppealService(MediaRepository(), CaseRepository(), _originals())


@cache
def moderation_service() -> "ModerationService":
    """Return what the routes call that show moderators something."""
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.moderation import ModerationService

    return ModerationService(MediaRepository(), CaseRepository(), AuditRepository(), addresses())


@cache
def decision_service() -> "DecisionService":
    """Return what the route of decisions calls."""
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.hiring import HiringDecisionRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.decisions import DecisionService
    from chalicelib.services.hiring_decisions import HiringDecisions

    hiring = HiringDecisions(HiringDecisionRepository(), StudioRepository(), JobRepository(), errand_queue())

    return DecisionService(
        media=MediaRepository(),
        profiles=ProfileRepository(),
        accounts=AccountRepository(),
        cases=CaseRepository(),
        log=AuditRepository(),
        originals=_originals(),
        recall=_recall(),
        others={
            **dict.fromkeys(("verify_studio", "refuse_studio", "release_studio"), hiring.decide_studio),
            **dict.fromkeys(("approve_job", "refuse_job"), hiring.decide_job),
            **dict.fromkeys(("remove", "restore", "label"), post_decisions().decide),
        },
        appeals_of_posts=post_decisions().decide,
    )


@cache
def post_decisions() -> "PostDecisions":
    """Return what decides about posts and comments, and what takes appeals against it."""
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.post_decisions import PostDecisions

    return PostDecisions(
        PostRepository(), MediaRepository(), CommentRepository(), CaseRepository(), AuditRepository(), _publication()
    )


@cache
def report_service() -> "ReportService":
    """Return what the route of reports calls."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.reports import ReportService

    return ReportService(CaseRepository(), MediaRepository(), CommentRepository(), _sight(), AllowanceRepository())


@cache
def studio_service() -> "StudioService":
    """Return what the routes of studios call."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.studios import StudioService

    return StudioService(StudioRepository(), MediaRepository())


@cache
def job_service() -> "JobService":
    """Return what the routes of jobs call."""
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.jobs import JobService

    return JobService(JobRepository(), StudioRepository(), studio_service(), errand_queue())


@cache
def job_search() -> "JobSearch":
    """Return what the route calls that lists open jobs."""
    from chalicelib.repositories.job_listings import JobListingRepository
    from chalicelib.services.job_search import JobSearch

    return JobSearch(JobListingRepository())


@cache
def job_lister() -> "JobLister":
    """Return what keeps the lists of open jobs."""
    from chalicelib.repositories.job_listings import JobListingRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.job_lister import JobLister

    return JobLister(JobRepository(), JobListingRepository())


@cache
def _job_expiry() -> "JobExpiry":
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.services.job_expiry import JobExpiry

    return JobExpiry(JobRepository(), errand_queue())


@cache
def member_service() -> "MemberService":
    """Return what the routes of studios' members call."""
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.members import MemberService

    return MemberService(StudioRepository(), ProfileRepository(), studio_service())


@cache
def protection_service() -> "ProtectionService":
    """Return what the protection function calls. Imaging is imported with it.

    Raises:
        ModelError: a model of the cloak is missing or damaged. The function then protects nothing, as no picture may
            wait until one is to be cloaked for that to be noticed.
    """
    from chalicelib.imaging.cloak.encoders import check_encoders
    from chalicelib.imaging.cloak.engine import ENCODERS

    check_encoders(_folder(settings().models_folder), list(ENCODERS))
    return _protection()


@cache
def requeue_service() -> "ProtectionService":
    """Return the same for tools that have pictures tried again by the function, and need no models for that."""
    return _protection()


def _protection() -> "ProtectionService":
    from chalicelib.imaging.protect import preview, protect
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.protection import ProtectionService
    from chalicelib.services.screening import held_verdicts

    cloak = _cloaking()
    return ProtectionService(
        media=MediaRepository(),
        profiles=ProfileRepository(),
        originals=_originals(),
        derivatives=_derivatives(),
        publication=_publication(),
        protect=lambda data, options: protect(data, options, cloak, _signer()),
        preview=preview,
        sign_record=_sign_record,
        public_base_url=settings().public_base_url,
        works=work_service(),
        cases=CaseRepository(),
        lease_seconds=settings().lease_seconds,
        web_statement=settings().public_base_url + WEB_STATEMENT_PATH,
        screening_hold=held_verdicts(settings().screening_hold),
    )


@cache
def _signer() -> "Signer":
    """Return what signs Content Credentials; asked when a picture is there, so that a hiccup of AWS is one try's."""
    from chalicelib.signing import signer

    return signer(settings().signing_key_id, settings().signing_certificates_parameter)


@cache
def published_keys() -> tuple[dict[str, str], ...]:
    """Return the public keys by which protection records can be verified, as JWK."""
    from chalicelib.domain.signatures import public_jwk
    from chalicelib.signing import SigningKey

    return (public_jwk(SigningKey(settings().record_key_id).public_key()),)


def _sign_record(record: Mapping[str, Any]) -> str:
    from chalicelib.domain.signatures import compact_jws
    from chalicelib.services.records import KIND
    from chalicelib.signing import SigningKey

    key_id = published_keys()[0]["kid"]
    return compact_jws(record, KIND, key_id, SigningKey(settings().record_key_id).sign)


@cache
def _cloak() -> "Cloak":
    """Return the cloak with its models, loaded once; not before a picture is to be cloaked, as it takes a second."""
    from chalicelib.imaging.cloak.engine import Cloak

    return Cloak(_folder(settings().models_folder))


def _folder(name: str) -> Path:
    """Return a folder by its path, or by its name among Python's packages, as layers bring it."""
    from importlib.util import find_spec

    spec = find_spec(name) if name.isidentifier() else None
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else Path(name)


def _cloaking() -> "Cloaking":
    return lambda image, level, seed: _cloak().apply(image, level, seed)


@cache
def sweep_service() -> "SweepService":
    """Return what the sweep calls."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.sweep import SweepService

    return SweepService(
        MediaRepository(),
        PostRepository(),
        _originals(),
        _exposure(),
        _publication(),
        _recall(),
        others=(_job_expiry(),),
    )


@cache
def directory_service() -> "DirectoryService":
    """Return what the routes call that list public posts by many artists."""
    from chalicelib.repositories.directory import DirectoryRepository
    from chalicelib.repositories.search_index import SearchIndexRepository
    from chalicelib.services.directory import DirectoryService

    return DirectoryService(DirectoryRepository(), SearchIndexRepository(), _sight().relations)


@cache
def listing_service() -> "ListingService":
    """Return what lists posts in the directory."""
    from chalicelib.repositories.directory import DirectoryRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.listing import ListingService

    return ListingService(PostRepository(), ProfileRepository(), DirectoryRepository())


@cache
def discovery_service() -> "DiscoveryService":
    """Return what the route of discovery calls; there is one for each process, as it knows the turn's hand."""
    from chalicelib.repositories.draws import DrawRepository
    from chalicelib.services.discovery import DiscoveryService

    return DiscoveryService(DrawRepository(), directory_service())


@cache
def ticket_service() -> "TicketService":
    """Return what keeps each artist's ticket."""
    from chalicelib.repositories.draws import DrawRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.discovery import TicketService

    return TicketService(PostRepository(), ProfileRepository(), DrawRepository())


@cache
def errand_queue() -> "ErrandQueue":
    """Return the queue of errands."""
    from chalicelib.queues import ErrandQueue

    return ErrandQueue(settings().errand_queue_url)


@cache
def changes_dead_queue() -> "DeadQueue":
    """Return where the places of changes are kept that nobody could follow."""
    from chalicelib.queues import DeadQueue

    return DeadQueue(settings().changes_dead_queue_url)


@cache
def counter_store() -> "CounterStore":
    """Return the counts of posts and profiles."""
    from chalicelib.repositories.counters import CounterRepository

    return CounterRepository()


@cache
def view_counter() -> "ViewCounter":
    """Return what counts views of posts; there is one for each process, as it holds some back for a moment."""
    from chalicelib.repositories.counters import CounterRepository
    from chalicelib.services.views import BufferedViews

    return BufferedViews(CounterRepository())


def read_changes(
    table: str, records: Iterable[Mapping[str, Any]]
) -> "tuple[list[Change[Any]], list[Mapping[str, Any]]]":
    """Return the changes of a table that its stream's records tell, and the records that cannot be read."""
    from chalicelib.repositories.streams import READERS, read

    return read(records, READERS[table]) if table in READERS else ([], [])


def _posts_mapped() -> "ChangeConsumer[Any]":
    from chalicelib.services.sitemap import PostsMapped

    return PostsMapped(errand_queue())


def _artists_mapped() -> "ChangeConsumer[Any]":
    from chalicelib.services.sitemap import ArtistsMapped

    return ArtistsMapped(errand_queue())


@cache
def change_consumers(table: str) -> "tuple[ChangeConsumer[Any], ...]":
    """Return all that follow the changes of a table, but for counting; each gets every batch, at least once."""
    consumers: Mapping[str, tuple[Callable[[], ChangeConsumer[Any]], ...]] = {
        "posts": (
            _posts_listed,
            _posts_drawn,
            _reactions_kept,
            _comments_kept,
            _post_notes,
            _posts_mapped,
            _posts_pushed,
        ),
        "profiles": (
            _feeds_forgotten,
            _people_listed,
            _authors_listed,
            _authors_drawn,
            _authors_kept,
            _authors_exposed,
            _card_keeper,
            _artists_mapped,
            _authors_pushed,
        ),
        "relations": (_relation_notes, _follows_fed),
        "reactions": (_reaction_notes,),
        "comments": (_comment_notes,),
    }
    return tuple(make() for make in consumers[table])


@cache
def counting(table: str) -> "ChangeConsumer[Any]":
    """Return what counts by the changes of a table."""
    from chalicelib.repositories.counters import CounterRepository
    from chalicelib.services import counting

    counters = CounterRepository()
    if table in counting.ENDINGS:
        return counting.CountersOf(counters, counting.ENDINGS[table])
    return counting.Counting(counters, counting.COUNTED[table])


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
    from chalicelib.services.export_sources import Items, Pictures, Talks

    holdings, chosen = HoldingRepository(), settings()
    files = AccountFiles(chosen.originals_bucket, chosen.derivatives_bucket)
    talks = Talks(holdings)
    items = [Items(holdings, name) for name in PLACES if name not in talks.places]
    archives = Archives(chosen.derivatives_bucket)
    return ExportService(
        TaskRepository(), archives, errand_queue(), (*items, talks, Pictures(files, MediaRepository()))
    )


def errand_workers() -> "Mapping[str, ErrandWorker]":
    """Return who does errands, by their kind."""
    from chalicelib.services import author_exposure, export, invalidation, people, telling

    return {
        author_exposure.KIND: _author_exposure().work,
        invalidation.KIND: invalidation_service().work,
        people.REFRESH: _card_refresher().work,
        telling.FORGET: telling_service().forget,
        export.KIND: export_service().work,
        **_listing(),
        **_feeding(),
        **_upkeep(),
        **_mapping(),
    }


def _listing() -> "Mapping[str, ErrandWorker]":
    """Return who keeps the directory and the ring of discovery."""
    from chalicelib.services import discovery, finding, listing
    from chalicelib.services.job_lister import KIND as LIST_JOB

    return {
        finding.LIST_PERSON: finding_service().list_person,
        listing.LIST_POST: listing_service().list_post,
        listing.LIST_AUTHOR: listing_service().list_author,
        discovery.DRAW_TICKET: ticket_service().draw,
        LIST_JOB: job_lister().work,
    }


def _feeding() -> "Mapping[str, ErrandWorker]":
    """Return who keeps home feeds."""
    from chalicelib.services import filling, home, pushing

    pushes, fills = _push_service(), _fill_service()
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


def _authors_exposed() -> "ChangeConsumer[Any]":
    from chalicelib.services.author_exposure import AuthorExposureConsumer

    return AuthorExposureConsumer(errand_queue())


def _author_exposure() -> "AuthorExposure":
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.services.author_exposure import AuthorExposure

    return AuthorExposure(PostRepository(), _publication())


def _reactions_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.reaction_upkeep import PostReactionConsumer

    return PostReactionConsumer(errand_queue())


def _comments_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.comment_upkeep import PostCommentConsumer

    return PostCommentConsumer(errand_queue())


def _authors_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.author_upkeep import AuthorConsumer

    return AuthorConsumer(errand_queue())


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
        author_upkeep.KIND: author_upkeep.AuthorUpkeep(posts, errand_queue()).work,
    }


def _card_keeper() -> "ChangeConsumer[Any]":
    from chalicelib.services.people import CardKeeper

    return CardKeeper(errand_queue())


def _card_refresher() -> "CardRefresher":
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.people import CardRefresher

    return CardRefresher(_people(), RelationRepository())


def _relation_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import RelationNotes

    return RelationNotes(telling_service(), errand_queue())


def _reaction_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import ReactionNotes

    return ReactionNotes(telling_service())


def _comment_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.comment_notes import CommentNotes

    return CommentNotes(telling_service(), errand_queue(), _sight())


def _post_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import PostNotes

    return PostNotes(telling_service(), errand_queue(), _sight())


def _posts_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.listing import PostsListed

    return PostsListed(errand_queue())


def _authors_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.listing import AuthorsListed

    return AuthorsListed(errand_queue())


def _people_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.finding import PeopleListed

    return PeopleListed(errand_queue())


def _posts_drawn() -> "ChangeConsumer[Any]":
    from chalicelib.services.discovery import PostsDrawn

    return PostsDrawn(errand_queue())


def _authors_drawn() -> "ChangeConsumer[Any]":
    from chalicelib.services.discovery import AuthorsDrawn

    return AuthorsDrawn(errand_queue())


@cache
def home_service() -> "HomeService":
    """Return what the route of the home feed calls; one for each process, as it knows what hubs posted lately."""
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.services.home import HomeService
    from chalicelib.services.hub_days import HubDays

    return HomeService(FeedRepository(), HubDays(HubRepository()), _sight().relations, errand_queue())


def _push_service() -> "PushService":
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.pushing import PushService

    return PushService(
        posts=PostRepository(),
        profiles=ProfileRepository(),
        relations=RelationRepository(),
        counters=counter_store(),
        feeds=FeedRepository(),
        hubs=HubRepository(),
        errands=errand_queue(),
    )


def _fill_service() -> "FillService":
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.filling import FillService

    return FillService(PostRepository(), ProfileRepository(), RelationRepository(), FeedRepository(), HubRepository())


def _posts_pushed() -> "ChangeConsumer[Any]":
    from chalicelib.services.pushing import PostsPushed

    return PostsPushed(errand_queue())


def _authors_pushed() -> "ChangeConsumer[Any]":
    from chalicelib.services.pushing import AuthorsPushed

    return AuthorsPushed(errand_queue())


def _feeds_forgotten() -> "ChangeConsumer[Any]":
    from chalicelib.services.filling import FeedsForgotten

    return FeedsForgotten(errand_queue())


def _follows_fed() -> "ChangeConsumer[Any]":
    from chalicelib.services.filling import FollowsFed

    return FollowsFed(errand_queue())


@cache
def finding_service() -> "FindingService":
    """Return what finds people, and lists them to be found."""
    from chalicelib.repositories.people_index import PeopleIndexRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.finding import FindingService

    return FindingService(PeopleIndexRepository(), ProfileRepository(), _people(), _sight().relations)
