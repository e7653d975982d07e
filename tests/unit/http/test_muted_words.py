"""Where a muted word is looked for: title, tags, warnings, the cover's description, as much text as a card has."""

from typing import Any
from uuid import uuid4

import pytest

from tests.unit.http.api import Account, Api
from tests.unit.http.background import in_background

SAID: dict[str, dict[str, Any]] = {
    "title": {"title": "A SPIDER at dawn"},
    "tag": {"title": "x", "tags": ["giant-spiders"]},
    "warning": {"title": "x", "content_warnings": ["spiders"]},
    "text": {"title": "x", "text": "Last night I met a spider."},
    "text alone": {"title": "", "text": "Last night I met a spider."},
}


def lists(api: Api, reader: Account, tag: str) -> dict[str, list[str]]:
    paths = (f"/v1/tags/{tag}/posts", f"/v1/search?q={tag}", "/v1/latest?limit=50", "/v1/feed", "/v1/discover")
    return {path: [each["id"] for each in api.ask("GET", path, by=reader).json["items"]] for path in paths}


def follow(api: Api, reader: Account, ada: Account, word: str) -> None:
    for method, path in (
        ("PUT", f"/v1/profiles/{ada.handle}/follow"),
        ("GET", "/v1/feed"),
        ("PUT", f"/v1/me/muted_words/{word}"),
    ):
        assert api.ask(method, path, by=reader).status in {200, 204}


@pytest.mark.parametrize("where", [*SAID, "description"])
def test_a_muted_word_keeps_a_post_out_of_lists(api: Api, ada: Account, where: str) -> None:
    with in_background() as background:
        reader, tag = api.join(), f"t{uuid4().hex[:8]}"
        follow(api, reader, ada, "Spider")
        background.settle()
        fields = SAID.get(where, {"title": "x"})
        fields = fields | {"tags": [tag, *fields.get("tags", ())]}
        if where == "description":
            fields |= {"media": [{"id": api.ready(ada), "alt": "A spider sits in a cup"}]}
        hidden = api.post(ada, **fields)["id"]
        background.settle()
        assert lists(api, ada, tag)["/v1/feed"] == [hidden], "it is there for others"
        assert hidden in lists(api, api.join(), tag)[f"/v1/tags/{tag}/posts"]
        for path, found in lists(api, reader, tag).items():
            assert hidden not in found, path
        assert api.ask("GET", f"/v1/posts/{hidden}", by=reader).status == 200, "whoever opens it sees it"


def test_of_a_post_with_pictures_cards_hold_no_text(api: Api, ada: Account) -> None:
    with in_background() as background:
        reader, tag = api.join(), f"t{uuid4().hex[:8]}"
        follow(api, reader, ada, "spider")
        media = [{"id": api.ready(ada)}]
        post = api.post(ada, media=media, text="Last night I met a spider.", tags=[tag])["id"]
        long = api.post(ada, text="Once upon a time. " * 20 + "A spider.", tags=[tag])["id"]
        background.settle()
        assert lists(api, reader, tag)["/v1/feed"] == [long, post]


def test_a_muted_word_keeps_comments_and_answers_out_of_threads(api: Api, ada: Account) -> None:
    reader, post = api.join(), api.post(ada)["id"]
    assert api.ask("PUT", "/v1/me/muted_words/spider", by=reader).status == 204
    path = f"/v1/posts/{post}/comments"
    first = api.ask("POST", path, {"text": "Nice"}, by=ada).json["id"]
    api.ask("POST", path, {"text": "I hate SPIDERS"}, by=ada)
    api.ask("POST", path, {"text": "a spider!", "parent_id": first}, by=ada)
    assert [each["id"] for each in api.ask("GET", path, by=reader).json["items"]] == [first]
    assert api.ask("GET", f"{path}?parent_id={first}", by=reader).json["items"] == []
    assert len(api.ask("GET", path, by=ada).json["items"]) == 2
