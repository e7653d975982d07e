"""Jobs and their lists in memory, with the very conditions of the repositories."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.errors import LostRaceError
from chalicelib.domain.job_listing import Listed, Places, counts_of
from chalicelib.domain.jobs import Job, JobCard, JobChange
from chalicelib.domain.moderation import Case
from chalicelib.domain.sitemap import SitemapEntry, SitemapPart


@dataclass(frozen=True)
class FakePage:
    """As :class:`chalicelib.services.hiring_ports.ListedPage`."""

    found: tuple[Listed, ...]
    position: str | None


@dataclass
class FakeListings:
    """As :class:`chalicelib.services.hiring_ports.JobListingStore`; ``before`` is called ahead of each swap."""

    items: dict[tuple[str, str], Listed] = field(default_factory=dict)
    counted: dict[str, Counter[str]] = field(default_factory=dict)
    notes: dict[str, Places] = field(default_factory=dict)
    before: Callable[[], None] | None = None

    def counts(self, terms: Iterable[str]) -> dict[str, dict[str, int]]:
        return {term: dict(self.counted[term]) for term in terms if term in self.counted}

    def page(self, term: str, month: str, *, below: str | None, limit: int) -> FakePage:
        inside = sorted((p for t, p in self.items if t == term and p[:7] == month), reverse=True)
        left = [p for p in inside if below is None or below[:7] != month or p < below]
        found = tuple(self.items[term, p] for p in left[:limit])
        return FakePage(found, found[-1].position if len(left) > limit else None)

    def swap(self, term: str, position: str, wanted: Listed | None) -> None:
        if self.before is not None:
            self.before()
        old = self.items.pop((term, position), None)
        counts = self.counted.setdefault(term, Counter())
        if old is not None:
            counts.subtract(counts_of(old))
        if wanted is not None:
            counts.update(counts_of(wanted))
            self.items[term, position] = wanted

    def note(self, job_id: str) -> Places:
        return self.notes.get(job_id, ())

    def save_note(self, job_id: str, places: Places) -> None:
        self.notes[job_id] = places


@dataclass
class FakePages:
    """As :class:`chalicelib.services.ports.SitemapStore`."""

    found: dict[tuple[SitemapPart, str], SitemapEntry] = field(default_factory=dict)

    def put(self, entries: Iterable[SitemapEntry]) -> None:
        self.found |= {(entry.part, entry.key): entry for entry in entries}

    def remove(self, entries: Iterable[SitemapEntry]) -> None:
        for entry in entries:
            self.found.pop((entry.part, entry.key), None)

    def parts(self, year: int) -> list[SitemapPart]:
        return sorted({part for part, _ in self.found if part.day[:4] == str(year)}, key=lambda part: part.day)

    def entries(self, part: SitemapPart, limit: int) -> list[SitemapEntry]:
        return [entry for (there, _), entry in self.found.items() if there == part][:limit]


@dataclass
class FakeJobs:
    """The part of :class:`chalicelib.services.hiring_ports.JobStore` that lists need."""

    rows: dict[str, Job] = field(default_factory=dict)

    def get(self, job_id: str, *, consistent: bool = False) -> Job | None:
        return self.rows.get(job_id)

    def get_many(self, job_ids: Iterable[str]) -> dict[str, Job]:
        return {each: self.rows[each] for each in job_ids if each in self.rows}

    def save(self, old: Job | None, new: Job, change: JobChange, case: Case | None = None) -> Job:
        if self.rows.get(new.job_id) != old:
            raise LostRaceError
        self.rows[new.job_id] = replace(new, version=old.version + 1 if old else 1, settled=False)
        return self.rows[new.job_id]

    def delete(self, job: Job) -> None:
        del self.rows[job.job_id]

    def settled(self, job: Job) -> None:
        if self.rows[job.job_id].version == job.version:
            self.rows[job.job_id] = replace(job, settled=True)

    def postpone(self, job: Job, due_at: str) -> None:
        raise NotImplementedError

    def due(self, since: datetime, until: datetime) -> list[str]:
        raise NotImplementedError

    def of_studio(self, slug: str, *, limit: int, position: str | None) -> "FakeCards":
        raise NotImplementedError

    def changes(self, job_id: str, *, limit: int, position: str | None) -> "FakeChanges":
        raise NotImplementedError


@dataclass(frozen=True)
class FakeCards:
    """Some cards."""

    cards: tuple[JobCard, ...]
    position: str | None


@dataclass(frozen=True)
class FakeChanges:
    """Some changes."""

    changes: tuple[JobChange, ...]
    position: str | None
