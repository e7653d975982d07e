"""What follows the streams, and tells people what concerns them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.notifications import Note, NotificationKind
from chalicelib.domain.posts import Post
from chalicelib.domain.reactions import Reaction
from chalicelib.domain.relations import Relation
from chalicelib.services.ports import ErrandQueue, Notifier
from chalicelib.services.sight import Sight
from chalicelib.services.telling import FORGET

_TITLE = 80


@dataclass(frozen=True, slots=True)
class RelationNotes:
    """Tells of followers, requests and answers to them; forgets people whom a block parts."""

    notifier: Notifier
    errands: ErrandQueue

    def take(self, changes: Sequence[Change[Relation]]) -> None:
        """Follow changes of what people are to each other."""
        told: dict[Note, bool] = {}
        for change in changes:
            if change.old is None and change.new is not None:
                told.update(dict.fromkeys(_of_relation(change.new), True))
                if change.new.kind == "block":
                    self._forget(change.new)
            elif change.new is None and change.old is not None:
                told.update(dict.fromkeys(_of_relation(change.old), False))
        _settle(self.notifier, told)

    def _forget(self, block: Relation) -> None:
        pairs = ((block.account_id, block.other_id), (block.other_id, block.account_id))
        self.errands.put_all(Errand(FORGET, one, arguments={"person": two}) for one, two in pairs)


def _of_relation(relation: Relation) -> list[Note]:
    one, two = relation.account_id, relation.other_id
    match relation.kind:
        case "follow" if relation.accepted:
            return [Note(one, "request_accepted", "", two, two, relation.made_at)]
        case "follow":
            return [Note(two, "follow", "", one, one, relation.made_at)]
        case "request":
            return [Note(two, "follow_request", "", one, one, relation.made_at)]
        case _:
            return []


@dataclass(frozen=True, slots=True)
class ReactionNotes:
    """Tells of likes and reposts; bookmarks are nobody's business."""

    notifier: Notifier

    def take(self, changes: Sequence[Change[Reaction]]) -> None:
        """Follow changes of reactions; a card that follows its post is none."""
        told: dict[Note, bool] = {}
        for change in changes:
            if change.old is None and change.new is not None:
                told.update(dict.fromkeys(_of_reaction(change.new), True))
            elif change.new is None and change.old is not None:
                told.update(dict.fromkeys(_of_reaction(change.old), False))
        _settle(self.notifier, told)


def _of_reaction(reaction: Reaction) -> list[Note]:
    if reaction.kind == "bookmark":
        return []
    kind: NotificationKind = "like" if reaction.kind == "like" else "repost"
    return [
        Note(
            account_id=reaction.author_id,
            kind=kind,
            subject=reaction.post_id,
            cause=reaction.account_id,
            actor_id=reaction.account_id,
            at=reaction.made_at,
            target=f"posts/{reaction.post_id}",
            text=reaction.card.card.title[:_TITLE],
        )
    ]


@dataclass(frozen=True, slots=True)
class PostNotes:
    """Tells those whom a post quotes or mentions, if they may see it, as long as they may; forgets deleted posts."""

    notifier: Notifier
    errands: ErrandQueue
    sight: Sight

    def take(self, changes: Sequence[Change[Post]]) -> None:
        """Follow changes of posts."""
        for change in changes:
            before, after = _words(change.old), _words(change.new)
            if before != after:
                self._follow(change.old, change.new)
            if change.old is not None and _gone(change.new) and not _gone(change.old):
                self.errands.put(Errand(FORGET, change.old.author_id, arguments={"about": change.old.post_id}))

    def _follow(self, old: Post | None, new: Post | None) -> None:
        wanted = self._notes(new) if new is not None and new.state == "published" else {}
        past = self._notes(old) if old is not None and old.state == "published" else {}
        author = self.sight.profiles.get(new.author_id) if new is not None and wanted else None
        told = dict.fromkeys(past.values(), False)
        for account_id, note in wanted.items():
            told[note] = new is not None and author is not None and self.sight.sees(account_id, new, author)
        _settle(self.notifier, told)

    def _notes(self, post: Post) -> dict[str, Note]:
        """Return what a published post would tell whom, each person once: who is quoted is not named as well."""
        at, target = post.published_at or post.created_at, f"posts/{post.post_id}"
        named = [each.handle for each in post.fields.mentions]
        found = {
            account_id: Note(account_id, "mention", post.post_id, post.post_id, post.author_id, at, target)
            for account_id in (self.sight.profiles.bearers(named).values() if named else ())
            if account_id != post.author_id
        }
        quoted = self.sight.posts.get(post.fields.quote_post_id) if post.fields.quote_post_id else None
        if quoted is not None and quoted.author_id != post.author_id:
            found[quoted.author_id] = Note(
                quoted.author_id, "quote", quoted.post_id, post.post_id, post.author_id, at, target
            )
        return found


def _words(post: Post | None) -> object:
    """Return all of a post that decides whom it tells."""
    if _gone(post) or post is None or post.state != "published":
        return None
    return post.fields.quote_post_id, post.fields.mentions, post.fields.visibility


def _gone(post: Post | None) -> bool:
    return post is None or post.state == "deleted"


def _settle(notifier: Notifier, told: dict[Note, bool]) -> None:
    notifier.withdraw([note for note, so in told.items() if not so])
    notifier.tell([note for note, so in told.items() if so])
