"""Public pages, and what can be found in the web client, in a real Chromium."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.conftest import Visitor
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess, until

PASSWORD = "a password for tests"
ALT = "A gradient from dark to light"

type Visitors = Callable[..., Visitor]


@pytest.fixture(scope="module")
def artist(platform: PlatformProcess) -> Artist:
    return Artist(platform)


@pytest.fixture(scope="module")
def word() -> str:
    """A word that no other test's posts have."""
    return f"w{uuid4().hex[:10]}"


@pytest.fixture(scope="module")
def post_id(artist: Artist, word: str) -> str:
    media = artist.upload(picture(40, (1200, 800)))
    post = artist.post(
        title=f"Seen {word}", media=[{"id": media, "alt": ALT}], tags=[word], portfolio=True, text=f"See #{word}"
    )
    return str(artist.published(post["id"])["id"])


@pytest.fixture(scope="module")
def warned_id(artist: Artist, word: str) -> str:
    media = artist.upload(picture(41, (1200, 800)), ai_disclosure="assisted")
    post = artist.post(
        title=f"Warned {word}", media=[{"id": media, "alt": ALT}], content_warnings=["gore"], portfolio=True
    )
    return str(artist.published(post["id"])["id"])


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def wait_for_picture(page: Page) -> None:
    image = page.get_by_role("img", name=ALT).first
    expect(image).to_be_visible()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())


def test_pages_need_no_script(visitor: Visitors, artist: Artist, post_id: str, warned_id: str) -> None:
    page = visitor(java_script_enabled=False).page
    page.goto(f"/@{artist.name}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Artist {artist.name}")
    page.get_by_role("link", name="Seen").click()
    expect(page.get_by_role("img", name=ALT)).to_be_visible()
    assert urlsplit(page.url).path == f"/posts/{post_id}"
    page.goto(f"/posts/{warned_id}")
    expect(page.get_by_role("img", name=ALT)).to_be_hidden()
    page.get_by_text("Content warning: gore").click()
    expect(page.get_by_role("img", name=ALT)).to_be_visible()


def test_crops_keep_the_point_that_the_artist_chose(visitor: Visitors, artist: Artist, word: str) -> None:
    media = artist.upload(picture(42, (600, 1400)))
    shown = {"id": media, "alt": "A tall one", "focus": {"x": 0.25, "y": 0.1}}
    post = artist.post(title="A tall one", media=[shown], tags=[f"{word}tall"], portfolio=True)
    artist.published(post["id"])
    page = visitor().page
    for address in (f"/@{artist.name}", f"/#/tags/{word}tall"):
        page.goto(address)
        expect(page.get_by_role("img", name="A tall one")).to_have_css("object-position", "25% 10%")
        expect(page.get_by_role("img", name="A tall one")).to_have_css("object-fit", "cover")


def test_a_page_loads_its_picture_and_style_under_its_policy(visitor: Visitors, post_id: str) -> None:
    page = visitor(viewport={"width": 360, "height": 740}).page
    page.goto(f"/posts/{post_id}")
    wait_for_picture(page)  # what the policy refuses is a complaint in the console, which the fixture looks for
    assert page.evaluate("getComputedStyle(document.querySelector('.brand')).textDecorationLine") == "none"
    colour = page.evaluate("getComputedStyle(document.querySelector('figure img')).backgroundColor")
    assert colour.startswith("rgb(")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_missing_page_is_a_page(visitor: Visitors) -> None:
    there = visitor()
    answer = there.page.goto("/@nobody_at_all")
    assert answer is not None
    assert answer.status == 404
    expect(there.page.get_by_role("heading")).to_have_text("There is nothing here")
    assert len(there.complaints) == 1, "the browser notes the 404"
    there.complaints.clear()


