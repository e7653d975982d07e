"""Lists of posts by many artists: home, latest, discovery, search."""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.composition.people import sight
from chalicelib.composition.stores import counter_store, errand_queue

if TYPE_CHECKING:
    from chalicelib.services.directory import DirectoryService
    from chalicelib.services.discovery import DiscoveryService, TicketService
    from chalicelib.services.filling import FillService
    from chalicelib.services.home import HomeService
    from chalicelib.services.listing import ListingService
    from chalicelib.services.pushing import PushService


@cache
def directory_service() -> "DirectoryService":
    """Return what the routes call that list public posts by many artists."""
    from chalicelib.repositories.directory import DirectoryRepository
    from chalicelib.repositories.search_index import SearchIndexRepository
    from chalicelib.services.directory import DirectoryService

    return DirectoryService(DirectoryRepository(), SearchIndexRepository(), sight().relations)


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
def home_service() -> "HomeService":
    """Return what the route of the home feed calls; one for each process, as it knows what hubs posted lately."""
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.services.home import HomeService
    from chalicelib.services.hub_days import HubDays

    return HomeService(FeedRepository(), HubDays(HubRepository()), sight().relations, errand_queue())


def push_service() -> "PushService":
    """Return what pushes posts into home feeds."""
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


def fill_service() -> "FillService":
    """Return what fills home feeds from what authors posted."""
    from chalicelib.repositories.feeds import FeedRepository
    from chalicelib.repositories.hubs import HubRepository
    from chalicelib.repositories.posts import PostRepository
    from chalicelib.repositories.profiles import ProfileRepository
    from chalicelib.repositories.relations import RelationRepository
    from chalicelib.services.filling import FillService

    return FillService(PostRepository(), ProfileRepository(), RelationRepository(), FeedRepository(), HubRepository())
