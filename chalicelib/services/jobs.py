"""Jobs, as studios write them and artists read them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from chalicelib.domain import clock
from chalicelib.domain.deletion import GONE
from chalicelib.domain.errors import (
    ConflictError,
    GoneError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.jobs import (
    A_MODERATOR,
    REVIEWED,
    THE_CLOCK,
    Job,
    JobCard,
    JobChange,
    JobFields,
    JobState,
    check_closing,
    check_complete,
    closing_moment,
)
from chalicelib.domain.moderation import Case
from chalicelib.domain.money import Salary, salary_text
from chalicelib.domain.studios import Studio
from chalicelib.services.hiring_ports import JobCardPage, JobChangePage, JobStore, StudioStore
from chalicelib.services.job_lister import order
from chalicelib.services.ports import Clock, ErrandQueue, ProfileStore
from chalicelib.services.studios import ATTEMPTS, StudioService

Publish = Literal["now", "draft"]

_OVER = frozenset({"closed", "expired"})
_NOBODY = frozenset({A_MODERATOR, THE_CLOCK, GONE})


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with its studio, as it is at this moment; ``member`` tells whether the reader belongs to the studio."""

    job: Job
    state: JobState
    studio: Studio
    member: bool


@dataclass(frozen=True, slots=True)
class JobService:
    """Writes, publishes, closes and shows jobs. Members of the studio may write, and see what nobody else sees."""

    jobs: JobStore
    studios: StudioStore
    access: StudioService
    errands: ErrandQueue
    profiles: ProfileStore
    now: Clock = clock.now

    def create(self, account_id: str, slug: str, fields: JobFields, publish: Publish) -> JobView:
        """Make a job, as a draft or to be public: see :meth:`change`."""
        studio, _ = self.access.as_member(slug, account_id)
        at = clock.to_text(self.now())
        job = Job(new_id(), slug, studio.fields.name, fields, account_id, at, at)
        new, case = self._publish(job, studio, account_id) if publish == "now" else (self._checked(job, studio), None)
        change = JobChange(1, account_id, at, after={"state": new.state})
        return self._view(self._save(None, new, change, case), studio)

    def get(self, job_id: str, account_id: str | None) -> JobView:
        """Return a job to whoever may see it.

        Raises:
            NotFoundError: there is none that the asker may know of.
            GoneError: it is over.
        """
        job = self.jobs.get(job_id) if is_id(job_id) else None
        if job is None:
            raise no_job(job_id)
        member = self.studios.member(job.slug, account_id) if account_id else None
        studio = self.studios.get(job.slug)
        if studio is None:
            raise no_job(job_id)
        if member is not None and member.state == "member":
            return self._view(job, studio)
        state = job.state_at(self.now())
        if state in _OVER:
            raise GoneError("This job is over.", code="job-over")
        if state != "open" or studio.held:
            raise no_job(job_id)
        return replace(self._view(job, studio), member=False)

    def change(
        self, job_id: str, account_id: str, changes: Mapping[str, Any], publish: Publish | None, versions: set[int]
    ) -> JobView:
        """Change what ``changes`` names, and publish or withdraw.

        A job that was public and is over is renewed by publishing it with another closing date. What moderators looked
        at cannot change without them, unless the studio has a clean record: the job is reviewed again, and is not
        public meanwhile.

        Args:
            job_id: which job.
            account_id: who asks.
            changes: fields by name.
            publish: ``now`` to send it in, ``draft`` to withdraw it from review; None leaves it where it is.
            versions: those that the client has seen; empty for any.

        Raises:
            NotFoundError: there is none that the account may change.
            PreconditionFailedError: it was changed since the client read it.
            ConflictError: it is being reviewed (``job-in-review``), the studio is not verified
                (``studio-not-verified``), or it is public and cannot be a draft again (``job-open``).
            InvalidError: something is missing that a public job needs, or the closing date is none.
        """
        for _ in range(ATTEMPTS):
            old, studio = self._own(job_id, account_id)
            if versions and old.version not in versions:
                raise PreconditionFailedError("The job was changed since you read it. Read it again, then retry.")
            moment = self.now()
            before = old.state_at(moment)
            if before == "in_review" and publish != "draft":
                raise ConflictError("Moderators are looking at it: withdraw it first.", code="job-in-review")
            fields = replace(old.fields, **changes)
            touched = {name for name in changes if getattr(fields, name) != getattr(old.fields, name)}
            new = replace(
                old,
                fields=fields,
                state=before,
                studio_name=studio.fields.name,
                approved=old.approved and not touched & REVIEWED,
                updated_at=clock.to_text(moment),
            )
            new, case = self._moved(new, studio, account_id, publish)
            try:
                return self._view(self._save(old, new, _noted(old, new, account_id, touched), case), studio)
            except LostRaceError:
                continue
        raise TemporaryError(f"job {job_id} is being changed by others")

    def close(self, job_id: str, account_id: str) -> JobView:
        """Close a job that is public, or was and is looked at anew; one that is over stays as it is.

        Raises:
            NotFoundError: there is none that the account may change.
            ConflictError: it never was public (``job-not-open``).
        """
        for _ in range(ATTEMPTS):
            old, studio = self._own(job_id, account_id)
            state = old.state_at(self.now())
            if state in _OVER:
                return self._view(old, studio)
            if old.published_at is None:
                raise ConflictError(f"It is not public; it is {state}.", code="job-not-open")
            at = clock.to_text(self.now())
            new = replace(old, state="closed", closes_at=at, updated_at=at)
            try:
                return self._view(self._save(old, new, _noted(old, new, account_id, set())), studio)
            except LostRaceError:
                continue
        raise TemporaryError(f"job {job_id} is being changed by others")

    def delete(self, job_id: str, account_id: str, versions: set[int]) -> None:
        """Remove a job that was never public.

        Raises:
            NotFoundError: there is none that the account may change.
            PreconditionFailedError: it was changed since the client read it.
            ConflictError: it is or was public (``job-was-public``): who applied must find it.
        """
        for _ in range(ATTEMPTS):
            old, _ = self._own(job_id, account_id)
            if versions and old.version not in versions:
                raise PreconditionFailedError("The job was changed since you read it. Read it again, then retry.")
            if old.published_at is not None:
                raise ConflictError(
                    "It was public, and is kept for those who applied: close it instead.", code="job-was-public"
                )
            try:
                self.jobs.delete(old)
            except LostRaceError:
                continue
            return
        raise TemporaryError(f"job {job_id} is being changed by others")

    def of_studio(self, slug: str, account_id: str | None, *, limit: int, position: str | None) -> JobCardPage:
        """List a studio's jobs, newest first: the public ones, to its members all of them. A page may be short.

        Raises:
            NotFoundError: there is no such studio that the asker may know of.
        """
        view = self.access.get(slug, account_id)
        page = self.jobs.of_studio(slug, limit=limit, position=position)
        now = clock.to_text(self.now())
        member = view.membership is not None and view.membership.state == "member"
        shown = [card for card in page.cards if member or _open(card, now)]
        return ShownCards(tuple(replace(card, state=state_of(card, now)) for card in shown), page.position)

    def changes(self, job_id: str, account_id: str, *, limit: int, position: str | None) -> JobChangePage:
        """List what was changed of a job, newest first, to members of its studio, who know each other by handle.

        Raises:
            NotFoundError: there is none that the account may change.
        """
        self._own(job_id, account_id)
        page = self.jobs.changes(job_id, limit=limit, position=position)
        accounts = {each.by for each in page.changes} - _NOBODY
        found = self.profiles.get_many(accounts) if accounts else {}
        names = {each: found[each].fields.handle if each in found else "former member" for each in accounts}
        named = tuple(replace(each, by=names.get(each.by, each.by)) for each in page.changes)
        return NamedChanges(named, page.position)

    def _save(self, old: Job | None, new: Job, change: JobChange, case: Case | None = None) -> Job:
        saved = self.jobs.save(old, new, change, case)
        order(self.errands, saved)
        return saved

    def _own(self, job_id: str, account_id: str) -> tuple[Job, Studio]:
        """Return a job, read consistently, to a member of its studio; nobody else learns that there is one."""
        job = self.jobs.get(job_id, consistent=True) if is_id(job_id) else None
        member = self.studios.member(job.slug, account_id) if job else None
        studio = self.studios.get(job.slug, consistent=True) if job else None
        if job is None or studio is None or member is None or member.state != "member":
            raise no_job(job_id)
        return job, studio

    def _moved(self, job: Job, studio: Studio, account_id: str, publish: Publish | None) -> tuple[Job, Case | None]:
        """Return a changed job in the state that it is to have, and the case that it waits for."""
        if publish == "now" or (publish is None and job.state == "open"):
            return self._publish(job, studio, account_id)
        if publish == "draft" and job.published_at is not None:
            raise ConflictError("It is or was public: close it instead.", code="job-open")
        state: JobState = "draft" if publish == "draft" else job.state
        return replace(self._checked(job, studio), state=state), None

    def _publish(self, job: Job, studio: Studio, account_id: str) -> tuple[Job, Case | None]:
        if not studio.verified:
            raise ConflictError(
                "Only verified studios publish jobs: see POST /v1/studios/{slug}/verification. Drafts are free.",
                code="studio-not-verified",
            )
        check_complete(job.fields)
        moment, closes_at = self.now(), closing_moment(job.fields.closes or "", studio.fields.time_zone)
        check_closing(closes_at, moment)
        at = clock.to_text(moment)
        ready = replace(job, closes_at=clock.to_text(closes_at), reason=None)
        if job.approved or studio.trusted:
            since = job.published_at if job.state == "open" else at
            return replace(ready, state="open", published_at=since, approved=True), None
        sent = replace(ready, state="in_review", submitted_at=at)
        return sent, Case("job", sent.target, account_id, _words(sent), _evidence(sent), at, version=at)

    def _checked(self, job: Job, studio: Studio) -> Job:
        """Return a draft; its closing date must be one, however far it is."""
        if job.fields.closes is not None:
            closing_moment(job.fields.closes, studio.fields.time_zone)
        return job

    def _view(self, job: Job, studio: Studio) -> JobView:
        return JobView(job, job.state_at(self.now()), studio, member=True)


