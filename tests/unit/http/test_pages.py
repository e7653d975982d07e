"""Pages of artists and posts, as browsers, search engines and link previews read them."""

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest

from chalicelib.domain.ids import new_id
from chalicelib.domain.noai import CHOICES, RESERVATIONS, DataMining, media_headers, prefix
from tests.unit.http.api import PROBLEM, Account, Answer, Api

BASE = "https://cara.test"
MEDIA = "https://media.cara.test"

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</script><script>alert(1)</script>",
    "</title></style></textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% include 'base.html' %} ${7*7}",
    "javascript:alert(1)",
    "<!--<script>",
    "]]><x>",
    "&lt;b&gt; &#60;i&#62;",
)
"""Texts that some template, parser or address would take for something to run."""


class Page:
    """A page read by a strict parser of HTML; what it finds wrong is an error."""

    def __init__(self, answer: Answer) -> None:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        self.answer = answer
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.tree = parser.parse(answer.text)

    def all(self, tag: str, **attributes: str) -> list[Any]:
        return [
            each
            for each in self.tree.iter(tag)
            if all(each.get(name.rstrip("_")) == value for name, value in attributes.items())
        ]

    def meta(self, name: str) -> str | None:
        for each in self.tree.iter("meta"):
            if name in {each.get("name"), each.get("property")}:
                return str(each.get("content"))
        return None

    def links(self, relation: str) -> list[str]:
        return [each.get("href") for each in self.tree.iter("link") if each.get("rel") == relation]

    @property
    def text(self) -> str:
        return " ".join("".join(self.tree.find("body").itertext()).split())

    @property
    def title(self) -> str:
        return str(self.tree.find("head").find("title").text)

    @property
    def data(self) -> Any:
        [script] = self.all("script")
        assert script.get("type") == "application/ld+json"
        return json.loads(script.text)


def page(api: Api, path: str, status: int = 200) -> Page:
    answer = api.ask("GET", path)
    assert answer.status == status, answer.text
    return Page(answer)


def published(api: Api, account: Account, **fields: Any) -> Any:
    media_id = api.ready(account)
    return api.post(account, media_id, **fields)


# ---------------------------------------------------------------------- what holds of every page


def check(found: Page) -> None:
    """Check what holds of every page: nothing to run, nothing from elsewhere, one word for machines."""
    headers = found.answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    [style] = found.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "img-src": f"'self' {MEDIA}",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    for element in found.tree.iter():
        assert element.tag not in {"iframe", "object", "embed", "form", "base"}
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        if element.tag == "script":
            assert element.get("type") == "application/ld+json"
        for name in ("href", "src"):
            target = element.get(name)
            assert target is None or urlsplit(target).scheme in {"", "http", "https"}, target
    assert found.meta("robots") == headers["x-robots-tag"]
    assert found.meta("tdm-reservation") == headers["tdm-reservation"]
    assert found.meta("tdm-policy") == headers.get("tdm-policy")
    for image in found.all("img"):
        assert image.get("alt") is not None
        assert int(image.get("width")) > 0
        assert int(image.get("height")) > 0
        for url in re.findall(r"https?://\S+", f"{image.get('src')} {image.get('srcset')}"):
            assert re.match(rf"{MEDIA}/(media|unindexed|open)/", url)


def test_an_artists_page(api: Api, ada: Account) -> None:
    links = [{"label": "My <shop>", "url": "https://ada.example/shop"}]
    api.join(
        ada, display_name="Ada & Co", bio="I draw.\n\nSee https://ada.example/a_(b).", links=links, location="Bern"
    )
    post = published(api, ada, title="A tree", portfolio=True)
    answer = api.ask("GET", f"/@{ada.handle}")
    found = Page(answer)
    check(found)
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert found.title == f"Ada & Co (@{ada.handle}) · Cara"
    assert found.links("canonical") == [f"{BASE}/@{ada.handle}"]
    assert found.links("alternate")[0] == f"{BASE}/@{ada.handle}/feed.atom"
    assert (found.meta("og:type"), found.meta("og:url")) == ("profile", f"{BASE}/@{ada.handle}")
    [shop] = found.all("a", href="https://ada.example/shop")
    assert (shop.text, shop.get("rel")) == ("My <shop>", "nofollow me noopener")
    assert found.all("a", href="https://ada.example/a_(b)")
    assert found.all("a", href=f"{BASE}/posts/{post['id']}")
    assert "1 post" in found.text
    about = found.data
    assert (about["@type"], about["mainEntity"]["@type"]) == ("ProfilePage", "Person")
    assert about["mainEntity"]["sameAs"] == ["https://ada.example/shop"]
    again = api.ask("GET", f"/@{ada.handle}", if_none_match=answer.headers["etag"])
    assert (again.status, again.text) == (304, "")


