"""What lists and reads cost, as DynamoDB counts it through the running platform, against the table of the data model.

The function's line of each request holds the read units that its answers told (ConsumedCapacity), which the local cloud
counts by the sizes of items as DynamoDB does; the document's row is read here as it stands there, so that neither can
change without the other.
"""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.cloud.test_observability import lines
from tests.support.artist import Artist, picture
from tests.support.hiring import Hiring
from tests.support.processes import PlatformProcess, until
from tools.localcloud.config import ROOT

POSTS = 21
JOBS = 18
APPLICANTS = 12


def rows() -> dict[str, str]:
    """Return the cost of each access pattern, by its first words."""
    text = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    section = text.partition("## Access patterns")[2].partition("\n## ")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {cells[0]: cells[-1] for cells in found if len(cells) == 3}


_NUMBER = r"(\d+(?:\.\d+)?)"


def bound(pattern: str) -> float:
    """Return the most read units that a row allows: its number, and what it says comes beside it.

    Raises:
        KeyError: there is no such row.
    """
    cost = rows()[pattern]
    found = re.match(rf"(?:at most )?(?:{_NUMBER}(?:\u2013| to | or ))?{_NUMBER} RRU", cost)
    assert found, f"what is the most of {pattern!r}: {cost!r}?"
    beside = re.findall(
        rf"(?:beside |and |and at most ){_NUMBER} for|, {_NUMBER} for a reader's bounds|{_NUMBER} for bounds"
        rf"|{_NUMBER} more beside it",
        cost,
    )
    return float(found[2]) + sum(float(next(filter(None, each))) for each in beside)


@dataclass(frozen=True)
class Place:
    """An artist with posts and jobs, and a reader who follows them, likes, keeps and applies for all of it, and talks.

    One of the jobs others apply for as well.
    """

    artist: Artist
    reader: Artist
    posts: list[str]
    tag: str
    talk: str
    hiring: Hiring
    job: str


@pytest.fixture(scope="module")
def place(platform: PlatformProcess, http_: httpx.Client) -> Place:
    artist, reader = Artist(platform), Artist(platform)
    tag = f"t{artist.name[1:]}"
    media_id = artist.upload(picture(120))
    artist.final_media(media_id)
    posts = [
        str(artist.post(media_id, title=f"Number {number} of a series", tags=[tag, "ink"], portfolio=True)["id"])
        for number in range(POSTS)
    ]
    assert reader.client.put(f"/v1/profiles/{artist.name}/follow").is_success
    for post_id in posts:
        for kind in ("like", "bookmark"):
            assert reader.client.put(f"/v1/posts/{post_id}/{kind}").status_code == 204
    for number in range(POSTS):
        said = {"text": f"Comment {number}: what a fine line this is"}
        assert reader.client.post(f"/v1/posts/{posts[0]}/comments", json=said).status_code == 201

    talk = reader.client.post("/v1/conversations", json={"handle": artist.name}).json()["id"]
    for number in range(POSTS):
        said = {"text": f"Message {number}: when could you paint this"}
        assert reader.client.post(f"/v1/conversations/{talk}/messages", json=said).status_code == 201
        if number == 0:  # a request has few
            assert artist.client.put(f"/v1/conversations/{talk}/accept").status_code == 204
    hiring = Hiring(artist, platform)
    jobs = [hiring.open(title=f"Senior Environment Artist, number {number}") for number in range(JOBS)]

    def found() -> bool:
        items = http_.get(f"/v1/tags/{tag}/posts?limit=50").json()["items"]
        return len(items) == POSTS

    look_for_work(platform, reader, jobs)
    until(found, 90, "all posts in the directory")
    until(lambda: http_.get(f"/v1/jobs?q={hiring.slug}").json()["total"] == JOBS, 120, "all jobs in lists")
    until(lambda: len(reader.client.get("/v1/feed?limit=20").json()["items"]) == 20, 90, "the feed, filled")
    return Place(artist, reader, posts, tag, talk, hiring, jobs[-1])


