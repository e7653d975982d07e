"""The latest posts, posts of a tag, and search: what is found by whom, and what never is."""

from itertools import chain

import pytest

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.domain.relations import Bounds
from chalicelib.http import cursors
from chalicelib.repositories.relations import RelationRepository
from chalicelib.services.listing import LIST_POST
from tests.unit.http.api import Account, Api
from tests.unit.http.test_lists import pages
from tests.unit.repositories.test_directory import reads


def listed(api: Api, account: Account, *media_ids: str, **fields: object) -> str:
    """Make a post, and have the directory follow."""
    post_id = str(api.post(account, *media_ids, **fields)["id"])
    follow(post_id)
    return post_id


def follow(post_id: str) -> None:
    assert composition.listing_service().list_post(Errand(LIST_POST, post_id)) is None


def found(api: Api, path: str, by: Account | None = None) -> list[str]:
    return [*chain(*pages(api, path, by))]


def word() -> str:
    """Return a word that no other test knows."""
    return "w" + Account().account_id.lower()[-12:]


def test_a_post_is_found_everywhere(api: Api, ada: Account) -> None:
    tag = word()
    post_id = listed(api, ada, api.ready(ada), title="Dragons", tags=[tag], mediums=["ink"], software=["Krita"])
    for path in (
        f"/v1/tags/{tag}/posts",
        f"/v1/tags/{tag.upper()}/posts",
        f"/v1/search?tag={tag}&medium=ink&software=krita",
        f"/v1/search?q=dragon+%23{tag}",
        f"/v1/search?q={tag}+%40{ada.handle}",
    ):
        answer = api.ask("GET", path)
        assert [item["id"] for item in answer.json["items"]] == [post_id], path
        assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
        [card] = answer.json["items"]
        assert (card["author"], card["tags"]) == ({"handle": ada.handle, "display_name": "Ada"}, [tag])
        assert [each["url"].partition("/media/")[1] for each in card["cover"]["thumbnails"]]
    assert post_id in found(api, "/v1/latest?limit=50")
    assert found(api, f"/v1/search?tag={tag}&medium=oil-painting") == []


def test_the_card_is_the_one_that_the_artist_s_own_list_shows(api: Api, ada: Account) -> None:
    tag = word()
    listed(api, ada, api.ready(ada), tags=[tag], content_warnings=["gore"], portfolio=True)
    [own] = api.ask("GET", f"/v1/profiles/{ada.handle}/posts").json["items"]
    [card] = api.ask("GET", f"/v1/tags/{tag}/posts").json["items"]
    assert {**card, "created_at": None} == {**own, "created_at": None}


@pytest.mark.parametrize(
    "hidden", [{"visibility": each} for each in ("private", "followers", "unlisted")] + [{"publish": "draft"}]
)
def test_what_is_not_public_is_found_nowhere_and_by_nobody(api: Api, ada: Account, hidden: dict[str, str]) -> None:
    tag = word()
    listed(api, ada, title=tag, tags=[tag], **hidden)
    for by in (None, ada, api.join()):
        for path in (f"/v1/tags/{tag}/posts", f"/v1/search?q={tag}", "/v1/latest"):
            assert not [item for item in api.ask("GET", path, by=by).json["items"] if tag in item["tags"]]


def test_narrowed_deleted_and_tagged_anew(api: Api, ada: Account) -> None:
    old, new = word(), word()
    post_id = listed(api, ada, tags=[old])
    api.ask("PATCH", f"/v1/posts/{post_id}", {"tags": [new], "content_warnings": ["gore"]}, by=ada)
    follow(post_id)
    assert found(api, f"/v1/tags/{old}/posts") == []
    [card] = api.ask("GET", f"/v1/tags/{new}/posts").json["items"]
    assert card["content_warnings"] == ["gore"]
    assert found(api, f"/v1/tags/{new}/posts?content_warnings=exclude") == []
    api.ask("PATCH", f"/v1/posts/{post_id}", {"visibility": "private"}, by=ada)
    follow(post_id)
    assert found(api, f"/v1/tags/{new}/posts") == []
    api.ask("PATCH", f"/v1/posts/{post_id}", {"visibility": "public"}, by=ada)
    follow(post_id)
    assert found(api, f"/v1/tags/{new}/posts") == [post_id]
    api.ask("DELETE", f"/v1/posts/{post_id}", by=ada)
    follow(post_id)
    assert found(api, f"/v1/tags/{new}/posts") == []
    assert post_id not in found(api, "/v1/latest?limit=50")


def test_what_says_that_ai_had_a_part_can_be_left_out(api: Api, ada: Account) -> None:
    tag = word()
    plain = listed(api, ada, api.ready(ada), tags=[tag])
    listed(api, ada, api.ready(ada, ai_disclosure="assisted"), tags=[tag])
    assert len(found(api, f"/v1/tags/{tag}/posts")) == 2
    for path in (f"/v1/tags/{tag}/posts?", f"/v1/search?q={tag}&"):
        assert found(api, f"{path}ai=exclude") == [plain]


