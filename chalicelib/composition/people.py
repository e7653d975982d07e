"""People: profiles, relations, conversations, notifications."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.hiring import recruiters
from chalicelib.composition.pictures import exposure_service
from chalicelib.composition.stores import allow, counter_store

if TYPE_CHECKING:
    from chalicelib.services.account_appeals import AccountAppeals
    from chalicelib.services.conversations import ConversationService, MessagePreferences
    from chalicelib.services.finding import FindingService
    from chalicelib.services.muted_texts import MutedTextService
    from chalicelib.services.notifications import NotificationService
    from chalicelib.services.people import CardRefresher, People
    from chalicelib.services.pins import PinService
    from chalicelib.services.profiles import ProfileService
    from chalicelib.services.relations import RelationService
    from chalicelib.services.sight import Sight
    from chalicelib.services.talent import TalentLister, TalentSearch
    from chalicelib.services.telling import Telling


@cache
def profile_service() -> "ProfileService":
    """Return what the profile routes call."""
    from chalicelib.repositories.media import MediaRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.profiles import ProfileService

    return ProfileService(
        ProfileRepository(),
        MediaRepository(),
        exposure_service(),
        RelationRepository(),
        counter_store(),
        recruits=recruiters().verified,
        pinned=pin_service().shown,
        allow=allow,
        appeals=account_appeals(),
    )


@cache
def account_appeals() -> "AccountAppeals":
    """Return what takes appeals against decisions about accounts."""
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.cases import CaseRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.account_appeals import AccountAppeals

    return AccountAppeals(AccountRepository(), ProfileRepository(), CaseRepository())


@cache
def pin_service() -> "PinService":
    """Return what the routes call by which posts are pinned."""
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.pins import PinService

    return PinService(ProfileRepository(), PostRepository(), RelationRepository())


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
        ConversationRepository(), RelationRepository(), ProfileRepository(), _people(), MediaRepository(), sight()
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
def sight() -> "Sight":
    """Return who may see what."""
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.sight import Sight

    return Sight(PostRepository(), ProfileRepository(), RelationRepository())


def card_refresher() -> "CardRefresher":
    """Return what keeps the cards of people true that relations carry."""
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.people import CardRefresher

    return CardRefresher(_people(), RelationRepository())


@cache
def finding_service() -> "FindingService":
    """Return what finds people, and lists them to be found."""
    from chalicelib.repositories.people_index import PeopleIndexRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.services.finding import FindingService

    return FindingService(PeopleIndexRepository(), ProfileRepository(), _people(), sight().relations)


@cache
def talent_search() -> "TalentSearch":
    """Return what finds artists who look for work."""
    from chalicelib.repositories.talents import TalentRepository
    from chalicelib.services.talent import TalentSearch

    return TalentSearch(TalentRepository(), recruiters(), sight().relations)


@cache
def talent_lister() -> "TalentLister":
    """Return what lists artists who look for work."""
    from chalicelib.repositories.accounts import AccountRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.talents import TalentRepository
    from chalicelib.services.talent import TalentLister

    return TalentLister(TalentRepository(), ProfileRepository(), _people(), AccountRepository())
