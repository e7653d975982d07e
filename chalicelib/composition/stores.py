"""What all parts share: buckets, queues, counts, addresses."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.domain.allowances import Limit
    from chalicelib.domain.changes import Change
    from chalicelib.domain.moderation import Standing
    from chalicelib.links import Edge
    from chalicelib.queues import DeadQueue, ErrandQueue, ProtectQueue
    from chalicelib.services.addresses import Addresses
    from chalicelib.services.invalidation import InvalidationService
    from chalicelib.services.ports import CounterStore, ViewCounter
    from chalicelib.storage import Derivatives, Originals


def run_once(
    key: str, fingerprint: str, work: Callable[[], dict[str, Any]], lambda_context: Any, seconds: int
) -> dict[str, Any]:
    """Do some work unless it was done before under the same key: see repositories.idempotency."""
    from chalicelib.repositories import idempotency

    return idempotency.run_once(key, fingerprint, work, lambda_context, seconds)


def allow(account_id: str, limit: "Limit", number: int = 1) -> None:
    """Count what an account does: see services.allowing."""
    from chalicelib.repositories.allowances import AllowanceRepository
    from chalicelib.services.allowing import Allowances

    Allowances(AllowanceRepository()).use(account_id, limit, number)


def standing(account_id: str) -> "Standing | None":
    """Return what is known of whether an account may do anything; None where nothing speaks against it."""
    from chalicelib.repositories.accounts import AccountRepository

    found = AccountRepository().standing(account_id)
    return found if found and found.suspended else None


@cache
def cursor_key() -> bytes:
    """Return the key that closes cursors, read once by each process."""
    from chalicelib.repositories.cursor_keys import CursorKeyRepository

    return CursorKeyRepository().get()


@cache
def originals() -> "Originals":
    """Return the bucket of originals."""
    from chalicelib.storage import Originals

    return Originals(settings().originals_bucket)


@cache
def derivatives() -> "Derivatives":
    """Return the bucket of protected renditions."""
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
def edge_copies() -> "Edge":
    """Return the copies that the CDN keeps."""
    from chalicelib.links import Edge

    return Edge(settings().edge_parameter)


@cache
def invalidation_service() -> "InvalidationService":
    """Return what has the CDN forget copies of pictures."""
    from chalicelib.services.invalidation import InvalidationService

    return InvalidationService(errand_queue(), edge_copies())


@cache
def errand_queue() -> "ErrandQueue":
    """Return the queue of errands."""
    from chalicelib.queues import ErrandQueue

    return ErrandQueue(settings().errand_queue_url)


@cache
def protect_queue() -> "ProtectQueue":
    """Return the queue of the protection function."""
    from chalicelib.queues import ProtectQueue

    return ProtectQueue(settings().protect_queue_url)


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