def look_for_work(platform: PlatformProcess, reader: Artist, jobs: list[str]) -> None:
    """Have a reader save and apply for jobs, others for the last one, and all of them be there for studios."""
    for artist, wanted in [(reader, jobs), *((Artist(platform), jobs[-1:]) for _ in range(APPLICANTS))]:
        looks = {"handle": artist.name, "display_name": f"Artist {artist.name}", "availability": "freelance"}
        work = {"starts_on": "2027-01-15", "country": "DE"}
        looking = artist.client.put("/v1/me", json={**looks, "mediums": ["Oil Painting"], "work": work})
        assert looking.is_success, looking.text
        piece = artist.post(title="A sky at noon")["id"]
        for job in wanted:
            sent = {"posts": [piece], "letter": "I paint skies by day and by night, in oil and in pixels."}
            assert artist.client.post(f"/v1/jobs/{job}/applications", json=sent).status_code == 201
            assert artist.client.put(f"/v1/jobs/{job}/save").status_code == 204
    for number in range(5):
        alert = {"name": f"Alert {number}", "medium": "oil-painting", "country": "DE", "cadence": "daily"}
        assert reader.client.post("/v1/me/job_alerts", json=alert).status_code == 201


@pytest.fixture(scope="module")
def http_(platform: PlatformProcess) -> Any:
    with httpx.Client(base_url=platform.base_url, timeout=30, trust_env=False) as client:
        yield client


PUBLIC: dict[str, list[str | float]] = {
    "/v1/profiles/{artist}": ["public profile by handle"],
    "/v1/profiles/{artist}/posts?limit=20": ["an artist's posts, 20 a page"],
    "/v1/profiles/{artist}/posts?limit=20&portfolio=true": ["an artist's posts, 20 a page"],
    "/v1/profiles/{artist}/followers?limit=20": ["followers, following, requests, blocks, mutes: a page"],
    "/v1/profiles/{reader}/following?limit=20": ["followers, following, requests, blocks, mutes: a page"],
    "/v1/latest?limit=20": ["the latest public posts, 20 a page"],
    "/v1/tags/{tag}/posts?limit=20": ["public posts of a tag, or another single term, 20 a page"],
    "/v1/search?q=series+number&tag={tag}&limit=20": ["public posts of several terms"],
    "/v1/posts/{post}/comments?limit=20": ["a thread, 20 comments a page"],
    "/v1/posts/{post}": ["a post by id", 1],
    "/v1/discover?limit=20": ["discovery, 20 a page", 1],
    "/@{artist}": ["page of an artist, 24 posts"],
    "/@{artist}/feed.atom": ["feed of an artist, 20 posts", POSTS],
    "/posts/{post}": ["page of a post", 1],
    "/v1/jobs": ["open jobs by facets or words, 16 a page at most"],
    "/v1/jobs?workplace=hybrid&level=mid": ["open jobs by facets or words, 16 a page at most"],
    "/v1/jobs?medium=oil-painting&country=DE": ["open jobs by facets or words, 16 a page at most"],
    "/v1/jobs?q={studio}": ["open jobs by facets or words, 16 a page at most"],
    "/v1/jobs?q={studio}+environment&min_salary=1000": ["open jobs by facets or words, 16 a page at most"],
    "/v1/jobs/{job}": ["a job by id"],
    "/v1/studios/{studio}/jobs?limit=20": ["a studio's jobs, 20 a page", 1],
    "/jobs/{job}": ["page of a job"],
    "/jobs/feed.atom": ["feed of new jobs, 16 at most"],
    "/studios/{studio}": ["page of a studio, 20 of its jobs"],
}
"""What strangers read, and the rows that it costs, with what these say of it beside: a picture, another sector."""

OWN: dict[str, list[str | float]] = {
    "/v1/me": ["own profile"],
    "/v1/me/likes?limit=20": ["own likes, own bookmarks, an artist's reposts, 20 a page"],
    "/v1/me/bookmarks?limit=20": ["own likes, own bookmarks, an artist's reposts, 20 a page"],
    "/v1/notifications?limit=20": ["notifications, a page (20 at most)"],
    "/v1/me/blocks?limit=20": ["followers, following, requests, blocks, mutes: a page"],
    "/v1/latest?limit=20": ["the latest public posts, 20 a page"],
    "/v1/tags/{tag}/posts?limit=20": ["public posts of a tag, or another single term, 20 a page"],
    "/v1/feed?limit=20": ["home feed, 20 a page"],
    "/v1/discover?limit=20": ["discovery, 20 a page", 1.5],
    "/v1/conversations?limit=20": ["conversations of a folder, a page (20 at most)"],
    "/v1/conversations/{talk}/messages?limit=20": ["messages, a page (20 at most)"],
    "/v1/me/applications?limit=20": ["the own applications, 20 a page"],
    "/v1/me/saved_jobs?limit=20": ["what an account keeps, 20 a page"],
    "/v1/me/job_alerts": ["own job alerts, 20 at most"],
}
"""What somebody reads as themselves."""

