"""Protection records, as strangers get and verify them."""

import base64
import json
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest

from chalicelib.domain.errors import TemporaryError
from chalicelib.settings import settings
from tests.unit.http.api import Account, Api
from tools import verify_record


def record(api: Api, ada: Account) -> dict[str, Any]:
    media_id = api.ready(ada)
    api.post(ada, media_id)
    found: dict[str, Any] = api.ask("GET", f"/v1/media/{media_id}/protection").json
    return found


def files(found: dict[str, Any], folder: Path) -> list[str]:
    """Return the renditions of a picture as a stranger downloads them."""
    paths = []
    for each in found["renditions"]:
        key = each["url"].removeprefix("https://media.cara.test/")
        body = boto3.client("s3").get_object(Bucket=settings().derivatives_bucket, Key=key)["Body"].read()
        path = folder / key.rpartition("/")[2]
        path.write_bytes(body)
        paths.append(str(path))
    return paths


def test_keys_are_published(api: Api) -> None:
    answer = api.ask("GET", "/.well-known/jwks.json")
    assert answer.headers["cache-control"].startswith("public, max-age=")
    [key] = answer.json["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert jwt.PyJWK(key).key.public_numbers()
    assert not {"d"} & set(key)


def test_record_is_signed_by_the_published_key(api: Api, ada: Account) -> None:
    found = record(api, ada)
    [key] = api.ask("GET", "/.well-known/jwks.json").json["keys"]
    header = jwt.get_unverified_header(found["signature"])
    assert header == {"alg": "ES256", "kid": key["kid"], "typ": "protection-record"}
    payload = jwt.decode(found["signature"], jwt.PyJWK(key), algorithms=["ES256"])
    assert payload["iss"] == "https://cara.test"
    for name in ("media_id", "protected_at", "data_mining", "perceptual_hash", "original_sha256", "provenance"):
        assert payload[name] == found[name], name
    assert payload["cloak"] == {name: value for name, value in found["cloak"].items() if name != "cpu_seconds"}
    assert [each["sha256"] for each in payload["renditions"]] == [each["sha256"] for each in found["renditions"]]
    assert payload["signals"] == found["signals_by_format"] == {"jpeg": found["signals"], "webp": found["signals"]}
    assert payload["headers"] == sorted(found["headers"])
    assert found["headers"]["X-Robots-Tag"] == "noai, noimageai"


def test_record_is_made_once(api: Api, ada: Account) -> None:
    media_id = api.ready(ada)
    path = f"/v1/media/{media_id}/protection"
    assert api.ask("GET", path, by=ada).json["signature"] == api.ask("GET", path, by=ada).json["signature"]


# ---------------------------------------------------------------- tools/verify_record.py


@pytest.fixture
def case(api: Api, ada: Account, tmp_path: Path) -> tuple[dict[str, Any], list[str], str]:
    """Return a record, its files, and the path of the keys."""
    found = record(api, ada)
    keys = tmp_path / "jwks.json"
    keys.write_text(api.ask("GET", "/.well-known/jwks.json").text, encoding="utf-8")
    return found, files(found, tmp_path), str(keys)


def verify(found: Any, arguments: list[str], folder: Path) -> int:
    path = folder / "record.json"
    path.write_text(found if isinstance(found, str) else json.dumps(found), encoding="utf-8")
    return verify_record.main([str(path), *arguments])


def test_files_are_verified_offline(
    case: tuple[dict[str, Any], list[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, paths, keys = case
    assert verify(found, [*paths, "--jwks", keys], tmp_path) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(paths) + 1
    assert found["media_id"] in said[0]
    assert "https://cara.test" in said[0]
    assert all(line.startswith("protected ") for line in said[1:])
    assert verify(found["signature"], [*paths, "--jwks", keys], tmp_path) == 0


def test_another_file_is_told(
    case: tuple[dict[str, Any], list[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, paths, keys = case
    Path(paths[0]).write_bytes(b"other")
    assert verify(found, [*paths, "--jwks", keys], tmp_path) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("unknown ")
    assert said[2].startswith("protected ")
    assert verify(found, [str(tmp_path / "missing"), "--jwks", keys], tmp_path) == 2


def forged(signature: str, **changes: Any) -> str:
    """Return a record that says something else under the same signature."""
    header, payload, end = signature.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "==")) | changes
    return f"{header}.{base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.{end}"


def test_a_forged_record_is_told(
    case: tuple[dict[str, Any], list[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, paths, keys = case
    for bad in (forged(found["signature"], data_mining="allowed"), found["signature"][:-8] + "AAAAAAAA"):
        assert verify({**found, "signature": bad}, [*paths, "--jwks", keys], tmp_path) == 1
        assert "does not hold" in capsys.readouterr().err
    # what stands beside the signature vouches for nothing
    assert verify({**found, "renditions": []}, [*paths, "--jwks", keys], tmp_path) == 0


def test_what_is_no_record_is_told(
    case: tuple[dict[str, Any], list[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, paths, keys = case
    for text in ("", "{}", '{"signature": null}', "a.b", "[]", '{"signature": "e30.e30.e30"}'):
        assert verify(text, [*paths, "--jwks", keys], tmp_path) == 2, text
        assert capsys.readouterr().err.count("\n") == 1


def test_keys_that_do_not_know_it_are_told(
    case: tuple[dict[str, Any], list[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, paths, keys = case
    Path(keys).write_text('{"keys": []}', encoding="utf-8")
    assert verify(found, [*paths, "--jwks", keys], tmp_path) == 2
    assert "no such key" in capsys.readouterr().err


def test_kms_that_does_not_answer_is_no_record(api: Api, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> bytes:
        raise TemporaryError("KMS: ThrottlingException")

    monkeypatch.setattr("chalicelib.signing.SigningKey.sign", refuse)
    media_id = api.upload(ada)
    with pytest.raises(TemporaryError):
        api.arrive(ada, media_id)
    assert api.ask("GET", f"/v1/media/{media_id}", by=ada).json["state"] == "queued"
