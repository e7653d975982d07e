"""Deletion of accounts: where something of one may be."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.people import talent_lister
from chalicelib.composition.pictures import publication_service, work_service
from chalicelib.composition.stores import errand_queue, invalidation_service
from chalicelib.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.services.deletion import DeletionService
    from chalicelib.services.deletion_places import Pictures, Place
    from chalicelib.services.media_deletion import MediaDeletion
    from chalicelib.services.ports import ErrandWorker


@cache
def deletion_service() -> "DeletionService":
    """Return what deletes accounts."""
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.tasks import TaskRepository
    from chalicelib.services.deletion import DeletionService

    return DeletionService(TaskRepository(), AccountRepository(), ProfileRepository(), errand_queue(), _places())


def deletion_workers() -> "Mapping[str, ErrandWorker]":
    """Return who does the errands of deletions, by their kind."""
    from chalicelib.services import deletion, deletion_places, media_deletion

    return {
        deletion.KIND: deletion_service().work,
        deletion_places.FORGET_FILES: _pictures().forget_files,
        media_deletion.KIND: media_deletion.MediaRemover(_pictures(), errand_queue()).work,
    }


@cache
def media_deletion() -> "MediaDeletion":
    """Return what deletes single pictures."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.media_deletion import MediaDeletion

    stores = MediaRepository(), PostRepository(), ProfileRepository(), StudioRepository()
    return MediaDeletion(*stores, publication_service(), errand_queue())


def _places() -> "Sequence[Place]":
    """Return all places, one a line, in the order in which they are passed over: first what everyone can see."""
    from chalicelib.archives import AccountFiles
    from chalicelib.repositories.applications import ApplicationRepository
    from chalicelib.repositories.audit import AuditRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.comments import CommentRepository
    from chalicelib.repositories.conversations import ConversationRepository
    from chalicelib.repositories.counters import CounterRepository
    from chalicelib.repositories.draws import DrawRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.repositories.job_alerts import JobAlertRepository
    from chalicelib.repositories.jobs import JobRepository
    from chalicelib.repositories.matches import MatchRepository
    from chalicelib.repositories.people_index import PeopleIndexRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.repositories.remains import PLACES, RemainsRepository
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services import deletion_of_others as others
    from chalicelib.services import deletion_places as places
    from chalicelib.services.application_upkeep import OwnApplications
    from chalicelib.sign_ins import SignIns

    here, cases, hubs, jobs, remains = (
        settings(),
        CaseRepository(),
        HubRepository(),
        JobRepository(),
        RemainsRepository(),
    )
    return (
        places.SignIn(SignIns(here.user_pool_id)),
        places.Profile(ProfileRepository()),
        places.Posts(PostRepository(), hubs, cases),
        _pictures(),
        places.Comments(CommentRepository(), cases),
        places.Relations(RelationRepository()),
        others.Conversations(ConversationRepository()),
        others.Studios(StudioRepository(), jobs, cases, errand_queue()),
        others.JobActors(jobs),
        others.Cases(cases, AuditRepository()),
        places.Matches(MatchRepository()),
        OwnApplications(ApplicationRepository(), AccountFiles(here.originals_bucket, here.derivatives_bucket)),
        places.Talents(talent_lister().work, remains),
        places.JobAlerts(JobAlertRepository()),
        *(places.Own(remains, name) for name in PLACES),
        places.Directory(PeopleIndexRepository(), DrawRepository(), hubs, CounterRepository()),
        places.Exports(AccountFiles(here.originals_bucket, here.derivatives_bucket)),
    )


@cache
def _pictures() -> "Pictures":
    from chalicelib.archives import AccountFiles
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.services.deletion_places import Pictures

    here = settings()
    files = AccountFiles(here.originals_bucket, here.derivatives_bucket)
    return Pictures(MediaRepository(), files, work_service(), invalidation_service(), CaseRepository(), errand_queue())
