"""Applications, as artists send them and studios answer them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.applications import (
    ARTIST,
    MAX_CHANGES,
    MAX_ROUNDS,
    RESUME_DAYS,
    Application,
    ApplicationState,
    Resume,
    answers,
    application_id,
    check_step,
    is_application_id,
    member_mark,
)
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    GoneError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id
from chalicelib.domain.jobs import HERE, Job
from chalicelib.domain.people import Person
from chalicelib.services.application_ports import ApplicationStore, CardsPage, ChangesPage, OwnPage
from chalicelib.services.hiring_ports import JobStore, StudioStore
from chalicelib.services.jobs import no_job
from chalicelib.services.people import People
from chalicelib.services.ports import Clock
from chalicelib.services.post_reading import PostReader, PostView
from chalicelib.services.resumes import ResumeService

ATTEMPTS = 8
MOST_LOOKED_AT = 30
"""Applications that one page of a list looks at: two read units."""

Side = Literal["artist", "studio"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What an artist sends: their pieces in order, a letter, and an announced résumé or none."""

    posts: tuple[str, ...]
    letter: str
    resume_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as one of the two sides sees it.

    Attributes:
        side: which.
        letter, pieces: empty for the studio once it is withdrawn; pieces that are not published any more are left out.
    """

    application: Application
    side: Side
    letter: str = ""
    pieces: tuple[PostView, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """What was changed of an application; ``members`` are handles by the marks of those who did it, for the studio."""

    side: Side
    page: ChangesPage
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationService:
    """Takes, shows, moves and withdraws applications. Its artist and the studio's members alone find one."""

    applications: ApplicationStore
    jobs: JobStore
    studios: StudioStore
    people: People
    reader: PostReader
    resumes: ResumeService
    now: Clock = clock.now

    def submit(self, account_id: str, job_id: str, sent: Sent) -> ApplicationView:
        """Send an application; whoever withdrew one may send another, three in all.

        The job must be open at the moment at which the application is stored, whenever it was begun.

        Raises:
            NotFoundError: there is no such job that the account may know of.
            GoneError: the job is over (``job-over``).
            ConflictError: there is one already (``already-applied``), the job takes applications elsewhere
                (``applies-elsewhere``), is one of the own studio's (``own-studio``), was applied for too often
                (``applied-too-often``), or the account has no profile yet (``profile-needed``).
            InvalidError: a piece is no published post of the account, or the résumé is none or cannot be taken.
        """
        for _ in range(ATTEMPTS):
            job = self.open_job(account_id, job_id)
            old = self.applications.get(application_id(job_id, account_id))
            _check_anew(old)
            if old is not None:  # nothing names its résumé any more then, should withdrawing have been cut short
                self.resumes.drop(old)
            person = self._me(account_id)
            self._pieces(account_id, sent.posts)
            taken = self.resumes.take(account_id, job_id, sent.resume_id) if sent.resume_id else None
            if taken is not None:  # that took a while
                job = self.open_job(account_id, job_id)
            new = self._made(job, person, sent.posts, taken, old)
            try:
                saved = self._save(old, new, ARTIST, letter=sent.letter, uses=sent.resume_id)
            except LostRaceError:
                continue
            return self._own_view(saved)
        raise TemporaryError(f"the application for {job_id} is being changed by others")

    def get(self, account_id: str, name: str) -> ApplicationView:
        """Return an application to its artist, or to a member of the studio.

        Raises:
            NotFoundError: there is none that the account may know of.
        """
        application, side = self.find(account_id, name)
        if side == "studio" and application.state == "withdrawn":
            return ApplicationView(application, side)
        views = self._seen(account_id, application)
        return ApplicationView(application, side, self.applications.letter(application), views)

    def move(self, account_id: str, name: str, state: ApplicationState, versions: set[int]) -> ApplicationView:
        """Change the state of an application, as its studio or, to withdraw it, as its artist; the same is no change.

        Raises:
            NotFoundError: there is none that the account may know of.
            PreconditionFailedError: it was changed since the client read it.
            ConflictError: the state may not follow (``state-not-allowed``).
        """
        for _ in range(ATTEMPTS):
            old, side = self.find(account_id, name)
            if versions and old.version not in versions:
                raise PreconditionFailedError(
                    "The application was changed since you read it. Read it again, then retry."
                )
            if old.state == state:
                return ApplicationView(old, side)
            check_step(old.state, state, own=side == "artist")
            if old.version >= MAX_CHANGES and state != "withdrawn":
                raise ConflictError("It was changed too often.", code="too-many-changes")
            at = clock.to_text(self.now())
            answered = old.answered_at or (at if answers(state) else None)
            new = replace(old, state=state, updated_at=at, answered_at=answered)
            new = replace(new, person=self.people.find(old.account_id) or old.person)
            try:
                saved = self._save(old, new, ARTIST if side == "artist" else member_mark(name, account_id))
            except LostRaceError:
                continue
            if state == "withdrawn":
                self.resumes.drop(saved)
            return ApplicationView(saved, side)
        raise TemporaryError(f"application {name} is being changed by others")

    def for_job(
        self, account_id: str, job_id: str, state: ApplicationState | None, *, limit: int, position: str | None
    ) -> CardsPage:
        """List the applications for a job, newest first, to members of its studio. A page may be short.

        Raises:
            NotFoundError: there is no such job of a studio of the account.
        """
        self.own_job(account_id, job_id)
        most = MOST_LOOKED_AT
        return self.applications.for_job(job_id, state=state, limit=min(limit, most), position=position, most=most)

    def mine(self, account_id: str, *, limit: int, position: str | None) -> OwnPage:
        """List the own applications, newest first."""
        return self.applications.of_account(account_id, limit=min(limit, MOST_LOOKED_AT), position=position)

    def changes(self, account_id: str, name: str, *, limit: int, position: str | None) -> History:
        """List what was changed of an application, newest first.

        Raises:
            NotFoundError: there is none that the account may know of.
        """
        application, side = self.find(account_id, name)
        page = self.applications.changes(name, limit=min(limit, MOST_LOOKED_AT), position=position)
        if side == "artist":
            return History(side, page)
        marks = {member_mark(name, each.account_id): each.account_id for each in self.studios.members(application.slug)}
        known = {marks[each.by] for each in page.changes if each.by in marks}
        handles = {each: person.handle for each, person in self.people.find_many(known).items()} if known else {}
        return History(side, page, {mark: handles[each] for mark, each in marks.items() if each in handles})

    def find(self, account_id: str, name: str) -> tuple[Application, Side]:
        """Return an application to its artist or to a member of the studio; nobody else learns that there is one.

        Raises:
            NotFoundError: there is none that the account may know of.
        """
        found = self.applications.get(name) if is_application_id(name) else None
        if found is not None and found.account_id == account_id:
            return found, "artist"
        if found is None or not self._is_member(found.slug, account_id):
            raise NotFoundError(f"There is no application {name}.")
        return found, "studio"

    def own_job(self, account_id: str, job_id: str) -> Job:
        """Return a job to a member of its studio.

        Raises:
            NotFoundError: there is none of a studio of the account.
        """
        job = self.jobs.get(job_id) if is_id(job_id) else None
        if job is None or not self._is_member(job.slug, account_id):
            raise no_job(job_id)
        return job

    def open_job(self, account_id: str, job_id: str) -> Job:
        """Return a job, read consistently, that the account may apply for at this moment: see :meth:`submit`."""
        job = self.jobs.get(job_id, consistent=True) if is_id(job_id) else None
        studio = self.studios.get(job.slug) if job else None
        if job is None or studio is None:
            raise no_job(job_id)
        if self._is_member(job.slug, account_id):
            raise ConflictError("It is a job of your own studio.", code="own-studio")
        state = job.state_at(self.now())
        if state in {"closed", "expired"}:
            raise GoneError("This job is over: it takes no applications any more.", code="job-over")
        if state != "open" or studio.held:
            raise no_job(job_id)
        if job.fields.apply != HERE:
            raise ConflictError(f"Apply at {job.fields.apply}.", code="applies-elsewhere")
        return job

    def _is_member(self, slug: str, account_id: str) -> bool:
        member = self.studios.member(slug, account_id)
        return member is not None and member.state == "member"

    def _me(self, account_id: str) -> Person:
        person = self.people.find(account_id)
        if person is None:
            raise ConflictError("Create your profile first, with PUT /v1/me.", code="profile-needed")
        return person

    def _made(
        self, job: Job, person: Person, posts: tuple[str, ...], resume: Resume | None, old: Application | None
    ) -> Application:
        at = clock.to_text(self.now())
        if job.closes_at is not None and job.closes_at <= at:
            raise GoneError("This job is over: it takes no applications any more.", code="job-over")
        return Application(
            application_id=application_id(job.job_id, person.account_id),
            job_id=job.job_id,
            slug=job.slug,
            studio_name=job.studio_name,
            job_title=job.fields.title,
            person=person,
            posts=posts,
            state="submitted",
            submitted_at=at,
            updated_at=at,
            rounds=old.rounds + 1 if old else 1,
            resume=resume,
        )

    def _save(
        self, old: Application | None, new: Application, by: str, *, letter: str | None = None, uses: str | None = None
    ) -> Application:
        # no job can have ended sooner than now; a withdrawn one's résumé goes now
        left = timedelta() if new.state == "withdrawn" else timedelta(days=RESUME_DAYS)
        due_at = clock.to_text(clock.from_text(new.updated_at) + left)
        return self.applications.save(old, new, by=by, due_at=due_at, letter=letter, uses=uses)

    def _pieces(self, account_id: str, posts: tuple[str, ...]) -> None:
        ids = [each for each in posts if is_id(each)]
        found = {each.post_id: each for each in self.reader.posts.get_many(ids)} if ids else {}
        wrong = []
        for index, post_id in enumerate(posts):
            post = found.get(post_id)
            if post is None or post.author_id != account_id or post.state != "published":
                wrong.append(FieldError(f"posts[{index}]", "is no published post of yours"))
        if wrong:
            raise InvalidError("Please correct what you send.", errors=tuple(wrong))

    def _own_view(self, application: Application) -> ApplicationView:
        return self.get(application.account_id, application.application_id)

    def _seen(self, viewer: str, application: Application) -> tuple[PostView, ...]:
        """Return the pieces as they are now: to apply with one shows it to the studio, whoever may see it else."""
        found = {each.post_id: each for each in self.reader.posts.get_many(list(application.posts))}
        author = self.reader.profiles.get(application.account_id)
        shown = (found[each] for each in application.posts if each in found)
        return tuple(
            self.reader.view(post, viewer, author)
            for post in shown
            if post.state == "published" and post.author_id == application.account_id
        )


def _check_anew(old: Application | None) -> None:
    if old is None:
        return
    if old.state != "withdrawn":
        raise ConflictError(
            f"You have applied for this job: application {old.application_id} is {old.state}.", code="already-applied"
        )
    if old.rounds >= MAX_ROUNDS:
        raise ConflictError(f"Nobody applies for a job more than {MAX_ROUNDS} times.", code="applied-too-often")
