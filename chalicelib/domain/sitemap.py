"""What search engines are told of: the pages that everyone may see, by the day on which each came to be.

A page stays in the part of its first day whatever becomes of it, so that it is found there without knowing more. Open
jobs have a sitemap of their own, by the day on which they were opened last: it is read more often, and no longer than
jobs are open.
"""

import zlib
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.jobs import Job
from chalicelib.domain.posts import Post
from chalicelib.domain.profiles import Profile

FIRST_YEAR = 2026
"""Before it there were no pages."""

SHARDS = 4
"""Parts of a day: no partition takes more than a quarter of what a day brings."""

MOST = 40_000
"""Pages of one part: sitemaps.org allows 50,000, an answer of Lambda 6 MB."""

PageKind = Literal["artist", "post", "job"]


@dataclass(frozen=True, slots=True)
class SitemapPart:
    """One file of the sitemap: a day, ``2026-11-26``, and a shard of it."""

    day: str
    shard: int


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page.

    Attributes:
        kind: what it shows.
        key: what names that for good: the post, the job, or the account, which is shown to nobody.
        name: what stands in its address: the id of the post or job, or the handle.
        born_at: when it came to be.
        changed_at: when it last changed.
    """

    kind: PageKind
    key: str
    name: str
    born_at: str
    changed_at: str

    @property
    def part(self) -> SitemapPart:
        """Where it stands."""
        return SitemapPart(self.born_at[:10], zlib.crc32(self.key.encode()) % SHARDS)


def of_post(post: Post) -> SitemapEntry:
    """Return a post's page. It is found by the day on which the post was made, which is fixed."""
    return SitemapEntry("post", post.post_id, post.post_id, post.created_at, post.updated_at)


def of_profile(profile: Profile) -> SitemapEntry:
    """Return an artist's page."""
    return SitemapEntry("artist", profile.account_id, profile.fields.handle, profile.created_at, profile.updated_at)


def post_at(post_id: str, born_at: str) -> SitemapEntry:
    """Return what finds the page of a post that is perhaps gone."""
    return SitemapEntry("post", post_id, post_id, born_at, born_at)


def artist_at(account_id: str, born_at: str) -> SitemapEntry:
    """Return what finds the page of an artist who is perhaps gone."""
    return SitemapEntry("artist", account_id, "", born_at, born_at)


def of_job(job: Job) -> SitemapEntry:
    """Return an open job's page."""
    return SitemapEntry("job", job.job_id, job.job_id, job.published_at or job.created_at, job.updated_at)


def job_at(job_id: str, opened_at: str) -> SitemapEntry:
    """Return what finds the page of a job that was opened at a time, and is perhaps over."""
    return SitemapEntry("job", job_id, job_id, opened_at, opened_at)
