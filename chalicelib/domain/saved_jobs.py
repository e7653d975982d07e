"""Jobs that artists keep for later."""

from dataclasses import dataclass, replace

from chalicelib.domain.jobs import Job, JobCard, make_card


@dataclass(frozen=True, slots=True)
class SavedJob:
    """A job that an account keeps.

    Attributes:
        account_id: who keeps it.
        card: the job as everyone could see it last; its state is the present one.
        saved_at: when.
        version: of the job that the card is made of.
    """

    account_id: str
    card: JobCard
    saved_at: str
    version: int

    @property
    def rank(self) -> str:
        """What its list is ordered by, newest first; the id makes it unique."""
        return f"{self.saved_at}#{self.card.job_id}"

    def after(self, job: Job) -> "SavedJob":
        """Return it as it is to be once the job has become what is given.

        Words of a job that is not open may be such as no moderator has seen: then the card keeps those that were
        public, and tells the state alone.
        """
        shown = make_card(job)
        kept = replace(self.card, state=shown.state, closes_at=shown.closes_at)
        return replace(self, card=shown if job.state == "open" else kept, version=job.version)
