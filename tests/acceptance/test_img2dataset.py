"""img2dataset, which most sets of training pictures were made with, against a running platform.

Two things stop it: the edge, by its name, and the header, which it respects by default. A relay with an ordinary
browser's name takes the first away, so that the second is seen alone; one that drops the header shows that nothing else
would have stopped it.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.relay import relay
from tests.deploy.edge_clients import FIREFOX, IMG2DATASET
from tests.support.artist import Artist, picture
from tests.support.processes import PlatformProcess
from tools.acceptance.environment import PYTHON, install
from tools.localcloud.config import ROOT


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    """The environment that has img2dataset."""
    install()


def publish(artist: Artist, seed: int, **fields: Any) -> httpx.URL:
    media_id = artist.upload(picture(seed), **fields)
    post = artist.published(artist.post(media_id)["id"])
    files = post["media"][0]["picture"]["renditions"]
    return httpx.URL(next(each["url"] for each in files if each["format"] == "jpeg"))


@pytest.fixture(scope="module")
def outcome(platform: PlatformProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what img2dataset made of each way to a picture, by a name for the way."""
    artist, base = Artist(platform), platform.base_url
    reserved = publish(artist, 71)
    allowed = publish(artist, 72, data_mining="allowed", confirm_ai_training=True)
    folder = tmp_path_factory.mktemp("collected") / "set"
    with relay(base, FIREFOX) as browser, relay(base, FIREFOX, without="x-robots-tag") as bare:
        ways = {
            "directly": str(reserved),
            "as a browser": browser + reserved.path,
            "as a browser, without the header": bare + reserved.path,
            "allowed": str(allowed),
        }
        command = [str(PYTHON), "-m", "tools.acceptance.collect", str(folder), *ways.values()]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
    found = json.loads(folder.with_suffix(".json").read_text("utf-8"))
    return {way: found[address] for way, address in ways.items()}


def test_the_edge_knows_it_by_its_name(outcome: dict[str, Any], http: httpx.Client) -> None:
    assert outcome["directly"]["status"] == "failed_to_download"
    assert "403" in outcome["directly"]["error"]
    refused = http.get("/media/a/b.jpeg", headers={"User-Agent": IMG2DATASET})
    assert refused.json()["detail"].startswith("Crawling for AI")


def test_under_another_name_it_respects_the_header(outcome: dict[str, Any]) -> None:
    assert outcome["as a browser"]["status"] == "failed_to_download"
    assert "disallowed by X-Robots-Tag" in outcome["as a browser"]["error"]


def test_the_same_bytes_without_the_header_are_collected(outcome: dict[str, Any]) -> None:
    assert outcome["as a browser, without the header"] == {"status": "success", "error": None}


def test_what_its_artist_allows_is_collected(outcome: dict[str, Any]) -> None:
    assert outcome["allowed"] == {"status": "success", "error": None}


def test_the_files_are_where_it_says(outcome: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    collected = list(Path(tmp_path_factory.getbasetemp()).glob("collected[0-9]*/set/**/*.jpg"))
    assert len(collected) == sum(each["status"] == "success" for each in outcome.values())
