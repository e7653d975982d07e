"""Counting by the changes that streams tell: exact after quiet, whatever is told twice, late or in another order.

What an item counts for is a set of tallies. A change adds those that the item has after it and had not before, and
takes off those that it had and has no more. All that one batch does to one counter is one write.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.domain.changes import Change
from chalicelib.domain.counters import Count, post_key, profile_key
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile
from chalicelib.domain.relations import Relation
from chalicelib.services.ports import CountKeeper

type Tally = tuple[str, str]
"""Key of a counter, and the name of one of its counts."""

_DIGEST_BYTES = 6


class Reaction(Protocol):
    """What is counted of a reaction."""

    @property
    def kind(self) -> str:
        """``like``, ``repost``, or what is not counted."""

    @property
    def post_id(self) -> str:
        """To which post."""


class Comment(Protocol):
    """What is counted of a comment; one that is but a place for its answers is ``deleted``."""

    @property
    def post_id(self) -> str:
        """Below which post."""

    @property
    def deleted(self) -> bool:
        """Whether nothing of it is shown any more."""


def of_relation(relation: Relation) -> frozenset[Tally]:
    """Return what a relation counts for: a follow for both."""
    if relation.kind != "follow":
        return frozenset()
    return frozenset({(profile_key(relation.other_id), "followers"), (profile_key(relation.account_id), "following")})


def of_reaction(reaction: Reaction) -> frozenset[Tally]:
    """Return what a reaction counts for: likes and reposts; bookmarks are nobody's business."""
    names = {"like": "likes", "repost": "reposts"}
    return frozenset({(post_key(reaction.post_id), names[reaction.kind])} if reaction.kind in names else ())


def of_comment(comment: Comment) -> frozenset[Tally]:
    """Return what a comment counts for."""
    return frozenset() if comment.deleted else frozenset({(post_key(comment.post_id), "comments")})


@dataclass(slots=True)
class _Group:
    """What a batch does to one counter."""

    changes: Counter[str] = field(default_factory=Counter)
    events: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counting[Item]:
    """Counts the items of a table by its changes."""

    counters: CountKeeper
    counted: Callable[[Item], frozenset[Tally]]

    def take(self, changes: Sequence[Change[Item]]) -> None:
        """Count a batch of changes, once even if it comes again."""
        groups: dict[str, _Group] = {}
        for change in changes:
            before, after = (self.counted(item) if item else frozenset[Tally]() for item in (change.old, change.new))
            steps = dict.fromkeys(after - before, 1) | dict.fromkeys(before - after, -1)
            for (key, name), step in steps.items():
                group = groups.setdefault(key, _Group())
                group.changes[name] += step
                group.events.append(change.event_id)
        found = [Count(key, _steps(group.changes), _digest(group.events)) for key, group in sorted(groups.items())]
        self.counters.count([count for count in found if count.changes])


def _steps(changes: Counter[str]) -> Mapping[str, int]:
    return {name: step for name, step in sorted(changes.items()) if step}


def _digest(events: list[str]) -> str:
    digest = hashlib.sha256("\n".join(sorted(events)).encode()).digest()
    return base64.urlsafe_b64encode(digest[:_DIGEST_BYTES]).decode()


@dataclass(frozen=True, slots=True)
class CountersOf[Item]:
    """Has counters begin with what they are of, and end with it."""

    counters: CountKeeper
    counter: Callable[[Item], str | None]

    def take(self, changes: Sequence[Change[Item]]) -> None:
        """Begin and remove counters."""
        for change in changes:
            before, after = (self.counter(item) if item else None for item in (change.old, change.new))
            if after and not before:
                self.counters.begin(after)
            elif before and not after:
                self.counters.remove(before)


def counter_of_post(post: Post) -> str | None:
    """Return the key of a post's counter; one that was never published has none."""
    return post_key(post.post_id) if post.published_at and post.state != "deleted" else None


def counter_of_profile(profile: Profile) -> str | None:
    """Return the key of an account's counter."""
    return profile_key(profile.account_id)


COUNTED: Mapping[str, Callable[[Any], frozenset[Tally]]] = {
    "relations": of_relation,
    "reactions": of_reaction,
    "comments": of_comment,
}
"""By table, what its items count for."""

ENDINGS: Mapping[str, Callable[[Any], str | None]] = {"posts": counter_of_post, "profiles": counter_of_profile}
"""By table, the counter that an item has."""
