"""Jobs against the emulated cloud: from a studio to the public, and gone again, by the functions' own rights."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import html5lib
import httpx
import pytest

from tests.support import atom_rules, job_posting_rules, vocabulary
from tests.support.artist import Artist, picture
from tests.support.clients import admin_client
from tests.support.hiring import Hiring
from tests.support.processes import PlatformProcess, until


@pytest.fixture(scope="module")
def hiring(platform: PlatformProcess) -> Hiring:
    return Hiring(Artist(platform), platform)


def listed(http: httpx.Client, query: str) -> list[str]:
    answer = http.get(f"/v1/jobs?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    return [each["id"] for each in answer.json()["items"]]


def posting(page: httpx.Response) -> Any:
    tree = html5lib.parse(page.text, namespaceHTMLElements=False)
    [script] = tree.iter("script")
    return json.loads(script.text)


def sitemap(http: httpx.Client) -> set[str]:
    parts = re.findall("<loc>(.*?)</loc>", http.get("/jobs/sitemap.xml").text)
    texts = [http.get(html.unescape(part)).text for part in parts]
    return {location for text in texts for location in re.findall("<loc>(.*?)</loc>", text)}


def forgotten(platform: PlatformProcess) -> list[str]:
    """Return the paths of which the distribution was asked to forget its copies of jobs, one for each time."""
    client: Any = admin_client("cloudfront", platform.run.endpoint)
    [distribution] = [each["Id"] for each in client.list_distributions()["DistributionList"]["Items"]]
    items = client.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    found = (client.get_invalidation(DistributionId=distribution, Id=each["Id"])["Invalidation"] for each in items)
    batches = [each["InvalidationBatch"] for each in found]
    return [str(batch["Paths"]["Items"]) for batch in batches if batch["CallerReference"].startswith("jobs-")]


def test_from_a_studio_to_the_public_and_gone_again(
    platform: PlatformProcess, hiring: Hiring, http: httpx.Client
) -> None:
    job_id = hiring.send_in(title="Painter of skies", utc_offsets=None)
    for path in (f"/v1/jobs/{job_id}", f"/jobs/{job_id}"):
        assert http.get(path).status_code == 404, "nobody has looked at it yet"
    hiring.decide("approve_job", f"jobs/{job_id}")

    page = http.get(f"/jobs/{job_id}")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["x-robots-tag"] == "noai, noimageai"
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    told = posting(page)
    assert vocabulary.faults(told) == job_posting_rules.faults(told) == []
    assert told["hiringOrganization"]["sameAs"] == f"https://{hiring.slug}.example"
    assert http.get(f"/jobs/{job_id}", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert f"/jobs/{job_id}" in http.get(f"/studios/{hiring.slug}").text

    word = f"q={hiring.slug}"
    until(lambda: listed(http, word) == [job_id], 60, "the job in lists")
    assert job_id in listed(http, "medium=oil-painting&country=DE&level=mid&workplace=hybrid")
    assert listed(http, f"{word}&min_salary=60000") == listed(http, f"{word}&level=lead") == []
    base = str(http.base_url).rstrip("/")
    until(lambda: f"{base}/jobs/{job_id}" in sitemap(http), 60, "the job in the sitemap")
    feed = http.get("/jobs/feed.atom")
    assert atom_rules.faults(feed.text) == []
    assert f"{base}/jobs/{job_id}" in [entry.link for entry in feedparser.parse(feed.text).entries]
    until(lambda: forgotten(platform), 90, "copies being forgotten")
    before = len(forgotten(platform))

    assert hiring.sent("POST", f"/v1/jobs/{job_id}/close")["state"] == "closed"
    gone = http.get(f"/jobs/{job_id}")
    assert (gone.status_code, gone.headers["cache-control"]) == (410, "no-store")
    assert "ld+json" not in gone.text
    assert http.get(f"/v1/jobs/{job_id}").status_code == 410
    until(lambda: listed(http, word) == [], 60, "the job out of lists")
    until(lambda: f"{base}/jobs/{job_id}" not in sitemap(http), 60, "the job out of the sitemap")
    assert f"/jobs/{job_id}" not in http.get("/jobs/feed.atom").text
    assert f"/jobs/{job_id}" not in http.get(f"/studios/{hiring.slug}").text
    until(lambda: len(forgotten(platform)) > before, 90, "copies being forgotten once more")
    assert set(forgotten(platform)) == {str(["/v1/jobs*", "/jobs/*", "/studios/*"])}


def test_a_job_is_over_at_its_closing_moment(hiring: Hiring, http: httpx.Client) -> None:
    closes = datetime.now(UTC) + timedelta(seconds=12)
    job_id = hiring.open(title="Painter of a moment", closes_at=closes.isoformat())
    caching = http.get(f"/jobs/{job_id}").headers["cache-control"]
    assert int(caching.rpartition("=")[2]) <= 12
    until(lambda: http.get(f"/jobs/{job_id}").status_code == 410, 30, "its closing moment")
    assert datetime.now(UTC) >= closes
    assert job_id not in listed(http, f"q={hiring.slug}"), "whether or not lists followed"


def test_who_squats_a_slug_is_seen_by_nobody(platform: PlatformProcess, hiring: Hiring, http: httpx.Client) -> None:
    squatter = Artist(platform)
    slug = f"{hiring.slug[:6]}-{hiring.slug[6:]}"
    answer = squatter.client.post("/v1/studios", json={"name": "Another", "slug": slug})
    assert (answer.status_code, answer.json()["held"]) == (201, True)
    assert http.get(f"/studios/{slug}").status_code == http.get(f"/v1/studios/{slug}").status_code == 404
    taken = squatter.client.post("/v1/studios", json={"name": "Another", "slug": hiring.slug.upper()})
    assert taken.status_code == 409


def test_a_studios_logo(platform: PlatformProcess, hiring: Hiring, http: httpx.Client) -> None:
    media_id = hiring.owner.upload(picture(7))
    hiring.owner.final_media(media_id)
    hiring.sent("PATCH", f"/v1/studios/{hiring.slug}", {"logo_media_id": media_id})
    page = http.get(f"/studios/{hiring.slug}")
    [logo] = re.findall(r'<meta property="og:image" content="([^"]+)"', page.text)
    assert posting(page)["logo"] == logo
    assert httpx.get(logo, trust_env=False).status_code == 200
    hiring.sent("PATCH", f"/v1/studios/{hiring.slug}", {"logo_media_id": None})
    assert httpx.get(logo, trust_env=False).status_code == 403
