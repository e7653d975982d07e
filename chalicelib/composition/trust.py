"""Reports, decisions, appeals."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.hiring import job_service, studio_service
from chalicelib.composition.people import sight
from chalicelib.composition.pictures import exposure_service, publication_service, recall_service
from chalicelib.composition.stores import addresses, errand_queue, originals

if TYPE_CHECKING:
    from chalicelib.services.appeals import AppealService
    from chalicelib.services.decisions import Decide, DecisionService
    from chalicelib.services.media_decisions import MediaDecisions
    from chalicelib.services.message_reports import MessageReports
    from chalicelib.services.moderation import ModerationService
    from chalicelib.services.post_decisions import PostDecisions
    from chalicelib.services.reports import ReportService


@cache
def appeal_service() -> "AppealService":
    """Return what the appeal route calls."""
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.appeals import AppealService

    return AppealService(MediaRepository(), CaseRepository(), originals())


@cache
def moderation_service() -> "ModerationService":
    """Return what the routes call that show moderators something."""
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.moderation import ModerationService

    return ModerationService(MediaRepository(), CaseRepository(), AuditRepository(), addresses(), _message_reports())


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
    from chalicelib.services.talent import order

    hiring = HiringDecisions(HiringDecisionRepository(), StudioRepository(), JobRepository(), errand_queue())

    return DecisionService(
        media=MediaRepository(),
        profiles=ProfileRepository(),
        accounts=AccountRepository(),
        cases=CaseRepository(),
        log=AuditRepository(),
        originals=originals(),
        recall=recall_service(),
        others={
            **dict.fromkeys(("verify_studio", "refuse_studio", "release_studio"), hiring.decide_studio),
            **dict.fromkeys(("approve_job", "refuse_job"), hiring.decide_job),
            **dict.fromkeys(("remove", "restore", "label"), post_decisions().decide),
        },
        appeals_of_posts=post_decisions().decide,
        author_of=post_decisions().author_of,
        messages=_message_reports(),
        of_kind={
            "media": media_decisions().decide,
            "jobs": hiring.remove_job,
            "studios": hiring.remove_studio,
            **dict.fromkeys(("profiles", "accounts"), _profile_decisions()),
        },
        then=lambda account_id: order(errand_queue(), account_id),
    )


def _profile_decisions() -> "Decide":
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.profile_decisions import ProfileDecisions

    stores = ProfileRepository(), MediaRepository(), CaseRepository(), AuditRepository()
    return ProfileDecisions(*stores, exposure_service()).decide


@cache
def media_decisions() -> "MediaDecisions":
    """Return what decides about pictures that are shown."""
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.media_decisions import MediaDecisions

    return MediaDecisions(MediaRepository(), CaseRepository(), AuditRepository(), publication_service())


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
        PostRepository(),
        MediaRepository(),
        CommentRepository(),
        CaseRepository(),
        AuditRepository(),
        publication_service(),
    )


@cache
def report_service() -> "ReportService":
    """Return what the route of reports calls."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.reports import ReportService

    return ReportService(
        *(CaseRepository(), MediaRepository(), CommentRepository(), sight(), AllowanceRepository(), _message_reports()),
        jobs=job_service(),
        studios=studio_service(),
    )


@cache
def _message_reports() -> "MessageReports":
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.conversations import ConversationRepository
    from chalicelib.services.message_reports import MessageReports

    return MessageReports(ConversationRepository(), CaseRepository(), AuditRepository())