@pytest.mark.usefixtures("post_id", "warned_id")
def test_what_is_public_can_be_found(visitor: Visitors, http: httpx.Client, word: str) -> None:
    until(lambda: len(http.get("/v1/search", params={"q": word}).json()["items"]) == 2, 60, "both posts in the search")
    page = visitor().page
    page.goto("/#/search")
    page.get_by_label("Words").fill(word)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name=f"Search: {word}")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(2)
    cards = page.get_by_role("main").get_by_role("listitem")
    assert cards.nth(0).get_by_text("Content warning: gore").is_visible()
    assert cards.nth(0).get_by_text("Made with AI").is_visible()
    assert cards.nth(0).get_by_role("img").count() == 0
    cards.nth(1).get_by_role("link", name="Seen").click()
    wait_for_picture(page)
    page.get_by_role("link", name=f"#{word}").click()
    expect(page.get_by_role("heading", name=f"#{word}")).to_be_visible()
    page.get_by_role("link", name="Discover").click()
    expect(page.get_by_role("heading", name="Discover")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
    page.get_by_role("link", name="Latest").click()
    expect(page.get_by_role("link", name=f"Seen {word}")).to_be_visible()


def test_a_warned_post_shows_its_picture_when_asked(visitor: Visitors, warned_id: str) -> None:
    page = visitor().page
    page.goto(f"/#/posts/{warned_id}")
    expect(page.get_by_text("AI had a part in it.")).to_be_visible()
    expect(page.get_by_role("img", name=ALT)).to_be_hidden()
    page.get_by_text("Content warning: gore").click()
    wait_for_picture(page)


def test_what_is_the_same_for_everyone_is_read_without_a_token(
    visitor: Visitors, platform: PlatformProcess, artist: Artist, post_id: str
) -> None:
    other = Artist(platform)
    page = visitor().page
    sign_in(page, other.name)
    sent: dict[str, str | None] = {}

    def note(request: Request) -> None:
        if "/v1/" in request.url:
            sent[urlsplit(request.url).path] = request.header_value("authorization")

    page.on("requestfinished", note)
    page.goto(f"/#/@{artist.name}")
    page.get_by_role("link", name="Seen").click()
    wait_for_picture(page)
    expect(page.get_by_text("Original", exact=True)).to_be_visible()
    public = {path: token for path, token in sent.items() if artist.name in path or post_id in path or "media" in path}
    assert len(public) == 5
    assert set(public.values()) == {None}
    page.goto(f"/#/@{other.name}")
    expect(page.get_by_role("heading", name=f"Artist {other.name}")).to_be_visible()
    expect(page.get_by_text("Nothing in the portfolio yet.")).to_be_visible()
    assert sent[f"/v1/profiles/{other.name}"] is None
    assert sent[f"/v1/profiles/{other.name}/posts"] is not None


def test_the_client_leads_to_the_public_pages(visitor: Visitors, artist: Artist, post_id: str) -> None:
    page = visitor().page
    for path, heading in ((f"/@{artist.name}", f"Artist {artist.name}"), (f"/posts/{post_id}", "Seen")):
        page.goto(f"/#{path}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.get_by_role("link", name="Public page").click()
        expect(page.get_by_role("link", name="Open in the app")).to_be_visible()
        assert urlsplit(page.url).path == path
        page.get_by_role("link", name="Open in the app").click()
        expect(page.get_by_role("link", name="Public page")).to_be_visible()


def expect_no_home(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("link", name="Discover")).to_be_visible()
    assert page.get_by_role("link", name="Home", exact=True).count() == 0


def test_people_like_follow_and_comment(
    visitor: Visitors, platform: PlatformProcess, artist: Artist, post_id: str
) -> None:
    other = Artist(platform)
    page = visitor().page
    sign_in(page, other.name)
    page.goto(f"/#/posts/{post_id}")
    for button, undo in (("Like", "Take the like back"), ("Bookmark", "Remove the bookmark")):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("button", name=undo)).to_be_visible()
    liked = other.client.get("/v1/me/likes").json()["items"]
    assert [each["id"] for each in liked] == [post_id]
    page.get_by_label("Your comment").fill("<b>Fine</b> work")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("<b>Fine</b> work", exact=True)).to_have_count(1)
    page.reload()
    for undo in ("Take the like back", "Remove the bookmark"):
        expect(page.get_by_role("button", name=undo)).to_be_visible()
    page.get_by_role("button", name="Take the like back").click()
    expect(page.get_by_role("button", name="Like", exact=True)).to_be_visible()
    assert other.client.get("/v1/me/likes").json()["items"] == []
    page.goto(f"/#/@{artist.name}")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Do not follow any more")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Do not follow any more")).to_be_visible()
    names = [
        each["handle"]
        for each in httpx.get(f"{platform.base_url}/v1/profiles/{artist.name}/followers", trust_env=False).json()[
            "items"
        ]
    ]
    assert other.name in names
    new = artist.post(title=f"For those who follow {artist.name}")["id"]
    until(lambda: new in other.client.get("/v1/feed").text, 60, "the post in the feed")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("link", name="For those who follow")).to_be_visible()

    stranger = visitor().page
    expect_no_home(stranger)
    stranger.goto(f"/#/posts/{post_id}")
    expect(stranger.get_by_text("<b>Fine</b> work", exact=True)).to_be_visible()
    assert stranger.get_by_role("button", name="Like", exact=True).count() == 0
