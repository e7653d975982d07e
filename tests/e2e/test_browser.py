"""The web client and the description of the API, as people see them, in a real Chromium."""

import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FilePayload, Locator, Page, Response, Route, expect

from tests.e2e.conftest import Visitor
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess

PASSWORD = "a password for tests"
CODE = "123456"
SIZE = (1200, 800)
ALT = "A gradient from dark to light"
RECORD = """status => {
  window.told = [];
  new MutationObserver(() => window.told.push(status.textContent)).observe(status, {childList: true});
}"""
"""Keeps all that a live region says, however short it stands there."""

type Visitors = Callable[..., Visitor]


@pytest.fixture
def artist(platform: PlatformProcess) -> Artist:
    """Somebody with an account and a profile, not signed in anywhere."""
    return Artist(platform)


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    path = tmp_path / "painting.jpg"
    path.write_bytes(picture(3, SIZE))
    return path


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def fill_upload(page: Page, file: Path | FilePayload, title: str) -> None:
    page.get_by_label("Picture").set_input_files(file)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Description").fill(ALT)


def switch_off_the_cloak(page: Page) -> None:
    """Have what the page announces uploaded without a cloak, which takes many seconds and is no part of these tests."""

    def announce(route: Route) -> None:
        announced = route.request.post_data_json or {}
        route.continue_(post_data={**announced, "cloak": "off"})

    page.route("**/v1/uploads", announce)


def painted(image: Locator) -> Image.Image:
    """Wait until an image is loaded and return what the browser paints of it."""
    for _ in range(20):
        try:
            expect(image).to_be_visible()
            image.scroll_into_view_if_needed()
            image.page.wait_for_function(
                "image => image.complete && image.naturalWidth > 0", arg=image.element_handle()
            )
            return Image.open(io.BytesIO(image.screenshot())).convert("L")
        except PlaywrightError as error:
            if "not attached" not in str(error):  # the page was drawn anew meanwhile
                raise
    raise AssertionError("the page never comes to rest")


def contrast(image: Image.Image) -> int:
    levels = image.tobytes()
    return max(levels) - min(levels)


def is_rendition(response: Response) -> bool:
    return "/media/" in response.url and "/v1/" not in response.url


def test_from_sign_up_to_a_picture_that_a_stranger_sees(visitor: Visitors, painting: Path) -> None:
    name = f"a{uuid4().hex[:12]}"
    page = visitor().page
    page.goto("/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Code").fill(CODE)
    page.get_by_role("button", name="Confirm").click()

    page.get_by_label("Handle").fill(name)
    page.get_by_label("Display name").fill("Ada of the Gradients")
    page.get_by_role("button", name="Save profile").click()

    fill_upload(page, painting, "From dark to light")
    page.get_by_role("status").evaluate(RECORD)
    with page.expect_response(lambda response: "originals" in response.url) as stored:
        page.get_by_role("button", name="Upload").click()
    assert stored.value.ok
    expect(page.get_by_role("heading", name="From dark to light")).to_be_visible()
    assert {"Sending …", "Sent.", "Protected."} <= set(page.evaluate("window.told"))
    expect(page.get_by_text("Applied, level default.")).to_be_visible()
    assert contrast(painted(page.get_by_role("img", name=ALT))) > 100

    stranger = visitor().page
    with stranger.expect_response(is_rendition) as shown:
        stranger.goto(f"/#/@{name}")
        expect(stranger.get_by_role("heading", name="Ada of the Gradients")).to_be_visible()
        image = stranger.get_by_role("img", name=ALT)
        assert contrast(painted(image)) > 100
    assert (image.get_attribute("width"), image.get_attribute("height")) == tuple(str(side) for side in SIZE)
    assert shown.value.status == 200
    assert shown.value.header_value("X-Robots-Tag") == "noai, noimageai"
    assert stranger.evaluate("sessionStorage.length") == 0


