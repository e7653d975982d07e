"""Tokens of local users."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import jwt
import pytest

from tests.support.processes import PlatformProcess, run_tool


def local_user(platform: PlatformProcess, *arguments: str) -> CompletedProcess[str]:
    return run_tool("tools/local_user.py", *arguments, CARA_LOCAL_DIR=str(platform.directory))


def claims(printed: str) -> dict[str, object]:
    assert printed.count("\n") == 1
    found: dict[str, object] = jwt.decode(printed.strip(), options={"verify_signature": False})
    return found


def test_calls_at_the_same_time_agree(platform: PlatformProcess) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: local_user(platform, "grace"), range(6)))
    assert [answer.returncode for answer in answers] == [0] * 6, answers
    assert len({claims(answer.stdout)["sub"] for answer in answers}) == 1


def test_a_group(platform: PlatformProcess) -> None:
    assert claims(local_user(platform, "mary", "--group", "moderators").stdout)["cognito:groups"] == ["moderators"]


@pytest.mark.parametrize("arguments", [("a b",), ("",), ("-",), ("mary", "--group", "none")])
def test_what_makes_no_sense(platform: PlatformProcess, arguments: tuple[str, ...]) -> None:
    answer = local_user(platform, *arguments)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1


def test_the_token_lets_in(platform: PlatformProcess, http: httpx.Client) -> None:
    token = local_user(platform, "joan").stdout.strip()
    assert http.get("/v1/me").status_code == 401
    # Known, but without a profile yet.
    assert http.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 404


def test_nothing_runs(tmp_path: Path) -> None:
    answer = run_tool("tools/local_user.py", "ada", CARA_LOCAL_DIR=str(tmp_path))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1
    assert "make run" in answer.stderr