def test_pages_of_all_lists(api: Api, ada: Account) -> None:
    tag = word()
    posts = [listed(api, ada, tags=[tag]) for _ in range(7)]
    for path in (f"/v1/tags/{tag}/posts?limit=3", f"/v1/search?q={tag}&tag={tag}&limit=3"):
        assert found(api, path) == posts[::-1]
    latest = found(api, "/v1/latest?limit=3")
    assert [each for each in latest if each in posts] == posts[::-1]
    assert len(set(latest)) == len(latest)


def test_whom_a_reader_is_not_to_see_is_on_no_list(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    tag, muted = word(), word()
    reader, blocked, other = api.join(), api.join(), api.join()
    listed(api, blocked, tags=[tag])
    listed(api, other, tags=[tag, muted])
    listed(api, other, tags=[tag], title=f"a {muted}s picture")
    shown = listed(api, ada, tags=[tag])
    bounds = Bounds(
        blocked_by=frozenset({blocked.account_id}), muted_tags=frozenset({muted}), muted_words=frozenset({muted})
    )
    monkeypatch.setattr(
        RelationRepository, "bounds", lambda _, account: bounds if account == reader.account_id else Bounds()
    )
    for path in (f"/v1/tags/{tag}/posts", f"/v1/search?q={tag}", "/v1/latest?limit=50"):
        answer = api.ask("GET", path, by=reader)
        assert [item["id"] for item in answer.json["items"] if tag in item["tags"]] == [shown]
        assert answer.headers["cache-control"] == "private, no-store"
        assert len([item for item in api.ask("GET", path).json["items"] if tag in item["tags"]]) == 4


def test_cursors_are_bound_to_their_list_and_their_person(api: Api, ada: Account) -> None:
    tag = word()
    for _ in range(3):
        listed(api, ada, tags=[tag])
    path = f"/v1/tags/{tag}/posts?limit=1"
    cursor = api.ask("GET", path).json["next_cursor"]
    own = api.ask("GET", path, by=ada).json["next_cursor"]
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for asked, by in (
        (f"{path}&cursor={changed}", None),
        (f"{path}&cursor={own}", None),
        (f"{path}&cursor={own}", api.join()),
        (f"{path}&ai=exclude&cursor={cursor}", None),
        (f"/v1/tags/another/posts?cursor={cursor}", None),
        (f"/v1/latest?cursor={cursor}", None),
        (f"/v1/search?q={tag}&cursor={cursor}", None),
        ("/v1/latest?cursor=x", None),
    ):
        answer = api.ask("GET", asked, by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor"), asked
    assert len(api.ask("GET", f"{path}&cursor={cursor}").json["items"]) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("q=the", "q"),
        ("q=%21%21", "q"),
        (f"q={'x' * 201}", "q"),
        ("q=a1+b2+c3+d4+e5+f6+g7+h8+i9", "q"),
        ("tag=%21", "tag"),
        ("q=x&ai=maybe", "ai"),
        ("q=x&content_warnings=gore", "content_warnings"),
        ("q=x&limit=51", "limit"),
        ("q=x&sort=likes", "sort"),
    ],
)
def test_what_cannot_be_searched(api: Api, query: str, field: str) -> None:
    answer = api.ask("GET", f"/v1/search?{query}")
    assert (answer.status, answer.fields) == (422, [field])


@pytest.mark.parametrize(
    ("listed_as", "path", "position"),
    [
        ("latest", "/v1/latest", "yesterday"),
        ("latest", "/v1/latest", "9999-99-99~"),
        ("latest", "/v1/latest", "0000-00-00"),
        ("latest", "/v1/latest", ""),
        ("search ('word:x',)", "/v1/search?q=x", "7|2026~"),
        ("search ('word:x',)", "/v1/search?q=x", "9|2026~"),
        ("search ('word:x',)", "/v1/search?q=x", "0|9999~"),
        ("search ('word:x',)", "/v1/search?q=x", "x"),
        ("discover", "/v1/discover", "zz|1|0"),
        ("discover", "/v1/discover", "1|1"),
        ("discover", "/v1/discover", "||"),
    ],
)
def test_positions_that_somebody_made_up(api: Api, listed_as: str, path: str, position: str) -> None:
    """A cursor's sum is no secret: whoever makes one up learns nothing, costs nothing, and breaks nothing."""
    scope = f"{listed_as} for None, AI include, warnings include"
    answer = api.ask("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursors.encode(scope, position)}")
    assert (answer.status, answer.json.get("items", [])) in ((400, []), (200, []))


def test_hostile_words(api: Api) -> None:
    for text in ("%23", "%40", "%40%40", "a%23b", "latest%232026-11-26%230", "%F0%9F%99%82x", "x" * 200, "~~", "tag:x"):
        answer = api.ask("GET", f"/v1/search?q={text}")
        assert answer.status in {200, 422}
        assert answer.status == 422 or answer.json["items"] == []


def test_pages_cost_two_units_with_the_reader_s_bounds(api: Api, ada: Account) -> None:
    tag = word()
    for _ in range(25):
        listed(api, ada, tags=[tag, f"{tag}s"], title=f"Dragons {tag}")
    for path in ("/v1/latest", f"/v1/tags/{tag}/posts", f"/v1/search?q=dragons+{tag}&tag={tag}s"):
        with reads() as cost:
            answer = api.ask("GET", path, by=ada)
        assert cost.units + 0.5 <= 2, (path, cost.requests)
        assert len(answer.json["items"]) >= 9