def test_a_file_that_is_no_picture_is_refused_in_words_and_another_may_follow(
    visitor: Visitors, artist: Artist, painting: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("This is no picture, whatever its name says.", encoding="utf-8")
    page = visitor().page
    switch_off_the_cloak(page)
    sign_in(page, artist.name)
    fill_upload(page, text, "Words")
    page.get_by_role("button", name="Upload").click()

    chosen = page.get_by_label("Picture")
    expect(chosen).to_have_attribute("aria-invalid", "true")
    expect(chosen).to_be_focused()
    (refused,) = artist.client.get("/v1/me/posts").json()["items"]
    (media,) = artist.client.get(f"/v1/posts/{refused['id']}").json()["media"]
    reason = artist.media(media["id"])["reason"]["message"]
    expect(page.get_by_text(reason)).to_be_visible()
    expect(chosen).to_have_accessible_description(re.compile(re.escape(reason)))

    chosen.set_input_files(painting)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Words")).to_be_visible()
    assert artist.post_state(refused["id"]) == "published"


def test_a_draft_is_its_artists_alone_until_it_is_published(visitor: Visitors, artist: Artist, painting: Path) -> None:
    page = visitor().page
    switch_off_the_cloak(page)
    sign_in(page, artist.name)
    fill_upload(page, painting, "Not yet")
    page.get_by_label("Publish").select_option("draft")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("A draft: only you see it.")).to_be_visible()
    assert contrast(painted(page.get_by_role("img", name=ALT))) > 100
    signed = str(page.get_by_role("img", name=ALT).evaluate("image => image.currentSrc"))
    assert "/held/" in signed
    assert httpx.get(signed, trust_env=False).status_code == 200
    assert httpx.get(signed.partition("?")[0], trust_env=False).status_code == 403

    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("A draft: only you see it.")).to_be_hidden()
    assert contrast(painted(page.get_by_role("img", name=ALT))) > 100


def test_a_plain_form_uploads_without_javascript(
    visitor: Visitors, artist: Artist, painting: Path, platform: PlatformProcess
) -> None:
    form = artist.announce(painting.read_bytes())
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in form["upload"]["fields"].items()
    )
    page = visitor(java_script_enabled=False).page
    body = (
        f'<!doctype html><link rel="icon" href="data:,">'
        f'<form action="{form["upload"]["url"]}" method="post" enctype="multipart/form-data">{hidden}'
        '<label>File <input type="file" name="file"></label><button>Send</button></form>'
    )
    page.route("**/plain-form", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("/plain-form")
    page.get_by_label("File").set_input_files(painting)
    with page.expect_response(form["upload"]["url"]) as stored:
        page.get_by_role("button", name="Send").click()
    assert stored.value.request.is_navigation_request()
    assert stored.value.ok
    assert artist.final_media(form["media_id"])["state"] == "ready"


def test_the_description_of_the_api_is_rendered(visitor: Visitors, http: httpx.Client) -> None:
    paths = http.get("/v1/openapi.json").json()["paths"]
    operations = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    page = visitor().page
    page.goto("/docs")
    blocks = page.locator(".opblock")
    expect(blocks).to_have_count(len(operations))
    shown = [block.locator(".opblock-summary-control").inner_text().split() for block in blocks.all()]
    assert {(words[0], words[1].replace("\u200b", "")) for words in shown} == operations
    expect(page.locator(".errors-wrapper")).to_have_count(0)

    page.locator("#operations-uploads-post_uploads").get_by_role("button").first.click()
    expect(page.get_by_text('"content_type"').first).to_be_visible()


def test_the_description_of_the_api_can_be_tried_as_whoever_is_signed_in(visitor: Visitors, artist: Artist) -> None:
    page = visitor().page
    sign_in(page, artist.name)
    page.get_by_role("link", name="API").click()
    block = page.locator("#operations-me-get_me")
    block.get_by_role("button").first.click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table .response-col_status").last).to_have_text("200")
    expect(block.locator(".live-responses-table")).to_contain_text(artist.name)


def test_markup_in_what_people_write_is_shown_as_text(visitor: Visitors, artist: Artist) -> None:
    markup = "<img src=x onerror=\"document.documentElement.dataset.bad='1'\">"
    profile = {"handle": artist.name, "display_name": markup[:50], "bio": markup, "location": markup}
    assert artist.client.put("/v1/me", json=profile).status_code == 200
    media = artist.upload(picture(8))
    post = artist.post(title=markup, text=markup, media=[{"id": media, "alt": markup}], portfolio=True)
    artist.published(post["id"])

    for address in (f"/#/@{artist.name}", f"/#/posts/{post['id']}"):
        page = visitor().page
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror=")
        expect(page.get_by_role("main").get_by_text(markup).first).to_be_visible()
        painted(page.get_by_role("img", name=markup))
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("html").get_attribute("data-bad") is None


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(25):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"the keyboard does not reach {target}")