HIRING: dict[str, list[str | float]] = {
    "/v1/jobs/{job}/applications?limit=20": ["applications for a job, those of a state as well, 30 a page at most"],
    "/v1/jobs/{job}/applications?limit=20&state=submitted": [
        "applications for a job, those of a state as well, 30 a page at most"
    ],
    "/v1/studios/{studio}/dashboard?limit=20": ["dashboard of a studio, 20 jobs a page", 2, 2],
    "/v1/studios/{studio}/jobs?limit=20": ["a studio's jobs, 20 a page", 1, 1],
    "/v1/jobs/{job}/changes?limit=20": ["what was changed of an application, 20 a page", 1.5],
    "/v1/talent?medium=oil-painting&country=DE": ["artists who look for work, 15 a page at most", 2],
}
"""What a studio's member reads: a dashboard is three lists."""


def units(platform: PlatformProcess, answer: httpx.Response) -> float:
    """Return the read units of the request that an answer is to."""
    assert answer.status_code == 200, answer.text
    request_id = answer.headers["x-request-id"]

    def told() -> list[dict[str, Any]]:
        return [line for line in lines(platform, "web") if line.get("request_id") == request_id and "ReadUnits" in line]

    return float(until(told, 20, f"the line of {answer.url}")[0]["ReadUnits"])


def address(pattern: str, place: Place) -> str:
    named = {"artist": place.artist.name, "reader": place.reader.name, "studio": place.hiring.slug}
    return pattern.format(**named, tag=place.tag, post=place.posts[0], job=place.job, talk=place.talk)


def most(path: str, costs: dict[str, list[str | float]]) -> float:
    return sum(bound(each) if isinstance(each, str) else each for each in costs[path])


@pytest.mark.parametrize("path", list(PUBLIC))
def test_what_strangers_read_costs_what_the_table_says(
    platform: PlatformProcess, place: Place, http_: httpx.Client, path: str
) -> None:
    http_.get(address(path, place))  # what a process looks up now and then is no part of a page
    assert 0 < units(platform, http_.get(address(path, place))) <= most(path, PUBLIC)


@pytest.mark.parametrize("path", list(OWN))
def test_what_people_read_costs_what_the_table_says(platform: PlatformProcess, place: Place, path: str) -> None:
    place.reader.client.get(address(path, place))
    assert 0 < units(platform, place.reader.client.get(address(path, place))) <= most(path, OWN)


@pytest.mark.parametrize("path", list(HIRING))
def test_what_studios_read_costs_what_the_table_says(platform: PlatformProcess, place: Place, path: str) -> None:
    place.artist.client.get(address(path, place))
    assert 0 < units(platform, place.artist.client.get(address(path, place))) <= most(path, HIRING)


def test_a_full_page_is_what_is_measured(place: Place, http_: httpx.Client) -> None:
    for path in ("/v1/profiles/{artist}/posts?limit=20", "/v1/tags/{tag}/posts?limit=20"):
        assert len(http_.get(address(path, place)).json()["items"]) == 20
    for path in ("/v1/me/likes?limit=20", "/v1/feed?limit=20", "/v1/conversations/{talk}/messages?limit=20"):
        assert len(place.reader.client.get(address(path, place)).json()["items"]) == 20
    assert len(http_.get(address("/v1/jobs?q={studio}", place)).json()["items"]) == 16
    for path in ("/v1/me/applications?limit=20", "/v1/me/saved_jobs?limit=20"):
        assert len(place.reader.client.get(address(path, place)).json()["items"]) == JOBS
    applied = address("/v1/jobs/{job}/applications?limit=20", place)
    assert len(place.artist.client.get(applied).json()["items"]) == 1 + APPLICANTS
    dashboard = address("/v1/studios/{studio}/dashboard?limit=20", place)
    assert len(place.artist.client.get(dashboard).json()["jobs"]) == JOBS


@pytest.mark.parametrize(
    ("pattern", "number"),
    [("an artist's posts, 20 a page", 3), ("the latest public posts, 20 a page", 2)],
)
def test_the_table_is_read_as_it_stands(pattern: str, number: float) -> None:
    assert bound(pattern) == number
