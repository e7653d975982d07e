"""What somebody did with posts and is to people: asked apart, so that what everyone sees can be cached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from chalicelib.domain.handles import is_handle
from chalicelib.domain.ids import is_id
from chalicelib.domain.reactions import ReactionKind
from chalicelib.domain.relations import RelationKind
from chalicelib.services.ports import ProfileStore, ReactionStore, RelationStore

_AT_ONCE = 25
"""Of how many people the store of relations tells at once."""


@dataclass(frozen=True, slots=True)
class ViewerState:
    """Reactions by post and relations by handle, each of what was asked for; nothing of what is not there."""

    posts: Mapping[str, frozenset[ReactionKind]]
    people: Mapping[str, frozenset[RelationKind]]


@dataclass(frozen=True, slots=True)
class ViewerStateService:
    """Looks it up: half a unit and more for each question, whatever is there, so that a page asks once."""

    reactions: ReactionStore
    relations: RelationStore
    profiles: ProfileStore

    def of(self, account_id: str, post_ids: Sequence[str], handles: Sequence[str]) -> ViewerState:
        """Return an account's state. What it may not see, or is parted from, is as what is not there."""
        return ViewerState(self._posts(account_id, post_ids), self._people(account_id, handles))

    def _posts(self, account_id: str, post_ids: Sequence[str]) -> Mapping[str, frozenset[ReactionKind]]:
        found: dict[str, set[ReactionKind]] = {post_id: set() for post_id in post_ids}
        known = [post_id for post_id in found if is_id(post_id)]
        reactions = self.reactions.of_posts(account_id, known) if known else []
        bounds = self.relations.bounds(account_id) if reactions else None
        for reaction in reactions:
            parted = bounds is not None and bounds.parted_from(reaction.author_id)
            if reaction.card.visible_to(account_id, follows=True, parted=parted):
                found[reaction.post_id].add(reaction.kind)
        return {post_id: frozenset(kinds) for post_id, kinds in found.items()}

    def _people(self, account_id: str, handles: Sequence[str]) -> Mapping[str, frozenset[RelationKind]]:
        wanted = [handle for handle in dict.fromkeys(handles) if is_handle(handle)]
        holders = self.profiles.holders(wanted) if wanted else {}
        kinds: dict[str, set[RelationKind]] = {}
        for some in batched(sorted(set(holders.values())), _AT_ONCE, strict=False):
            kinds |= self.relations.kinds_to(account_id, some)
        return {handle: frozenset(kinds.get(holders.get(handle, ""), ())) for handle in handles}
