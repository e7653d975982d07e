"""What is others' as well, and goes on without the account: conversations, studios with jobs, moderators' cases."""

from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.conversations import Conversation, Side
from chalicelib.domain.deletion import GONE, gone_person
from chalicelib.domain.ids import new_id
from chalicelib.domain.jobs import Job, JobChange
from chalicelib.domain.studios import MAX_MEMBERS, Member, Studio
from chalicelib.services import deletion_ports as stores
from chalicelib.services.job_lister import order
from chalicelib.services.ports import Clock, ErrandQueue

_CONVERSATIONS, _CASES, _JOBS = 10, 25, 20


@dataclass(frozen=True, slots=True)
class Conversations:
    """Conversations: what the account wrote goes, what others wrote stays theirs, beside somebody who is gone."""

    conversations: stores.ForgettingConversations
    name: str = "conversations"

    def remove(self, account_id: str) -> bool:
        """Remove the account from some."""
        found = self.conversations.of_account(account_id, _CONVERSATIONS)
        for conversation_id in found:
            self._leave(account_id, conversation_id)
        return len(found) == _CONVERSATIONS

    def _leave(self, account_id: str, conversation_id: str) -> None:
        old = self.conversations.get(conversation_id)
        if old is not None and old.side(account_id) is not None:
            alone = old.other(account_id).person.account_id == GONE
            if not alone:  # nothing can be written by the account once it has left
                new = _without(old, account_id)
                self.conversations.save(old, new)
            self._forget_messages(conversation_id, None if alone else account_id)
            if alone:
                self.conversations.forget(old)
        elif old is not None:
            self._forget_messages(conversation_id, account_id)
        self.conversations.forget_for(account_id, conversation_id)

    def _forget_messages(self, conversation_id: str, author_id: str | None) -> None:
        position: str | None = None
        while True:
            position = self.conversations.forget_messages(conversation_id, author_id, position)
            if position is None:
                return


def _without(old: Conversation, account_id: str) -> Conversation:
    """Return a conversation that an account is no longer in, in the order of its sides."""
    gone = Side(gone_person(), "left")
    one, two = (gone if side.person.account_id == account_id else side for side in old.sides)
    mine = old.last_by == account_id
    return replace(
        old, sides=(one, two), last_by=GONE if mine else old.last_by, excerpt="" if mine else old.excerpt, waiting=0
    )


@dataclass(frozen=True, slots=True)
class Studios:
    """Memberships. The last owner hands over to whoever is a member longest; a studio without members ends."""

    studios: stores.ForgettingStudios
    jobs: stores.ForgettingJobs
    cases: stores.ForgettingCases
    errands: ErrandQueue
    now: Clock = clock.now
    name: str = "studios"

    def remove(self, account_id: str) -> bool:
        """Have the account leave its studios."""
        found = self.studios.of_account(account_id)
        for member in found:
            studio = self.studios.get(member.slug, consistent=True)
            mine = self.studios.member(member.slug, account_id)
            if studio is not None and mine is not None:
                self._leave(studio, mine)
        return len(found) >= MAX_MEMBERS

    def _leave(self, studio: Studio, mine: Member) -> None:
        if mine.owns and studio.owners <= 1:
            heirs = [
                each
                for each in self.studios.members(studio.slug)
                if each.state == "member" and each.account_id != mine.account_id
            ]
            if not heirs:
                self._end(studio)
                return
            heir = min(heirs, key=lambda each: (each.since, each.account_id))
            studio = self.studios.change_member(studio, heir, replace(heir, role="owner"))
        self.studios.change_member(studio, mine, None)

    def _end(self, studio: Studio) -> None:
        """Close a studio's jobs and remove it; what was public stays for those who applied, as long as any job does."""
        position: str | None = None
        while True:
            page = self.jobs.of_studio(studio.slug, limit=_JOBS, position=position)
            for card in page.cards:
                job = self.jobs.get(card.job_id, consistent=True)
                if job is not None:
                    self._close(job)
            position = page.position
            if position is None:
                break
        for case in self.cases.about(studio.target):
            self.cases.forget(case.case_id)
        self.studios.remove(studio)

    def _close(self, job: Job) -> None:
        for case in self.cases.about(job.target):
            self.cases.forget(case.case_id)
        if job.published_at is None:
            self.jobs.delete(job)
        elif job.state not in {"closed", "expired"}:
            at = clock.to_text(self.now())
            new = replace(job, state="closed", closes_at=at, updated_at=at)
            change = JobChange(new.version, GONE, at, {"state": job.state}, {"state": new.state})
            order(self.errands, self.jobs.save(job, new, change))


@dataclass(frozen=True, slots=True)
class JobActors:
    """Jobs, and changes of them, that the account made for whatever studio: they stay, and do not say by whom."""

    jobs: stores.ForgettingJobs
    name: str = "jobs"

    def remove(self, account_id: str) -> bool:
        """Have some forget it."""
        return self.jobs.forget_actor(account_id, _JOBS)


@dataclass(frozen=True, slots=True)
class Cases:
    """What the account reported or asked moderators for, and what they decided about it.

    A report that is open stays, from somebody who is gone; so does what a studio waits for. What was decided is in the
    log, which stays as it is but for the account's name.
    """

    cases: stores.ForgettingCases
    log: stores.ForgettingLog
    name: str = "cases"

    def remove(self, account_id: str) -> bool:
        """Remove some, and rename entries of the log."""
        opened = self.cases.of_opener(account_id, _CASES)
        for case in opened:
            if case.state == "open" and case.kind != "appeal":
                self.cases.reopen(case, f"{GONE}-{new_id()}")
            else:
                self.cases.forget(case.case_id)
        target = f"accounts/{account_id}"
        about = self.cases.about(target)
        for case in about:
            self.cases.forget(case.case_id)
        entries = self.log.page(target, limit=_CASES, position=None).entries
        for entry in entries:
            for case_id in entry.cases:  # gone before the entry is, by which they are found
                self.cases.forget(case_id)
            self.log.rename(entry, f"accounts/{GONE}-{new_id()}")
        return bool(about) or _CASES in {len(opened), len(entries)}
