"""Lists of relations, both ways, and the cards of people in them."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.people import Person
from chalicelib.domain.relations import Relation, RelationKind, Side
from chalicelib.repositories.connection import dynamodb_errors, write
from chalicelib.repositories.relation_items import RelationItem, card_changes, key, to_domain

MOST_LISTED = 30
"""A page holds so many at most, whatever was asked for: more would cost more than two read units."""

_MORE_EXAMINED = 8
"""So many more are looked at where some are left out, so that a page of what remains is as full as any other."""

_SHOWN_SIDES: tuple[tuple[Side, RelationKind], ...] = (
    *(("account", "follow"), ("account", "request")),
    *(("other", "follow"), ("other", "request"), ("other", "block"), ("other", "mute")),
)
"""Which side's cards are shown of which kind."""


@dataclass(frozen=True, slots=True)
class RelationPage:
    """Some relations, newest first, and the position after them; None at the end."""

    relations: tuple[Relation, ...]
    position: str | None


class RelationLists:
    """Lists of what accounts are to each other. See :class:`RelationRepository`."""

    def kinds_to(self, account_id: str, other_ids: Iterable[str]) -> dict[str, set[RelationKind]]:
        """Return what an account is to each of up to 25 others, half a unit for each kind of each."""
        wanted = [
            (account_id, key(kind, each)) for each in other_ids for kind in ("follow", "request", "block", "mute")
        ]
        found: dict[str, set[RelationKind]] = {}
        with dynamodb_errors():
            for item in RelationItem.batch_get(wanted):
                relation = to_domain(item)
                found.setdefault(relation.other_id, set()).add(relation.kind)
        return found

    def page(
        self,
        side: Side,
        account_id: str,
        kind: RelationKind,
        *,
        limit: int,
        position: str | None = None,
        keep: Callable[[Relation], bool] = lambda _: True,
    ) -> RelationPage:
        """List relations of a kind in which an account stands on one side, newest first, those that ``keep`` holds for.

        Whom the account follows: side ``account``, kind ``follow``. Its followers: side ``other``.
        """
        limit = min(limit, MOST_LISTED)
        most = limit + _MORE_EXAMINED
        index: Any = RelationItem.by_subject if side == "account" else RelationItem.by_object
        before = RelationItem.position < position if position else None
        found: list[Relation] = []
        last: str | None = None
        with dynamodb_errors():
            query = index.query(
                f"{account_id}#{kind}", before, scan_index_forward=False, limit=most + 1, page_size=limit + 1
            )
            for examined, item in enumerate(query, 1):
                relation = to_domain(item)
                if keep(relation):
                    if len(found) == limit:
                        return RelationPage(tuple(found), last)
                    found.append(relation)
                if examined > most:
                    return RelationPage(tuple(found), item.position)
                last = item.position
        return RelationPage(tuple(found), None)

    def refresh(self, person: Person, cursor: str | None, *, limit: int = 100) -> str | None:
        """Bring a person's card up to date in a piece of the lists that show it.

        Args:
            person: as they are now.
            cursor: what the piece before returned, None for the first.
            limit: how many to look at.

        Returns:
            Where to go on, None once all is done.
        """
        stage, _, position = (cursor or "0|").partition("|")
        side, kind = _SHOWN_SIDES[int(stage)]
        index: Any = RelationItem.by_subject if side == "account" else RelationItem.by_object
        after = RelationItem.position > position if position else None
        last = None
        with dynamodb_errors():
            items = list(index.query(f"{person.account_id}#{kind}", after, limit=limit, page_size=limit))
        for item in items:
            _refresh(item, side, person)
            last = item.position
        if len(items) == limit:
            return f"{stage}|{last}"
        return f"{int(stage) + 1}|" if int(stage) + 1 < len(_SHOWN_SIDES) else None


def _refresh(item: RelationItem, side: Side, person: Person) -> None:
    version = RelationItem.account_version if side == "account" else RelationItem.other_version
    older = RelationItem.position.exists() & (version.does_not_exist() | (version < person.version))
    with suppress(LostRaceError):
        write(
            lambda: RelationItem(item.account_id, item.relation).update(
                actions=card_changes(side, person), condition=older
            )
        )
