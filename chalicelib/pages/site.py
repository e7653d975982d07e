"""Addresses of the platform's pages and files."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from chalicelib.domain.noai import DataMining, prefix

NAME = "Cara"


@dataclass(frozen=True, slots=True)
class Site:
    """Where people reach the platform, and what the key of a public file is appended to; no trailing slashes."""

    base_url: str
    media_base_url: str

    def profile(self, handle: str) -> str:
        """Return the address of an artist's page."""
        return f"{self.base_url}/@{handle}"

    def feed(self, handle: str) -> str:
        """Return the address of an artist's feed."""
        return f"{self.profile(handle)}/feed.atom"

    def post(self, post_id: str) -> str:
        """Return the address of a post's page."""
        return f"{self.base_url}/posts/{post_id}"

    def job(self, job_id: str) -> str:
        """Return the address of a job's page."""
        return f"{self.base_url}/jobs/{job_id}"

    @property
    def jobs_feed(self) -> str:
        """The address of the feed of new jobs."""
        return f"{self.base_url}/jobs/feed.atom"

    def studio(self, slug: str) -> str:
        """Return the address of a studio's page."""
        return f"{self.base_url}/studios/{slug}"

    def tag(self, tag: str) -> str:
        """Return the address of what is published under a tag."""
        return f"{self.base_url}/#/tags/{quote(tag)}"

    def embed(self, url: str, format_: str) -> str:
        """Return the address of the oEmbed answer about a page."""
        return f"{self.base_url}/oembed?" + urlencode({"url": url, "format": format_})

    def file(self, choice: DataMining, media_id: str, name: str) -> str:
        """Return the address of a published rendition, below the path of its artist's choice."""
        return f"{self.media_base_url}/{prefix(choice)}/{media_id}/{name}"
