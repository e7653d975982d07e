"""What a deletion needs of the outside, beside what stands in ports: each store forgets what it holds of an account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from chalicelib.domain.comments import Comment
from chalicelib.domain.conversations import Conversation, Message
from chalicelib.domain.media import Media
from chalicelib.domain.moderation import Case, LogEntry, Standing
from chalicelib.domain.posts import Post
from chalicelib.domain.remains import RemainsName
from chalicelib.domain.studios import Studio
from chalicelib.services.hiring_ports import JobStore, StudioStore
from chalicelib.services.ports import AuditLog, RelationStore


class StandingStore(Protocol):
    """See :class:`chalicelib.repositories.accounts.AccountRepository`."""

    def standing(self, account_id: str) -> Standing | None: ...
    def close(self, account_id: str, task_id: str, at: str) -> None: ...
    def forget(self, account_id: str) -> None: ...


class SignInStore(Protocol):
    """See :class:`chalicelib.sign_ins.SignIns`."""

    def remove(self, account_id: str) -> None: ...


class RemainsStore(Protocol):
    """See :class:`chalicelib.repositories.remains.RemainsRepository`."""

    def remove(self, name: RemainsName, account_id: str) -> bool: ...


class ForgettingProfiles(Protocol):
    """See :class:`chalicelib.repositories.profiles.ProfileRepository`."""

    def forget(self, account_id: str, moment: datetime) -> None: ...


class ForgettingPosts(Protocol):
    """See :class:`chalicelib.repositories.posts.PostRepository`."""

    def of_author(self, author_id: str, limit: int) -> list[str]: ...
    def get_many(self, post_ids: list[str]) -> list[Post]: ...
    def forget(self, post_id: str) -> None: ...


class ForgettingMedia(Protocol):
    """See :class:`chalicelib.repositories.media.MediaRepository`."""

    def of_owner(self, owner_id: str, limit: int) -> list[str]: ...
    def remains(self, media_ids: Iterable[str]) -> dict[str, Media]: ...
    def forget(self, media_id: str) -> None: ...


class ForgettingFiles(Protocol):
    """See :class:`chalicelib.archives.AccountFiles`."""

    def forget_originals(self, account_id: str) -> bool: ...
    def forget_original(self, account_id: str, media_id: str) -> None: ...
    def forget_derived(self, media_id: str) -> None: ...
    def forget_exports(self, account_id: str) -> bool: ...
    def forget_resumes(self, account_id: str) -> bool: ...


class ForgettingMatches(Protocol):
    """See :class:`chalicelib.repositories.matches.MatchRepository`."""

    def forget_all(self, account_id: str, limit: int) -> bool: ...


class ForgettingComments(Protocol):
    """See :class:`chalicelib.repositories.comments.CommentRepository`."""

    def by_author(self, author_id: str, *, limit: int, position: str | None) -> list[str]: ...
    def get(self, comment_id: str, *, consistent: bool = False) -> Comment | None: ...
    def remove(self, comment: Comment) -> None: ...


class ForgettingConversations(Protocol):
    """See :class:`chalicelib.repositories.conversations.ConversationRepository`."""

    def of_account(self, account_id: str, limit: int) -> list[str]: ...
    def get(self, conversation_id: str) -> Conversation | None: ...
    def save(
        self,
        old: Conversation,
        new: Conversation,
        *,
        message: Message | None = None,
        removed: str | None = None,
        sender_id: str | None = None,
    ) -> None: ...
    def forget_messages(self, conversation_id: str, author_id: str | None, position: str | None) -> str | None: ...
    def forget(self, conversation: Conversation) -> None: ...
    def forget_for(self, account_id: str, conversation_id: str) -> None: ...


class ForgettingRelations(RelationStore, Protocol):
    """See :class:`chalicelib.repositories.relations.RelationRepository`."""

    def forget_block(self, account_id: str, other_id: str) -> None: ...


class ForgettingCases(Protocol):
    """See :class:`chalicelib.repositories.cases.CaseRepository`."""

    def about(self, target: str) -> list[Case]: ...
    def of_opener(self, account_id: str, limit: int) -> list[Case]: ...
    def forget(self, case_id: str) -> None: ...
    def reopen(self, case: Case, opened_by: str) -> None: ...


class ForgettingLog(AuditLog, Protocol):
    """See :class:`chalicelib.repositories.audit.AuditRepository`."""

    def rename(self, entry: LogEntry, target: str) -> None: ...


class ForgettingPeople(Protocol):
    """See :class:`chalicelib.repositories.people_index.PeopleIndexRepository`."""

    def remove(self, account_id: str) -> None: ...


class ForgettingTickets(Protocol):
    """See :class:`chalicelib.repositories.draws.DrawRepository`."""

    def forget(self, author_id: str) -> None: ...


class ForgettingStudios(StudioStore, Protocol):
    """See :class:`chalicelib.repositories.studios.StudioRepository`."""

    def remove(self, studio: Studio) -> None: ...


class ForgettingJobs(JobStore, Protocol):
    """See :class:`chalicelib.repositories.jobs.JobRepository`."""

    def forget_actor(self, account_id: str, limit: int) -> bool: ...
