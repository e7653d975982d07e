"""What needs an application and something else beside it: a conversation, a résumé."""

from dataclasses import dataclass

from chalicelib.domain.conversations import Conversation
from chalicelib.domain.errors import ConflictError, ForbiddenError
from chalicelib.services.applications import ApplicationService
from chalicelib.services.conversations import ConversationService
from chalicelib.services.resumes import Link, NewResume, ResumeService


@dataclass(frozen=True, slots=True)
class IntroductionService:
    """Has members of a studio write to who applied."""

    applications: ApplicationService
    conversations: ConversationService

    def introduce(self, account_id: str, name: str) -> Conversation:
        """Return the conversation of a member and the artist of an application.

        Raises:
            NotFoundError: there is no such application that the account may know of, or nobody to write to: see
                :meth:`ConversationService.introduce`.
            ForbiddenError: the artist asks; they answer, where they were written to (``members-only``).
            ConflictError: the application is withdrawn (``application-withdrawn``).
        """
        application, side = self.applications.find(account_id, name)
        if side == "artist":
            raise ForbiddenError("The studio begins the conversation.", code="members-only")
        if application.state == "withdrawn":
            raise ConflictError("The application was withdrawn.", code="application-withdrawn")
        return self.conversations.introduce(account_id, application.account_id)


@dataclass(frozen=True, slots=True)
class ResumeRequests:
    """Decides who may announce a résumé, and who may fetch one."""

    applications: ApplicationService
    resumes: ResumeService

    def announce(self, account_id: str, job_id: str, size: int) -> NewResume:
        """Return a form for a résumé, where the account may apply: see :meth:`ApplicationService.open_job`."""
        self.applications.open_job(account_id, job_id)
        return self.resumes.announce(account_id, job_id, size)

    def link(self, account_id: str, name: str) -> Link:
        """Return an address of a résumé for the artist, or a member of the studio.

        Raises:
            NotFoundError: there is no such application that the account may know of, or it has no résumé.
            GoneError: the résumé was deleted.
        """
        application, _ = self.applications.find(account_id, name)
        return self.resumes.link(application)
