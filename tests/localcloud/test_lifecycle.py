"""Starting, stopping, crashing and starting again: the whole platform as a person runs it."""

import json
import os
import signal
import socket
from pathlib import Path

import httpx
import jwt
import pytest

from tests.support.clients import admin_client
from tests.support.cloud import running_platform
from tests.support.processes import PlatformProcess, free_port, is_alive, run_tool, start_platform, until
from tools.localcloud.access import anonymous_client, sign_in
from tools.localcloud.runfile import read_run

PASSWORD = "a password for tests"
ENDED_SECONDS = 40.0


def write_things(platform: PlatformProcess) -> str:
    """Put a user, an object and an item into the cloud; return the user's token."""
    run = platform.run
    token = platform.token("ada")
    admin_client("s3", run.endpoint).put_object(
        Bucket=run.env["CARA_DERIVATIVES_BUCKET"], Key="media/kept.webp", Body=b"kept"
    )
    dynamodb = admin_client("dynamodb", run.endpoint)
    dynamodb.put_item(TableName=run.env["CARA_POSTS_TABLE"], Item={"post_id": {"S": "kept"}})
    return token


def check_things(platform: PlatformProcess, token: str) -> None:
    """Check that all of it is still there, and that the token is still good."""
    run = platform.run
    client_id = run.env["CARA_USER_POOL_CLIENT_ID"]
    assert sign_in(anonymous_client(run.endpoint), client_id, "ada", PASSWORD)
    key = jwt.PyJWKClient(run.env["CARA_COGNITO_JWKS_URL"]).get_signing_key_from_jwt(token).key
    assert jwt.decode(token, key, algorithms=["RS256"], issuer=run.env["CARA_COGNITO_ISSUER"])["username"] == "ada"
    assert httpx.get(f"{platform.base_url}/media/kept.webp", trust_env=False).content == b"kept"
    assert stored(platform, "kept")


def stored(platform: PlatformProcess, post_id: str) -> bool:
    run = platform.run
    dynamodb = admin_client("dynamodb", run.endpoint)
    return "Item" in dynamodb.get_item(TableName=run.env["CARA_POSTS_TABLE"], Key={"post_id": {"S": post_id}})


def test_what_it_holds_survives_a_restart(tmp_path: Path) -> None:
    with running_platform(tmp_path) as platform:
        token = write_things(platform)
        children = platform.children()
        assert len(children) == 7
        assert platform.stop(signal.SIGTERM) == 0
        assert not [child for child in children if is_alive(child)]
        assert read_run(tmp_path) is None
    # Another port of its own: nothing that is kept may name the old one.
    with running_platform(tmp_path) as platform:
        check_things(platform, token)
        # What Ctrl-C sends.
        assert platform.stop(signal.SIGINT) == 0
        assert platform.output.endswith("Stopped.\n")


def test_a_crash_leaves_no_process_and_loses_nothing(tmp_path: Path) -> None:
    with running_platform(tmp_path) as platform:
        token = write_things(platform)
        children = platform.children()
        platform.process.kill()
        platform.process.wait()
        until(lambda: not [child for child in children if is_alive(child)], ENDED_SECONDS, "the end of the children")
    with running_platform(tmp_path) as platform:
        check_things(platform, token)


def test_a_cloud_that_crashes_comes_back_with_what_it_saved(platform: PlatformProcess) -> None:
    write_things(platform)
    saved = platform.directory / "cloud" / "state" / "dynamodb.json"
    until(lambda: saved.exists() and '"kept"' in saved.read_text(encoding="utf-8"), what="saving by itself")
    kill_child(platform, "tools.localcloud.cloud_server")
    until(lambda: "cloud ended with -9 and was started again" in platform.output, what="another cloud")
    until(lambda: answers(platform), what="an answer of the new cloud")
    assert stored(platform, "kept")
    client = admin_client("cloudfront", platform.run.endpoint)
    assert client.get_distribution(Id=told(platform))["Distribution"]["Id"], "what invalidations name is still there"


def told(platform: PlatformProcess) -> str:
    """Return the distribution that functions are told of."""
    client = admin_client("ssm", platform.run.endpoint)
    value: str = json.loads(client.get_parameter(Name="/cara/local/edge")["Parameter"]["Value"])["distribution"]
    return value


def answers(platform: PlatformProcess) -> bool:
    try:
        return httpx.get(f"{platform.run.endpoint}/_ministack/ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def kill_child(platform: PlatformProcess, module: str) -> None:
    """Kill the child that runs `module`, by its id."""
    for child in platform.children():
        if module in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8"):
            os.kill(child, signal.SIGKILL)
            return
    raise AssertionError(f"no child runs {module}")


def test_a_web_process_that_crashes_is_started_again(platform: PlatformProcess) -> None:
    until(lambda: httpx.get(f"{platform.base_url}/v1/health", trust_env=False).is_success, what="an answer")
    kill_child(platform, "tools.localcloud.web")
    # The connection waits in the backlog of the socket, which outlives the process.
    assert httpx.get(f"{platform.base_url}/v1/health", timeout=30, trust_env=False).status_code == 200


def test_a_second_one_is_refused(platform: PlatformProcess) -> None:
    second = run_tool("-m", "tools.localcloud", CARA_LOCAL_DIR=str(platform.directory), PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr == f"cara: already running at {platform.base_url}\n"
    assert second.stdout == ""


def test_a_reset_is_refused_while_it_runs(platform: PlatformProcess) -> None:
    reset = run_tool("-m", "tools.localcloud", "reset", CARA_LOCAL_DIR=str(platform.directory))
    assert reset.returncode == 1
    assert "already running" in reset.stderr
    assert (platform.directory / "cloud").exists()


def test_a_reset_forgets(tmp_path: Path) -> None:
    (tmp_path / "cloud" / "state").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    assert run_tool("-m", "tools.localcloud", "reset", CARA_LOCAL_DIR=str(tmp_path)).returncode == 0
    assert not (tmp_path / "cloud").exists()
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("variable", ["PORT", "CARA_CLOUD_PORT"])
def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        process = start_platform(tmp_path, {"PORT": str(free_port()), variable: port})
        assert process.stop_by_itself() == 1
    errors = [line for line in process.output.splitlines() if line.startswith("cara: ")]
    assert len(errors) == 1
    assert f"port {port}" in errors[0]


@pytest.mark.parametrize("value", ["0", "-1", "70000", "eighty", "8080 "])
def test_a_port_that_makes_no_sense_is_said_in_one_line(tmp_path: Path, value: str) -> None:
    answer = run_tool("-m", "tools.localcloud", CARA_LOCAL_DIR=str(tmp_path), PORT=value)
    assert answer.returncode == 1
    assert answer.stderr == f"cara: PORT must be a whole number from 1 to 65535, not {value!r}\n"


def test_the_demo_without_a_platform() -> None:
    demo = run_tool("tools/demo.py", PORT=str(free_port()))
    assert demo.returncode == 1
    assert demo.stdout == ""
    assert demo.stderr.count("\n") == 1
    assert "make run" in demo.stderr
