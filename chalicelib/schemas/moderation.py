"""Appeals, the moderators' queue, decisions and their log."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.domain import clock
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.ids import made_at
from chalicelib.domain.media import MediaState
from chalicelib.domain.moderation import (
    MAX_PICTURES,
    Action,
    Appeal,
    AppealState,
    Case,
    CaseKind,
    CaseState,
    Decision,
    LogEntry,
    ReportReason,
)
from chalicelib.domain.protection import RenditionFormat
from chalicelib.schemas.base import AsSlugs, Clean, PageQuery, Schema, Word
from chalicelib.services.message_reports import SeenMessage
from chalicelib.services.moderation import CaseView, SeenPicture
from chalicelib.services.ports import QueuedCase

_Target = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]{1,20}/[A-Za-z0-9_-]{1,64}(/messages/[0-9A-Z]{26}|/profile)?$")
]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class AppealBody(Schema):
    """Why a refused picture should be shown after all."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean]
    process_media_ids: list[_Id] = Field(
        default=[],
        max_length=MAX_PICTURES,
        description="Own media that show how it was made; moderators alone see them",
    )


class AppealAnswer(Schema):
    """What became of an appeal, or of a picture that was held for review."""

    state: AppealState
    answer: str | None = Field(description="The moderator's words, once decided")
    at: str = Field(description="When it came to this state")


class QueueQuery(PageQuery):
    """Which part of the queue."""

    kind: CaseKind | None = Field(None, description="Cases of this kind alone")


class QueuedCaseAnswer(Schema):
    """An open case in the queue."""

    id: str
    kind: CaseKind
    target: str
    opened_by: str | None = Field(description="Account; null for the platform itself")
    opened_at: str
    excerpt: str


class CaseList(Schema):
    """A page of the queue, oldest first. It may be short, or empty, and still have a next one."""

    items: list[QueuedCaseAnswer]
    next_cursor: str | None


class SeenFile(Schema):
    """A file that this link shows for ten minutes at most to whoever has it: pass it on to nobody."""

    url: str
    width: int
    height: int
    format: RenditionFormat


class SeenPictureAnswer(Schema):
    """A picture as moderators see it: protected files, once there are any, and never the original."""

    media_id: str
    owner_id: str
    state: MediaState
    reason: str | None = Field(description="Code of its refusal or failure")
    ai_disclosure: str | None = Field(description="What its artist said of AI before the upload")
    files: list[SeenFile]


class SeenMessageAnswer(Schema):
    """A message of a conversation of two, shown to nobody else."""

    id: str
    handle: str = Field(description="Of who wrote it, as it is there")
    text: str
    created_at: str
    posts: list[str] = Field(description="Ids of posts that were sent with it")
    reported: bool = Field(description="Whether the case is about this one; the others stand around it")
    deleted: bool = Field(description="Whether its author deleted it since")


class DecisionAnswer(Schema):
    """What was decided."""

    id: str
    action: Action
    target: str
    decided_by: str
    decided_at: str
    reason: str


class CaseAnswer(Schema):
    """A case with all that is known of it."""

    id: str
    kind: CaseKind
    target: str
    state: CaseState
    opened_by: str | None
    opened_at: str
    text: str
    evidence: list[str]
    subject: SeenPictureAnswer | None = Field(description="The media it is about")
    pictures: list[SeenPictureAnswer] = Field(
        description="Media that were added to show something, or stand in the reported message"
    )
    messages: list[SeenMessageAnswer] = Field(
        description="While it is open: the reported message and at most two before and two after it, oldest first"
    )
    decision: DecisionAnswer | None


class DecisionBody(Schema):
    """A decision."""

    action: Action
    target: _Target = Field(description="What it is about, such as media/01J… or profiles/ada")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), Clean] = Field(
        description="In words for those whom it concerns: the artist reads them"
    )
    replaces: _Id | None = Field(None, description="Id of the refusal that grant_appeal takes back")
    labels: Annotated[tuple[Word, ...], Field(max_length=10), AsSlugs] = Field(
        (), description="Content warnings that label adds: wherever the post shows, for good"
    )

    case: _Id | None = Field(
        None,
        description="Id of the case that approve_job follows from: required where the job was sent in anew meanwhile",
    )

    def checked(self) -> "DecisionBody":
        """Return it; raises InvalidError where labels are missing, or nothing to be said."""
        if (self.action == "label") != bool(self.labels):
            raise InvalidError.of("labels", "belong to label, and to nothing else")
        if self.case is not None and self.action != "approve_job":
            raise InvalidError.of("case", "belongs to approve_job, and to nothing else")
        return self


