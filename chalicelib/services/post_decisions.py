"""What moderators decide about posts and comments, and what their authors may say against it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.comments import Comment
from chalicelib.domain.errors import ConflictError, InvalidError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.ids import is_id
from chalicelib.domain.moderation import Appeal, Case, Decision, LogEntry, case_id, unawaited
from chalicelib.domain.posts import REMOVED, Post
from chalicelib.domain.protection import Reason
from chalicelib.services.cards import make_card
from chalicelib.services.ports import AuditLog, Clock, CommentStore, MediaStore, ModerationStore, PostStore
from chalicelib.services.publication import PublicationService

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PostDecisions:
    """Removes, restores and labels. The post, the cases that it closes and the entry in the log are one write.

    A removed post is gone for everyone but its author, who reads why: whatever follows posts sees a change of state,
    and its pictures are withdrawn as of any that is hidden. Restored it is published anew, at its old place.
    """

    posts: PostStore
    media: MediaStore
    comments: CommentStore
    cases: ModerationStore
    log: AuditLog
    publication: PublicationService
    now: Clock = clock.now

    def decide(self, decision: Decision) -> Decision:
        """Carry out ``remove``, ``restore``, ``label``, or a word on an appeal against a removal.

        Raises:
            NotFoundError: there is no such post or comment.
            InvalidError: the target is neither, it is the moderator's own, or the action is none for it.
            ConflictError: there is nothing to decide (``nothing-to-decide``), or somebody did (``already-decided``).
            LostRaceError: it was changed meanwhile; to be decided anew.
        """
        if decision.target.startswith("comments/"):
            return self._decide_comment(decision)
        old = self._post(decision)
        appeal = self._appeal(old)
        if decision.action in {"grant_appeal", "refuse_appeal"} and (appeal is None or appeal.state != "open"):
            return self._before(decision)
        new = _decided(old, decision)
        if new is None:
            return self._before(decision)
        closed = self._closed(decision, appeal)
        self._save(LogEntry(decision, _ids(closed), _noted(old), _noted(new)), closed, old, new)
        with suppress(TemporaryError):  # it is decided, and the sweep does the rest
            self.publication.settle(old.post_id)
        return decision

    def author_of(self, target: str) -> str | None:
        """Return the account that wrote a post or a comment; None where there is none."""
        kind, _, key = target.partition("/")
        if not is_id(key):
            return None
        if kind == "posts":
            post = self.posts.get(key, consistent=True)
            return post.author_id if post else None
        comment = self.comments.get(key, consistent=True) if kind == "comments" else None
        return _author_of(comment)

    def appeal(self, account_id: str, post_id: str, text: str) -> Appeal:
        """Open an appeal against the removal of an own post: one for each removal.

        Raises:
            NotFoundError: the account has no such post.
            ConflictError: it was not removed (``not-appealable``), or was appealed for (``appeal-open``,
                ``appeal-decided``).
        """
        for _ in range(_ATTEMPTS):
            post = self.posts.get(post_id, consistent=True) if is_id(post_id) else None
            if post is None or post.state == "deleted" or post.author_id != account_id:
                raise NotFoundError(f"There is no post {post_id} of yours.")
            if post.state != REMOVED:
                raise ConflictError("The post was not removed.", code="not-appealable")
            if post.appeal is not None:
                code = "appeal-open" if post.appeal.state == "open" else "appeal-decided"
                raise ConflictError("You have appealed already; the post's answer shows what came of it.", code=code)
            opened = Appeal("open", clock.to_text(self.now()))
            evidence = (post.reason.message,) if post.reason else ()
            case = Case("appeal", f"posts/{post_id}", account_id, text, evidence, opened.at, version=post.removed_by)
            with suppress(LostRaceError):
                self.cases.open(case)  # before it is noted: once more it is the same case
                self._store(post, replace(post, appeal=opened))
                return opened
        raise TemporaryError(f"post {post_id} is being changed by others")

    def _post(self, decision: Decision) -> Post:
        kind, _, post_id = decision.target.partition("/")
        if kind != "posts" or not is_id(post_id):
            raise InvalidError.of("target", "must be a post or a comment for this action, such as posts/01J…")
        post = self.posts.get(post_id, consistent=True)
        if post is None or post.state == "deleted":
            raise NotFoundError(f"There is no {decision.target}.")
        if post.author_id == decision.decided_by:
            raise InvalidError.of("target", "is your own post: ask a colleague")
        return post

    def _decide_comment(self, decision: Decision) -> Decision:
        """Remove a comment, or give it back: answers keep their place, and nobody is shown what it said."""
        if decision.action not in {"remove", "restore"}:
            raise InvalidError.of("action", "a comment can be removed and restored, and no more")
        comment_id = decision.target.partition("/")[2]
        comment = self.comments.get(comment_id, consistent=True) if is_id(comment_id) else None
        removes = decision.action == "remove"
        if comment is None or (comment.deleted if removes else comment.withheld is None):
            return self._before(decision)
        if _author_of(comment) == decision.decided_by:
            raise InvalidError.of("target", "is your own comment: ask a colleague")
        parent = self._parent(comment, decision)
        closed, latest = self.cases.about(decision.target), self._latest(decision)
        if closed or latest is None or latest.action != decision.action:  # else it was cut short after that
            self.cases.decide(LogEntry(decision, _ids(closed)), closed, self.now())
        if removes:
            self.comments.withhold(comment)
        else:
            self.comments.give_back(comment, _author_of(parent))
        return decision

    def _parent(self, comment: Comment, decision: Decision) -> Comment | None:
        """Return what an answer answers that is to be restored."""
        if decision.action != "restore" or comment.parent_id is None:
            return None
        parent = self.comments.get(comment.parent_id, consistent=True)
        if parent is None:
            raise ConflictError("The comment that it answered is gone.", code="nothing-to-decide")
        return parent

    def _closed(self, decision: Decision, appeal: Case | None) -> Sequence[Case]:
        """Return the cases that a decision closes: refusing is no word on reports, labelling none on an appeal."""
        if decision.action == "refuse_appeal" and appeal is not None:
            return [appeal]
        found = self.cases.about(decision.target)
        return unawaited(found) if decision.action == "label" else found

    def _appeal(self, post: Post) -> Case | None:
        return self.cases.get(case_id("appeal", f"posts/{post.post_id}", post.author_id, post.removed_by))

    def _save(self, entry: LogEntry, closed: Sequence[Case], old: Post, new: Post) -> None:
        moment = self.now()
        new = replace(new, version=old.version + 1, updated_at=clock.to_text(moment), counted=new.listed)
        card = make_card(new, self.media.get_many(new.fields.cover_ids))
        self.cases.decide(entry, closed, moment, post=(old, new, card))

    def _store(self, old: Post, new: Post) -> None:
        self.publication.save(old, new)

    def _latest(self, decision: Decision) -> Decision | None:
        entries = self.log.page(decision.target, limit=1, position=None).entries
        return entries[0].decision if entries else None

    def _before(self, decision: Decision) -> Decision:
        """Return what was decided before if this is but the same once more."""
        latest = self._latest(decision)
        if latest is None:
            raise ConflictError("Nothing is open about this.", code="nothing-to-decide")
        if (latest.action, latest.decided_by) != (decision.action, decision.decided_by):
            raise ConflictError(
                f"It was decided already, at {latest.decided_at}: {latest.action}. {latest.reason}",
                code="already-decided",
            )
        return latest


def _decided(post: Post, decision: Decision) -> Post | None:
    """Return a post as a decision leaves it; None where it changes nothing."""
    everything = frozenset(post.media_ids)
    match decision.action:
        case "remove" if post.state == "published" or (post.state == "processing" and post.published_at):
            reason = Reason("removed", decision.reason)
            return replace(
                post,
                state=REMOVED,
                reason=reason,
                removed_by=decision.decision_id,
                appeal=None,
                unsettled=post.unsettled | everything,
            )
        case "restore" | "grant_appeal" if post.state == REMOVED:
            asked = post.appeal is not None
            answer = Appeal("granted", decision.decided_at, decision.reason, asked) if asked else None
            return replace(post, state="processing", reason=None, removed_by=None, appeal=answer)
        case "refuse_appeal" if post.state == REMOVED:
            return replace(post, appeal=Appeal("refused", decision.decided_at, decision.reason))
        case "restore" if post.labels:
            return replace(post, labels=())
        case "label" if set(decision.labels) - set(post.labels):
            return replace(post, labels=tuple(dict.fromkeys((*post.labels, *decision.labels))))
    return None


def _author_of(comment: Comment | None) -> str | None:
    said = (comment.withheld or comment) if comment else None
    return said.author.account_id if said and said.author else None


def _noted(post: Post) -> dict[str, str]:
    """Return what a decision may change of a post, for the log."""
    noted = {"state": post.state, "labels": ", ".join(post.labels)}
    return noted | ({"appeal": post.appeal.state} if post.appeal else {})


def _ids(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(case.case_id for case in cases)
