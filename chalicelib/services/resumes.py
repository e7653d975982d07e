"""Résumés: announced, taken by an application once they were looked at, handed to the studio, deleted in time."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.applications import Application, Resume
from chalicelib.domain.errors import GoneError, InvalidError, NotFoundError
from chalicelib.domain.ids import is_id, new_id
from chalicelib.domain.media import UPLOAD_SECONDS
from chalicelib.domain.resumes import check_resume
from chalicelib.services.application_ports import ResumeFiles, ResumeStore
from chalicelib.services.ports import Clock

LINK_SECONDS = 300
UNUSED_SECONDS = 24 * 3600
"""After this a résumé goes that no application took."""


@dataclass(frozen=True, slots=True)
class NewResume:
    """A résumé that is awaited, and the form ``{"url", "fields"}`` by which it comes."""

    resume_id: str
    form: dict[str, Any]
    expires_at: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address by which whoever has it can fetch a résumé, and until when."""

    url: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class ResumeService:
    """Keeps résumés. Who may ask for what was decided before."""

    resumes: ResumeStore
    files: ResumeFiles
    now: Clock = clock.now

    def announce(self, account_id: str, job_id: str, size: int) -> NewResume:
        """Return a form by which its artist, and nobody else, can upload a PDF of exactly so many bytes."""
        moment, resume_id = self.now(), new_id()
        self.resumes.announce(resume_id, account_id, job_id, size, clock.later(moment, UNUSED_SECONDS))
        form = self.files.upload_form(account_id, resume_id, size)
        return NewResume(resume_id, form, clock.later(moment, UPLOAD_SECONDS))

    def take(self, account_id: str, job_id: str, resume_id: str) -> Resume:
        """Look at an uploaded résumé and keep it, where no form can replace it any more.

        Raises:
            InvalidError: it is none of the account's for this job, did not come, or cannot be taken.
        """
        found = self.resumes.announced(account_id, resume_id) if is_id(resume_id) else None
        if found is None or found.given_up or found.job_id != job_id:
            raise InvalidError.of("resume_id", "is no résumé that you announced for this job; announce it again")
        try:
            data = self.files.arrived(account_id, resume_id)
        except NotFoundError:
            raise InvalidError.of("resume_id", "was not uploaded") from None
        check_resume(data)
        self.files.keep(account_id, resume_id, data)
        return Resume(resume_id, len(data))

    def link(self, application: Application) -> Link:
        """Return an address by which the résumé of an application can be fetched for five minutes.

        Raises:
            NotFoundError: it came without one.
            GoneError: it was deleted, as it was withdrawn (``resume-deleted``).
        """
        if application.state == "withdrawn":
            raise GoneError("The résumé was deleted with the application.", code="resume-deleted")
        if application.resume is None:
            raise NotFoundError("There is no résumé with this application.")
        url = self.files.link(application.account_id, application.resume.resume_id, LINK_SECONDS)
        return Link(url, clock.later(self.now(), LINK_SECONDS))

    def drop(self, application: Application) -> None:
        """Delete the files of an application's résumé; once more changes nothing."""
        if application.resume is not None:
            self.files.remove(application.account_id, application.resume.resume_id)

    def give_up(self, account_id: str, resume_id: str) -> None:
        """Delete a résumé that no application took, and see that none takes it meanwhile."""
        if self.resumes.give_up(account_id, resume_id) is not None:
            self.files.remove(account_id, resume_id)
            self.resumes.forget(account_id, resume_id)
