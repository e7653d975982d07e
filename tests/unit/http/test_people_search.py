"""People by the beginnings of their names."""

from itertools import chain

import pytest

from chalicelib import composition
from chalicelib.domain.changes import Change
from chalicelib.domain.errands import Errand
from chalicelib.domain.relations import Bounds
from chalicelib.http import cursors
from chalicelib.repositories.profiles import ProfileRepository
from chalicelib.repositories.relations import RelationRepository
from chalicelib.services.finding import LIST_PERSON, PeopleListed
from tests.support.fake_directory import FakeErrands
from tests.unit.http.api import Account, Api
from tests.unit.http.test_lists import follow as next_path
from tests.unit.repositories.test_directory import reads


def found(api: Api, query: str, by: Account | None = None) -> list[str]:
    """Return the handles on all pages."""
    pages, path = [], f"/v1/search?type=profiles&{query}"
    while path:
        answer = api.ask("GET", path, by=by)
        assert answer.status == 200, answer.text
        pages.append([item["handle"] for item in answer.json["items"]])
        path = next_path(answer) or ""
    return [*chain(*pages)]


def joined(api: Api, account: Account | None = None, **fields: object) -> Account:
    """Make or change a profile, and have it listed."""
    account = api.join(account, **fields)
    assert composition.finding_service().list_person(Errand(LIST_PERSON, account.account_id)) is None
    return account


def name(prefix: str) -> str:
    """Return a name that no other test knows."""
    return prefix + Account().account_id.lower()[-10:]


def test_somebody_is_found_by_the_beginning_of_each_name(api: Api) -> None:
    last = name("ł")
    ada = joined(api, display_name=f"Ada María {last}", mediums=["ink"], software=["Krita"])
    for query in (
        f"q={last}",
        f"q={last[:8]}",
        f"q=ada+{last}",
        f"q=mari+{last}",
        f"q=%40{ada.handle}",
        f"q={ada.handle[:12]}",
    ):
        assert ada.handle in found(api, query), query
    assert found(api, f"q={last}&medium=Ink&software=krita") == [ada.handle]
    assert found(api, f"q={last}&medium=oil") == []
    assert found(api, f"q=bob+{last}") == []
    answer = api.ask("GET", f"/v1/search?type=profiles&q={last}")
    assert answer.json["items"] == [{"handle": ada.handle, "display_name": f"Ada María {last}", "avatar": None}]
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60"


def test_another_name_and_none(api: Api) -> None:
    old, new = name("o"), name("n")
    ada = joined(api, display_name=old)
    joined(api, ada, display_name=new)
    assert (found(api, f"q={old}"), found(api, f"q={new}")) == ([], [ada.handle])
    composition.finding_service().index.remove(ada.account_id)
    assert found(api, f"q={new}") == []
    joined(api, ada, display_name=new)
    assert found(api, f"q={new}") == [ada.handle]


def test_pages_show_each_once_also_who_bears_two_such_names(api: Api) -> None:
    same = name("s")
    people = {joined(api, display_name=f"{same} {same}b x{number}").handle for number in range(7)}
    listed = found(api, f"q={same}&limit=3")
    assert len(listed) == 7
    assert set(listed) == people


def test_who_is_parted_or_muted_is_not_found(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    last = name("p")
    one, other, reader = joined(api, display_name=f"A {last}"), joined(api, display_name=f"B {last}"), api.join()
    bounds = Bounds(blocked_by=frozenset({one.account_id}))
    monkeypatch.setattr(RelationRepository, "bounds", lambda *_: bounds)
    assert found(api, f"q={last}", reader) == [other.handle]
    assert len(found(api, f"q={last}")) == 2


@pytest.mark.parametrize(
    ("query", "field"), [("", "q"), ("q=%21", "q"), ("q=x&tag=y", "tag"), ("q=x&category=y", "category")]
)
def test_what_cannot_be_asked_of_people(api: Api, query: str, field: str) -> None:
    answer = api.ask("GET", f"/v1/search?type=profiles&{query}")
    assert (answer.status, answer.fields) == (422, [field])


def test_cursors_of_people(api: Api) -> None:
    last = name("c")
    for _ in range(2):
        joined(api, display_name=last)
    path = f"/v1/search?type=profiles&q={last}&limit=1"
    cursor = api.ask("GET", path).json["next_cursor"]
    made_up = cursors.encode(f"people {(last,)}, None, None for None", "x")
    for asked, by in (
        (f"{path}&cursor={cursor}", api.join()),
        (f"/v1/search?type=profiles&q={last}x&cursor={cursor}", None),
        (f"/v1/search?q={last}&cursor={cursor}", None),
        (f"{path}&cursor={made_up}", None),
    ):
        answer = api.ask("GET", asked, by=by)
        assert (answer.status, answer.code) == (400, "bad-cursor")


def test_changes_of_profiles_are_followed(api: Api, ada: Account) -> None:
    profile = ProfileRepository().get(ada.account_id)
    errands = FakeErrands()
    PeopleListed(errands).take([Change("a", None, profile), Change("b", profile, profile), Change("c", profile, None)])
    assert errands.waiting == [Errand(LIST_PERSON, ada.account_id)] * 2


def test_a_page_costs_two_units_with_the_reader_s_bounds(api: Api) -> None:
    reader, last = api.join(), name("z")
    people = [joined(api, display_name=f"Zoë {last}", bio="b" * 200, mediums=["ink"]) for _ in range(45)]
    inked: list[str] = []
    for query in ("medium=ink", "medium=oil"):
        path = f"/v1/search?type=profiles&q={last}&{query}"
        while path:
            with reads() as cost:
                answer = api.ask("GET", path, by=reader)
            assert cost.units + 0.5 <= 2, cost.requests
            inked += [item["handle"] for item in answer.json["items"]]
            path = next_path(answer) or ""
    assert sorted(inked) == sorted(each.handle for each in people)