@dataclass(frozen=True, slots=True)
class ShownCards:
    """Some cards, newest first, and the position after them; None at the end."""

    cards: tuple[JobCard, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class NamedChanges:
    """Some changes, newest first, by names, and the position after them; None at the end."""

    changes: tuple[JobChange, ...]
    position: str | None


def no_job(job_id: str) -> NotFoundError:
    """Return what everyone is told of a job that does not exist or that they may not know of."""
    return NotFoundError(f"There is no job {job_id}.")


def _open(card: JobCard, now: str) -> bool:
    return card.state == "open" and card.closes_at is not None and card.closes_at > now


def state_of(card: JobCard, now: str) -> JobState:
    """Return what a job is by the clock."""
    return "expired" if card.state == "open" and not _open(card, now) else card.state


def _noted(old: Job, new: Job, by: str, touched: set[str]) -> JobChange:
    names = sorted(touched)
    before = {"state": old.state} | {name: _shown(getattr(old.fields, name)) for name in names}
    after = {"state": new.state} | {name: _shown(getattr(new.fields, name)) for name in names}
    return JobChange(new.version, by, new.updated_at, before, after)


def _shown(value: object) -> str:
    """Return a field's value in words, cut where it is long."""
    text = salary_text(value) if isinstance(value, Salary) else str(value)
    return text if len(text) <= 500 else text[:499] + "…"


def _words(job: Job) -> str:
    return f"{job.studio_name}: {job.fields.title}\n\n{job.fields.description}"


def _evidence(job: Job) -> tuple[str, ...]:
    """Return what a moderator must see of a job beside its words, as it was sent in."""
    given = job.fields
    paid = salary_text(given.salary) if given.salary else ""
    places = ", ".join(f"{each.city} {each.country}".strip() for each in given.locations) or str(given.workplace)
    said = f"AI: {given.ai_policy}" + (f", {given.ai_statement}" if given.ai_statement else "")
    return (f"pays {paid}", f"apply: {given.apply}", f"{given.employment}, {places}", said)
