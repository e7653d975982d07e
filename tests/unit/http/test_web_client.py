"""The web client and the API mean the same by a profile."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from chalicelib.schemas.profiles import ProfileRequest
from tests.unit.http.api import Account, Api

CLIENT = Path(__file__).parents[3] / "web" / "api.js"


def fields() -> list[str]:
    """Return what the web client sends along of a profile that it read."""
    [found] = re.findall(r"const PROFILE_FIELDS = \[(.*?)\];", CLIENT.read_text("utf-8"), re.DOTALL)
    return re.findall(r'"(\w+)"', found)


def test_the_web_client_keeps_all_of_a_profile_that_it_changes(api: Api, ada: Account) -> None:
    """What is left out is as if it was never said: an artist who approves followers would be open to everyone."""
    assert set(fields()) == set(ProfileRequest.model_fields)
    said: dict[str, Any] = {
        "handle": ada.handle,
        "display_name": "Ada",
        "availability": "open",
        "work": {"country": "DE", "rate": {"min": 100, "max": 200, "currency": "EUR", "period": "hour"}},
        "protected": True,
        "rights": {"creator": "Ada L.", "web_statement": "https://ada.example/rights"},
        "watermark": {"text": "Ada"},
    }
    assert api.ask("PUT", "/v1/me", said, by=ada).status == 200
    before = api.ask("GET", "/v1/me", by=ada).json
    kept = deepcopy({name: before[name] for name in fields()})
    del kept["work"]["rate"]["text"]  # words for people: `sendable` of the client
    assert api.ask("PUT", "/v1/me", kept | {"display_name": "Ada L."}, by=ada).status == 200
    after = api.ask("GET", "/v1/me", by=ada).json
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept} | {"display_name": "Ada L."}
