"""What follows the stream of comments, and tells people of comments, answers and mentions."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.changes import Change
from chalicelib.domain.comments import Comment
from chalicelib.domain.errands import Errand
from chalicelib.domain.notifications import Note, NotificationKind
from chalicelib.services.ports import ErrandQueue, Notifier
from chalicelib.services.sight import Sight
from chalicelib.services.telling import FORGET


@dataclass(frozen=True, slots=True)
class CommentNotes:
    """Tells whose post it is, whose comment is answered, and who is named, if they may see the post."""

    notifier: Notifier
    errands: ErrandQueue
    sight: Sight

    def take(self, changes: Sequence[Change[Comment]]) -> None:
        """Follow changes of comments; of one that says nothing any more all is taken back."""
        gone: list[Note] = []
        new: list[Note] = []
        for change in changes:
            before, after = _spoken(change.old), _spoken(change.new)
            if before is not None and after is None:
                gone += self._notes(before)
                self._forget(before)
            elif after is not None and before is None:
                new += self._visible(after)
        self.notifier.withdraw(gone)
        self.notifier.tell(new)

    def _visible(self, comment: Comment) -> list[Note]:
        notes = self._notes(comment)
        others = [note for note in notes if note.account_id != comment.post_author_id]
        post = self.sight.posts.get(comment.post_id) if others else None
        author = self.sight.profiles.get(comment.post_author_id) if post is not None else None
        hidden = {
            note
            for note in others
            if post is None or author is None or not self.sight.sees(note.account_id, post, author)
        }
        return [note for note in notes if note not in hidden]

    def _forget(self, comment: Comment) -> None:
        if comment.author is not None:
            about = {"about": comment.comment_id}
            self.errands.put(Errand(FORGET, comment.author.account_id, arguments=about))

    def _notes(self, comment: Comment) -> list[Note]:
        """Return what a comment tells whom, each person once: who is answered first, then whose post it is."""
        found: dict[str, Note] = {}
        actor = comment.author.account_id if comment.author else None

        def add(account_id: str, kind: NotificationKind, subject: str) -> None:
            if account_id != actor and account_id not in found:
                found[account_id] = Note(
                    account_id, kind, subject, comment.comment_id, actor, comment.made_at, f"posts/{comment.post_id}"
                )

        if comment.parent_id is not None and comment.parent_author_id is not None:
            add(comment.parent_author_id, "answer", comment.parent_id)
        add(comment.post_author_id, "comment", comment.post_id)
        named = [mention.handle for mention in comment.mentions]
        for account_id in self.sight.profiles.bearers(named).values() if named else ():
            add(account_id, "mention", comment.comment_id)
        return list(found.values())


def _spoken(comment: Comment | None) -> Comment | None:
    return None if comment is None or comment.deleted or comment.author is None else comment
