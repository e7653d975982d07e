"""Who follows the changes of tables."""

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.composition.people import sight, telling_service
from chalicelib.composition.stores import errand_queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.services.ports import ChangeConsumer


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
            _talent_listed,
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
        "comments": (_comment_notes, _answers_kept),
        "applications": (_application_notes,),
    }
    return tuple(make() for make in consumers[table])


@cache
def counting(table: str) -> "ChangeConsumer[Any] | None":
    """Return what counts by the changes of a table; None where what is counted changes with it in one write."""
    from chalicelib.repositories.counters import CounterRepository
    from chalicelib.services import counting

    if table == "applications":
        return None
    counters = CounterRepository()
    if table in counting.ENDINGS:
        return counting.CountersOf(counters, counting.ENDINGS[table])
    return counting.Counting(counters, counting.COUNTED[table])


def _authors_exposed() -> "ChangeConsumer[Any]":
    from chalicelib.services.author_exposure import AuthorExposureConsumer

    return AuthorExposureConsumer(errand_queue())


def _reactions_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.reaction_upkeep import PostReactionConsumer

    return PostReactionConsumer(errand_queue())


def _comments_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.comment_upkeep import PostCommentConsumer

    return PostCommentConsumer(errand_queue())


def _answers_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.comment_upkeep import AnsweredConsumer

    return AnsweredConsumer(errand_queue())


def _authors_kept() -> "ChangeConsumer[Any]":
    from chalicelib.services.author_upkeep import AuthorConsumer

    return AuthorConsumer(errand_queue())


def _card_keeper() -> "ChangeConsumer[Any]":
    from chalicelib.services.people import CardKeeper

    return CardKeeper(errand_queue())


def _relation_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import RelationNotes

    return RelationNotes(telling_service(), errand_queue())


def _reaction_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import ReactionNotes

    return ReactionNotes(telling_service())


def _comment_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.comment_notes import CommentNotes

    return CommentNotes(telling_service(), errand_queue(), sight())


def _application_notes() -> "ChangeConsumer[Any]":
    from chalicelib.repositories.studios import StudioRepository
    from chalicelib.services.application_notes import ApplicationNotes

    return ApplicationNotes(telling_service(), StudioRepository())


def _post_notes() -> "ChangeConsumer[Any]":
    from chalicelib.services.notes import PostNotes

    return PostNotes(telling_service(), errand_queue(), sight())


def _posts_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.listing import PostsListed

    return PostsListed(errand_queue())


def _authors_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.listing import AuthorsListed

    return AuthorsListed(errand_queue())


def _people_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.finding import PeopleListed

    return PeopleListed(errand_queue())


def _talent_listed() -> "ChangeConsumer[Any]":
    from chalicelib.services.talent import TalentListed

    return TalentListed(errand_queue())


def _posts_drawn() -> "ChangeConsumer[Any]":
    from chalicelib.services.discovery import PostsDrawn

    return PostsDrawn(errand_queue())


def _authors_drawn() -> "ChangeConsumer[Any]":
    from chalicelib.services.discovery import AuthorsDrawn

    return AuthorsDrawn(errand_queue())


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
