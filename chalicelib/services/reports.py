"""Reports: anybody with an account asks moderators to look at something."""

from dataclasses import dataclass
from typing import get_args

from chalicelib.domain import clock
from chalicelib.domain.allowances import Allowance, TooManyRequestsError, client_key
from chalicelib.domain.errors import GoneError, InvalidError, NotFoundError
from chalicelib.domain.handles import is_handle
from chalicelib.domain.ids import is_id
from chalicelib.domain.moderation import Case, ReportReason, case_id
from chalicelib.services.jobs import JobService, no_job
from chalicelib.services.message_reports import MessageReports, is_message
from chalicelib.services.ports import AllowanceStore, Clock, CommentStore, MediaStore, ModerationStore
from chalicelib.services.sight import Sight
from chalicelib.services.studios import StudioService

REASONS: tuple[ReportReason, ...] = get_args(ReportReason)

REPORTS, WINDOW_SECONDS = 30, 24 * 3600
"""How many reports an account may make in how many seconds."""

_MOST_BEFORE = 20
"""How often somebody may report the same thing, each time after a moderator has decided."""


@dataclass(frozen=True, slots=True)
class ReportService:
    """Takes reports: one that is open for each person and target."""

    cases: ModerationStore
    media: MediaStore
    comments: CommentStore
    sight: Sight
    allowances: AllowanceStore
    messages: MessageReports
    jobs: JobService
    studios: StudioService
    now: Clock = clock.now

    def report(self, account_id: str, target: str, reason: ReportReason, text: str) -> Case:
        """Open a report, or return the one that is open.

        Args:
            account_id: who reports.
            target: ``posts/ID``, ``profiles/HANDLE``, ``comments/ID``, ``media/ID``, ``jobs/ID`` or ``studios/SLUG``,
                as far as they may see it, or a message of a conversation of theirs, ``conversations/ID/messages/ID``.
            reason: of the list.
            text: in their words; may be empty.

        Raises:
            NotFoundError: there is no such thing for them.
            InvalidError: it is their own, or nothing that can be reported.
            TooManyRequestsError: they have made too many today.
        """
        named, owner = self._target(account_id, target)
        if owner == account_id:
            raise InvalidError.of("target", "is your own")
        version: str | None = None
        for _ in range(_MOST_BEFORE):
            known = self.cases.get(case_id("report", named, account_id, version))
            if known is None:
                break
            if known.state == "open":
                return self._noted(known)
            version = known.decision.decision_id if known.decision else known.opened_at
        self._use_allowance(account_id)
        case = Case("report", named, account_id, text, (reason,), clock.to_text(self.now()), version=version)
        self.cases.open(case)
        return self._noted(case)

    def _noted(self, case: Case) -> Case:
        """Have a message know of its report, once there is one: else nobody would decide about what is kept for it."""
        if is_message(case.target):
            self.messages.reported(case.target)
        return case

    def _target(self, account_id: str, target: str) -> tuple[str, str]:
        """Return how cases name a target, and whose it is."""
        kind, _, key = target.partition("/")
        match kind:
            case "posts":
                return target, self.sight.published(account_id, key).post.author_id
            case "profiles":
                return self._profile(account_id, key, target)
            case "comments":
                return target, self._commenter(account_id, key)
            case "media":
                media = self.media.get(key) if is_id(key) else None
                if media is None or media.exposure != "public":
                    raise NotFoundError(f"There is no {target}.")
                return target, media.owner_id
            case "jobs" | "studios":
                return target, account_id if self._belongs(account_id, kind, key) else ""
            case "conversations" if is_message(target):
                return target, self.messages.reported_by(account_id, target)
        raise InvalidError.of(
            "target",
            "must be a post, a profile, a comment, a media, a job, a studio or a message, such as posts/01J…",
        )

    def _belongs(self, account_id: str, kind: str, key: str) -> bool:
        """Tell whether a job or a studio that an account may see is one of its own."""
        if kind == "studios":
            return self.studios.get(key, account_id).membership is not None
        try:
            return self.jobs.get(key, account_id).member
        except GoneError:
            raise no_job(key) from None

    def _profile(self, account_id: str, key: str, target: str) -> tuple[str, str]:
        handle = key.lower()
        profile = self.sight.profiles.get_by_handle(handle) if is_handle(handle) else None
        if profile is None or self.sight.bounds(account_id).parted_from(profile.account_id):
            raise NotFoundError(f"There is no {target}.")
        return f"accounts/{profile.account_id}", profile.account_id

    def _commenter(self, account_id: str, key: str) -> str:
        comment = self.comments.get(key, consistent=True) if is_id(key) else None
        if comment is None or comment.author is None or comment.hidden_by(self.sight.bounds(account_id)):
            raise NotFoundError(f"There is no comment {key}.")
        self.sight.published(account_id, comment.post_id)
        return comment.author.account_id

    def _use_allowance(self, account_id: str) -> None:
        moment = int(self.now().timestamp())
        window = moment // WINDOW_SECONDS
        ends = (window + 1) * WINDOW_SECONDS
        used = self.allowances.use(f"reports#{client_key(account_id, '')}#{window}", ends + WINDOW_SECONDS)
        if used > REPORTS:
            raise TooManyRequestsError(Allowance(REPORTS, used, WINDOW_SECONDS, ends - moment))