class ReportBody(Schema):
    """What somebody wants moderators to look at."""

    target: _Target = Field(
        description="posts/ID, profiles/HANDLE, comments/ID, media/ID, jobs/ID, studios/SLUG, or "
        "conversations/ID/messages/ID of one's own"
    )
    reason: ReportReason
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Clean] = ""


class ReportAnswer(Schema):
    """A report. Who is reported never learns of whom it came."""

    id: str
    target: str
    reason: ReportReason
    state: CaseState
    created_at: str


class PostAppealBody(Schema):
    """Why a removed post should be shown after all."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Clean]


class AccountAppealBody(PostAppealBody):
    """Why a suspension should end, or what a profile said should be shown after all."""

    about: Literal["suspension", "profile"] = "suspension"


class LogQuery(PageQuery):
    """Whose decisions."""

    target: _Target


class EntryAnswer(DecisionAnswer):
    """An entry of the log."""

    cases: list[str] = Field(description="Ids of the cases that it closed")
    before: dict[str, str] = Field(description="What was so before")
    after: dict[str, str] = Field(description="The same, after it")


class EntryList(Schema):
    """A page of the log, newest first."""

    items: list[EntryAnswer]
    next_cursor: str | None


def appeal_answer(appeal: Appeal | None) -> AppealAnswer | None:
    """Return an appeal as the artist sees it."""
    return AppealAnswer(state=appeal.state, answer=appeal.answer, at=appeal.at) if appeal else None


def report_answer(case: Case, target: str) -> ReportAnswer:
    """Return a report as who made it sees it."""
    body = {"id": case.case_id, "target": target, "reason": case.evidence[0], "state": case.state}
    return ReportAnswer.model_validate(body | {"created_at": case.opened_at})


def queued_answer(case: QueuedCase) -> QueuedCaseAnswer:
    """Return a case as the queue shows it."""
    return QueuedCaseAnswer(
        id=case.case_id,
        kind=case.kind,
        target=case.target,
        opened_by=case.opened_by,
        opened_at=case.opened_at,
        excerpt=case.excerpt,
    )


def decision_answer(decision: Decision) -> DecisionAnswer:
    """Return a decision as moderators see it."""
    return DecisionAnswer.model_validate(_decided(decision))


def entry_answer(entry: LogEntry) -> EntryAnswer:
    """Return an entry of the log."""
    more = {"cases": list(entry.cases), "before": dict(entry.before), "after": dict(entry.after)}
    return EntryAnswer.model_validate(_decided(entry.decision) | more)


def case_answer(view: CaseView) -> CaseAnswer:
    """Return a case as moderators see it."""
    case = view.case
    return CaseAnswer(
        id=case.case_id,
        kind=case.kind,
        target=case.target,
        state=case.state,
        opened_by=case.opened_by,
        opened_at=case.opened_at,
        text=case.text,
        evidence=list(case.evidence),
        subject=_seen(view.subject) if view.subject else None,
        pictures=[_seen(each) for each in view.pictures],
        messages=[_message(each) for each in view.messages],
        decision=decision_answer(case.decision) if case.decision else None,
    )


def _message(seen: SeenMessage) -> SeenMessageAnswer:
    message = seen.message
    return SeenMessageAnswer(
        id=message.message_id,
        handle=seen.handle,
        text=message.text,
        created_at=clock.to_text(made_at(message.message_id)),
        posts=list(message.posts),
        reported=seen.reported,
        deleted=message.hidden,
    )


def _decided(decision: Decision) -> dict[str, object]:
    return {
        "id": decision.decision_id,
        "action": decision.action,
        "target": decision.target,
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at,
        "reason": decision.reason,
    }


def _seen(picture: SeenPicture) -> SeenPictureAnswer:
    media = picture.media
    return SeenPictureAnswer(
        media_id=media.media_id,
        owner_id=media.owner_id,
        state=media.state,
        reason=media.reason.code if media.reason else None,
        ai_disclosure=media.request.ai_disclosure,
        files=[SeenFile(url=url, width=f.width, height=f.height, format=f.format) for f, url in picture.files],
    )
