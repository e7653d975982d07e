"""The matches table: which of an artist's pictures are near which of another's."""

from dataclasses import dataclass

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.domain.works import Match
from chalicelib.repositories.connection import BaseModel, dynamodb_errors
from chalicelib.settings import settings


class _MatchItem(BaseModel):
    class Meta:
        table_name = settings().matches_table

    account_id = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)
    media_id = UnicodeAttribute()
    other_id = UnicodeAttribute()
    other_owner_id = UnicodeAttribute()
    role = UnicodeAttribute()
    distance = NumberAttribute()
    mirrored = BooleanAttribute()
    found_at = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class MatchPage:
    """Some matches, newest first, and the position after them; None at the end."""

    matches: tuple[Match, ...]
    position: str | None


class MatchRepository:
    """Matches by account. A match that is put once more changes nothing."""

    def put(self, matches: list[Match]) -> None:
        """Store matches, each as the one it belongs to sees it."""
        if not matches:
            return
        with dynamodb_errors(), _MatchItem.batch_write() as batch:
            for match in matches:
                batch.save(_to_item(match))

    def of_account(self, account_id: str, *, limit: int, position: str | None) -> MatchPage:
        """List an artist's matches, newest first."""
        before = _MatchItem.position < position if position else None
        with dynamodb_errors():
            query = _MatchItem.query(account_id, before, scan_index_forward=False, limit=limit + 1, page_size=limit + 1)
            found = [_to_domain(item) for item in query]
        shown = tuple(found[:limit])
        return MatchPage(shown, shown[-1].position if len(found) > limit else None)

    def forget(self, account_id: str, media_id: str) -> None:
        """Remove every match of a picture, as both artists see it. Reads all matches of its artist."""
        with dynamodb_errors():
            mine = [_to_domain(item) for item in _MatchItem.query(account_id, None, _MatchItem.media_id == media_id)]
            with _MatchItem.batch_write() as batch:
                for match in mine:
                    batch.delete(_to_item(match))
                    batch.delete(_MatchItem(match.other_owner_id, f"{match.found_at}#{match.other_id}#{media_id}"))

    def forget_all(self, account_id: str, limit: int) -> bool:
        """Remove some matches of an account, as both artists see them, and tell whether there may be more."""
        with dynamodb_errors():
            mine = [_to_domain(item) for item in _MatchItem.query(account_id, limit=limit, page_size=limit)]
            with _MatchItem.batch_write() as batch:
                for match in mine:
                    batch.delete(_to_item(match))
                    position = f"{match.found_at}#{match.other_id}#{match.media_id}"
                    batch.delete(_MatchItem(match.other_owner_id, position))
        return len(mine) == limit


def _to_item(match: Match) -> _MatchItem:
    return _MatchItem(
        match.account_id,
        match.position,
        media_id=match.media_id,
        other_id=match.other_id,
        other_owner_id=match.other_owner_id,
        role=match.role,
        distance=match.distance,
        mirrored=match.mirrored,
        found_at=match.found_at,
    )


def _to_domain(item: _MatchItem) -> Match:
    return Match(
        account_id=item.account_id,
        media_id=item.media_id,
        other_id=item.other_id,
        other_owner_id=item.other_owner_id,
        role=item.role,  # type: ignore[arg-type]  # only roles are ever written
        distance=int(item.distance),
        mirrored=item.mirrored,
        found_at=item.found_at,
    )