def test_a_page_is_the_same_for_whoever_asks(api: Api, ada: Account) -> None:
    post = published(api, ada)
    draft = api.post(ada, publish="draft")
    for path in (f"/@{ada.handle}", f"/posts/{post['id']}"):
        assert api.ask("GET", path).text == api.ask("GET", path, by=ada).text
    assert api.ask("GET", f"/posts/{draft['id']}", by=ada).status == 404


def test_crops_keep_the_point_that_the_artist_chose(api: Api, ada: Account) -> None:
    media = api.ready(ada)

    def crop() -> str | None:
        """What the style of the artist's page says of where its one picture is cropped."""
        found = page(api, f"/@{ada.handle}")
        [image] = found.all("img")
        [style] = found.all("style")
        rules = [re.search(rf"\.{name}{{object-position:(.*?)}}", style.text) for name in image.get("class").split()]
        return next((rule[1] for rule in rules if rule), None)

    post = api.post(ada, portfolio=True, media=[{"id": media, "focus": {"x": 0.256, "y": 0}}])
    assert crop() == "26% 0%"
    for focus, expected in (({"x": 0, "y": 1}, "0% 100%"), (None, None)):
        changed = api.ask("PATCH", f"/v1/posts/{post['id']}", {"media": [{"id": media, "focus": focus}]}, by=ada)
        assert changed.status == 200
        assert crop() == expected


