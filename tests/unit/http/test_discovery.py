"""Discovery through the API: who is dealt, to whom, and what a page costs the ring."""

from itertools import chain

import pytest

from chalicelib import composition
from chalicelib.domain.errands import Errand
from chalicelib.domain.relations import Bounds
from chalicelib.repositories.relations import RelationRepository
from chalicelib.services.discovery import DRAW_TICKET
from tests.unit.http.api import Account, Api
from tests.unit.http.test_lists import pages


def draw(account: Account, post_id: str) -> None:
    assert composition.ticket_service().draw(Errand(DRAW_TICKET, account.account_id, None, {"post": post_id})) is None


def shown(api: Api, account: Account, **fields: object) -> str:
    """Make a post, and have its artist's ticket follow."""
    post_id = str(api.post(account, **fields)["id"])
    draw(account, post_id)
    return post_id


def dealt(api: Api, query: str = "limit=3", by: Account | None = None) -> list[str]:
    return [*chain(*pages(api, f"/v1/discover?{query}", by))]


def test_each_artist_is_dealt_once_by_the_newest_post(api: Api) -> None:
    expected = set()
    for number in range(7):
        account = api.join()
        for _ in range(1 + number % 3):
            newest = shown(api, account, tags=["t"])
        expected.add(newest)
    found = dealt(api)
    assert expected <= set(found)
    assert len(set(found)) == len(found)
    answer = api.ask("GET", "/v1/discover")
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    assert len({item["author"]["handle"] for item in answer.json["items"]}) == len(answer.json["items"])


def test_what_is_public_no_more_is_not_dealt(api: Api, ada: Account) -> None:
    first, second = shown(api, ada), shown(api, ada, content_warnings=["gore"])
    assert second in dealt(api)
    assert second not in dealt(api, "content_warnings=exclude")
    for post_id, visibility in ((second, "followers"), (first, "private")):
        api.ask("PATCH", f"/v1/posts/{post_id}", {"visibility": visibility}, by=ada)
        draw(ada, post_id)
        assert post_id not in dealt(api, by=ada)
    assert first not in dealt(api)


def test_whom_a_reader_is_not_to_see_is_not_dealt(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, blocked = api.join(), api.join()
    hidden, seen = shown(api, blocked), shown(api, ada)
    bounds = Bounds(blocked=frozenset({blocked.account_id}))
    monkeypatch.setattr(RelationRepository, "bounds", lambda _, account: bounds)
    found = dealt(api, by=reader)
    assert seen in found
    assert hidden not in found
    assert hidden in dealt(api)


def test_cursors_of_discovery(api: Api, ada: Account) -> None:
    shown(api, ada)
    shown(api, api.join())
    cursor = api.ask("GET", "/v1/discover?limit=1").json["next_cursor"]
    for asked, by in (
        (f"/v1/discover?cursor={cursor}", ada),
        (f"/v1/discover?cursor={cursor[:-1]}{'A' if cursor[-1] != 'A' else 'B'}A", None),
        (f"/v1/latest?cursor={cursor}", None),
    ):
        answer = api.ask("GET", asked, by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor")