def test_the_keyboard_is_enough(visitor: Visitors, artist: Artist, painting: Path) -> None:
    page = visitor().page
    switch_off_the_cloak(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, page.get_by_label("Name or e-mail"))
    page.keyboard.type(artist.name)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    tab_to(page, page.get_by_role("button", name="Sign in"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Show a picture")).to_be_focused()
    tab_to(page, page.get_by_label("Picture"))
    page.get_by_label("Picture").set_input_files(painting)  # the chooser is the browser's, which has none here
    tab_to(page, page.get_by_label("Title"))
    page.keyboard.type("By keyboard")
    tab_to(page, page.get_by_label("Description"))
    page.keyboard.type(ALT)
    tab_to(page, page.get_by_label("Who may see it"))
    tab_to(page, page.get_by_label("Publish"))
    tab_to(page, page.get_by_role("button", name="Upload"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_focused()


def test_problems_are_told_at_their_field(visitor: Visitors, platform: PlatformProcess, artist: Artist) -> None:
    name = f"a{uuid4().hex[:12]}"
    platform.token(name)
    there = visitor()
    sign_in(there.page, name)
    handle = there.page.get_by_label("Handle")
    handle.fill(artist.name)
    there.page.get_by_label("Display name").fill("Another")
    there.page.get_by_role("button", name="Save profile").click()
    expect(there.page.get_by_text("taken")).to_be_visible()
    # The browser notes every refusal in its console; this one was asked for.
    assert len(there.complaints) == 1
    assert "409 (Conflict) (/v1/me)" in there.complaints[0]
    there.complaints.clear()


def test_an_account_is_deleted(visitor: Visitors, artist: Artist) -> None:
    there = visitor()
    sign_in(there.page, artist.name)
    there.page.get_by_role("button", name="Edit profile").click()
    confirm, button = there.page.get_by_label("to confirm"), there.page.get_by_role("button", name="Delete my account")
    confirm.fill("somebody")
    button.click()
    expect(there.page.get_by_text("must be the handle")).to_be_visible()
    assert "422" in there.complaints.pop()
    confirm.fill(artist.name)
    button.click()
    expect(there.page.get_by_role("heading", name="Delete my account")).to_be_hidden()
    expect(there.page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert artist.client.get("/v1/me").status_code == 401


def test_a_long_portfolio_is_shown_page_by_page(visitor: Visitors, artist: Artist) -> None:
    for number in range(14):
        artist.post(title=f"Number {number}", portfolio=True)
    page = visitor().page
    page.goto(f"/#/@{artist.name}")
    cards = page.get_by_role("main").get_by_role("listitem")
    expect(cards).to_have_count(12)
    page.get_by_role("button", name="More").click()
    expect(cards).to_have_count(14)
    expect(cards.nth(12).get_by_role("link")).to_be_focused()
    expect(page.get_by_role("button", name="More")).to_be_hidden()
    assert cards.all_inner_texts()[0].endswith("Number 13")


def test_nothing_is_wider_than_a_phone(visitor: Visitors, artist: Artist) -> None:
    title = "Wörterohneleerzeichen" * 8
    post = artist.post(artist.upload(picture(6, SIZE)), title=title, portfolio=True)
    artist.published(post["id"])
    page = visitor(viewport={"width": 360, "height": 740}).page
    sign_in(page, artist.name)
    views = {
        "/": "Show a picture",
        f"/#/@{artist.name}": f"Artist {artist.name}",
        f"/#/posts/{post['id']}": title,
        "/docs": "posts",
    }
    for address, heading in views.items():
        page.goto(address)
        expect(page.get_by_role("heading", name=heading).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_the_page_asks_crawlers_to_keep_off(visitor: Visitors) -> None:
    page = visitor().page
    for address in ("/", "/docs"):
        page.goto(address)
        expect(page.locator("meta[name=robots]")).to_have_attribute("content", "noai, noimageai")
        expect(page.locator("meta[name=tdm-reservation]")).to_have_attribute("content", "1")