def test_pages_of_a_list_without_script(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.handlers.pages.POSTS_A_PAGE", 2)
    titles = [f"Number {number}" for number in range(5)]
    for title in titles:
        api.post(ada, title=title, text="x")
    seen: list[str] = []
    path = f"/@{ada.handle}"
    while True:
        found = page(api, path)
        check(found)
        assert found.links("canonical") == [f"{BASE}/@{ada.handle}"]
        seen += [each.text for each in found.all("span", class_="caption")]
        following = found.all("a", rel="next")
        if not following:
            break
        query = following[0].get("href")
        path = f"/@{ada.handle}{query}"
        assert parse_qs(query.removeprefix("?"))["show"] == ["posts"]  # there is no portfolio
    assert seen == titles[::-1]


def test_a_page_of_another_list_is_none(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.handlers.pages.POSTS_A_PAGE", 1)
    for _ in range(2):
        api.post(ada, text="x")
    query = page(api, f"/@{ada.handle}?show=posts").all("a", rel="next")[0].get("href")
    other = api.join()
    for path in (f"/@{other.handle}{query}", f"/@{ada.handle}{query}x", f"/@{ada.handle}?after=x"):
        found = page(api, path, 400)
        check(found)


def test_parameters_that_links_carry_elsewhere_mean_nothing(api: Api, ada: Account) -> None:
    assert api.ask("GET", f"/@{ada.handle}?utm_source=x").status == 200
    assert api.ask("GET", f"/@{ada.handle}?show=all").status == 422


def test_other_spellings_lead_to_the_handle(api: Api, ada: Account) -> None:
    answer = api.ask("GET", f"/@{ada.handle.upper()}")
    assert (answer.status, answer.headers["location"]) == (301, f"{BASE}/@{ada.handle}")
    assert api.ask("GET", "/@NOBODY_HERE").status == 404


def test_a_former_handle_tells_nobody_the_present_one(api: Api) -> None:
    account = api.join()
    new = f"n{account.handle[1:]}"
    post = published(api, account)
    api.join(account, handle=new)
    gone = api.ask("GET", f"/@{account.handle}")
    assert gone.status == 404
    assert new not in gone.text
    found = page(api, f"/@{new}")
    assert found.links("canonical") == [f"{BASE}/@{new}"]
    assert found.all("a", href=f"{BASE}/posts/{post['id']}")
    assert page(api, f"/posts/{post['id']}").all("a", href=f"{BASE}/@{new}")


# ---------------------------------------------------------------------- posts


def test_a_posts_page(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    post = api.post(
        ada,
        title='A "tree"',
        text=f"With @{ada.handle} and #Oak_Tree: https://example.com/?a=1&b=2.",
        media=[{"id": media_id, "alt": "An <oak>"}],
        tags=["Oak Tree"],
        mediums=["ink"],
    )
    found = page(api, f"/posts/{post['id']}")
    check(found)
    assert found.title == 'A "tree" by Ada · Cara'
    assert found.links("canonical") == [f"{BASE}/posts/{post['id']}"]
    assert len(found.all("a", href=f"{BASE}/@{ada.handle}")) == 2
    assert found.all("a", href=f"{BASE}/#/tags/oak_tree")
    [address] = found.all("a", href="https://example.com/?a=1&b=2")
    assert address.get("rel") == "nofollow ugc noopener"
    [source] = found.all("source")
    assert (source.get("type"), source.get("srcset").rsplit(" ", 1)[1]) == ("image/webp", "320w")
    [image] = found.all("img")
    assert (image.get("alt"), image.get("width"), image.get("height")) == ("An <oak>", "640", "320")
    assert image.get("class") in found.all("style")[0].text
    assert found.meta("og:image") == image.get("src")
    assert found.meta("og:image:alt") == "An <oak>"
    assert found.meta("twitter:card") == "summary_large_image"
    embed = found.all("link", type="application/json+oembed")[0].get("href")
    assert parse_qs(urlsplit(embed).query)["url"] == [f"{BASE}/posts/{post['id']}"]


def test_what_a_post_says_of_itself_to_search_engines(api: Api) -> None:
    rights = {"credit": "Ada L.", "rights": "© Ada 2026", "web_statement": "https://ada.example/rights"}
    account = api.join(rights=rights)
    post = published(api, account, title="Oak", text="Ink.", tags=["oak"], mediums=["ink"])
    data = page(api, f"/posts/{post['id']}").data
    assert (data["@context"], data["@type"]) == ("https://schema.org", "SocialMediaPosting")
    assert (data["headline"], data["articleBody"], data["keywords"]) == ("Oak", "Ink.", ["oak"])
    [work] = data["sharedContent"]
    assert (work["@type"], work["artMedium"], work["image"]["@type"]) == ("VisualArtwork", ["ink"], "ImageObject")
    for said in (data, work, work["image"]):
        assert said["creditText"] == "Ada L."
        assert said["copyrightNotice"] == "© Ada 2026"
        assert said["acquireLicensePage"] == "https://ada.example/rights"
        assert said["usageInfo"] == f"{BASE}/policies/tdm.json"
    assert work["image"]["contentUrl"].startswith(f"{MEDIA}/media/")


@pytest.mark.parametrize("choice", CHOICES)
def test_a_page_says_what_the_artist_chose(api: Api, ada: Account, choice: DataMining) -> None:
    media_id = api.ready(ada, data_mining=choice, confirm_ai_training=choice == "allowed")
    post = api.post(ada, media_id)
    found = page(api, f"/posts/{post['id']}")
    check(found)
    headers, said = found.answer.headers, RESERVATIONS[choice]
    assert {name: headers.get(name.lower()) for name in media_headers(BASE)} == {
        "X-Robots-Tag": said.robots or "all",
        **dict.fromkeys(["tdm-policy", "Link"]),
        **{name: value for name, value in media_headers(BASE, choice).items() if name != "X-Robots-Tag"},
    }
    assert f"{MEDIA}/{prefix(choice)}/" in found.all("img")[0].get("src")
    assert said.sentence in found.text


def test_what_is_quoted_is_reserved_with_it(api: Api, ada: Account) -> None:
    other = api.join(display_name="Grace")
    quoted = api.post(other, api.ready(other, data_mining="all"), title="Hers")
    post = api.post(ada, text="Look", quote_post_id=quoted["id"])
    found = page(api, f"/posts/{post['id']}")
    check(found)
    assert found.meta("robots") == "noai, noimageai, noindex"
    assert found.all("a", href=f"{BASE}/posts/{quoted['id']}")[0].text == "Hers"
    assert api.ask("PATCH", f"/v1/posts/{quoted['id']}", {"visibility": "private"}, by=other).status == 200
    found = page(api, f"/posts/{post['id']}")
    assert quoted["id"] not in found.answer.text
    assert "Hers" not in found.text


def test_content_warnings_hold_without_script_and_in_previews(api: Api, ada: Account) -> None:
    post = published(api, ada, title="", text="The end is bloody", content_warnings=["gore"], portfolio=True)
    found = page(api, f"/posts/{post['id']}")
    check(found)
    [details] = found.all("details")
    assert details.get("open") is None
    assert details.find("summary").text == "Content warning: gore"
    assert "The end is bloody" in "".join(details.itertext())
    assert len(list(details.iter("img"))) == len(found.all("img")) == 1
    assert found.meta("og:image") is None
    assert found.meta("twitter:card") == "summary"
    assert "image" not in found.data
    head = found.tree.find("head")
    assert "bloody" not in str([(each.attrib, each.text) for each in head.iter()])
    listed = page(api, f"/@{ada.handle}")
    check(listed)
    [closed] = listed.all("details")
    assert len(list(closed.iter("img"))) == len(listed.all("img")) == 1


def test_warnings_that_moderators_added_hold_as_the_artists_own(api: Api, ada: Account) -> None:
    post = published(api, ada, title="", text="The end is bloody")
    quoting = api.post(api.join(), text="Look at this", quote_post_id=post["id"])
    decision = {"action": "label", "target": f"posts/{post['id']}", "reason": "Blood.", "labels": ["gore"]}
    by = Account(groups=("moderators",))
    assert api.ask("POST", "/v1/moderation/decisions", decision, by=by).status == 201
    found = page(api, f"/posts/{post['id']}")
    check(found)
    [details] = found.all("details")
    assert details.find("summary").text == "Content warning: gore"
    assert "The end is bloody" in "".join(details.itertext())
    assert len(list(details.iter("img"))) == len(found.all("img")) == 1
    beside = page(api, f"/posts/{quoting['id']}")
    [quote] = beside.all("blockquote")
    assert "Content warning: gore" in "".join(quote.itertext())


@pytest.mark.parametrize(("said", "label"), [("assisted", "AI had a part in it."), ("generated", "generated by AI")])
def test_ai_is_labelled(api: Api, ada: Account, said: str, label: str) -> None:
    post = api.post(ada, api.ready(ada, ai_disclosure=said), portfolio=True)
    assert label in page(api, f"/posts/{post['id']}").text
    assert "AI" in page(api, f"/@{ada.handle}").all("span", class_="label")[0].text


def test_unlisted_posts_have_a_page_that_search_engines_keep_out_of(api: Api, ada: Account) -> None:
    post = published(api, ada, visibility="unlisted")
    found = page(api, f"/posts/{post['id']}")
    check(found)
    assert found.meta("robots") == "noai, noimageai, noindex"
    assert post["id"] not in api.ask("GET", f"/@{ada.handle}?show=posts").text


def test_what_not_everyone_may_see_has_no_page(api: Api, ada: Account) -> None:
    hidden = [published(api, ada, visibility=visibility) for visibility in ("followers", "private")]
    hidden.append(api.post(ada, publish="draft"))
    hidden.append(api.post(ada, api.upload(ada)))  # its picture is still on its way
    deleted = published(api, ada)
    assert api.ask("DELETE", f"/v1/posts/{deleted['id']}", by=ada).status == 204
    texts = set()
    for post_id in [*(post["id"] for post in hidden), deleted["id"], new_id()]:
        answer = api.ask("GET", f"/posts/{post_id}")
        assert answer.status == 404
        texts.add(re.sub(post_id + r"|request [\w-]+", "", answer.text))
    assert len(texts) == 1, "what is hidden and what never was look alike"


# ---------------------------------------------------------------------- errors


@pytest.mark.parametrize("path", ["/@nobody_at_all", "/posts/none", "/nothing", "/posts/<script>"])
def test_who_opens_a_missing_page_sees_a_page(api: Api, path: str) -> None:
    for accept in ("", "text/html,application/xhtml+xml,*/*;q=0.8"):
        answer = api.ask("GET", path, accept=accept)
        assert answer.status == 404
        check(Page(answer))
    problem = api.ask("GET", path, accept="application/json")
    assert (problem.status, problem.headers["content-type"]) == (404, PROBLEM)
    assert problem.json["status"] == 404


# ---------------------------------------------------------------------- hostile texts


def elements(found: Page) -> list[str]:
    return [str(each.tag) for each in found.tree.iter()]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(api: Api, text: str) -> None:
    def made(words: str) -> tuple[Page, Page]:
        account = api.join(
            display_name=words[:50],
            bio=words,
            location=words[:100],
            links=[{"label": words[:50], "url": "https://a.example/?q=%22%3E"}],
            rights={"creator": words[:100], "credit": words, "rights": words},
        )
        media_id = api.ready(account)
        fields = {"title": words, "text": words, "tags": [words[:50]], "mediums": [words[:50]], "portfolio": True}
        post = api.post(account, media=[{"id": media_id, "alt": words}], **fields)
        return page(api, f"/@{account.handle}"), page(api, f"/posts/{post['id']}")

    for hostile, plain in zip(made(text), made("harmless"), strict=True):
        check(hostile)
        assert elements(hostile) == elements(plain)
    profile_, post_ = made(text)
    assert profile_.data["mainEntity"]["name"] == text[:50]
    assert post_.data["headline"] == text
    assert " ".join(text.split()) in post_.text
    assert post_.all("img")[0].get("alt") == text
    assert post_.meta("og:title") == text


@pytest.mark.parametrize(
    "text",
    [
        "https://good.example@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "https://[::1",
        "mail@example.com",
        "//evil.example",
    ],
)
def test_what_is_no_address_is_no_link(api: Api, ada: Account, text: str) -> None:
    post = api.post(ada, text=f"see {text} there")
    found = page(api, f"/posts/{post['id']}")
    check(found)
    [prose] = found.all("div", class_="prose")
    assert not list(prose.iter("a"))
    assert text in found.text
