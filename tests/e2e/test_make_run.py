"""`make run` and `make demo`, as a person starts them: the whole main job over HTTP, and a clean end."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate

from tests.support.processes import free_port, is_alive, until
from tools.localcloud.config import ROOT
from tools.localcloud.environment import clean_environment
from tools.painting import paint


class Make:
    """A `make run` in a process group of its own, with a folder and ports of its own."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.log = directory / "output"
        self.environ = {
            **clean_environment(),
            "CARA_LOCAL_DIR": str(directory),
            "CARA_CLOUD_PORT": str(free_port()),
        }
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run", f"PORT={self.port}"],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def group(self) -> list[int]:
        """Return the ids of all processes that descend from it."""
        found, pending = [], [self.process.pid]
        while pending:
            pid = pending.pop()
            found.append(pid)
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
            except FileNotFoundError:
                continue
            pending.extend(int(child) for child in children.split())
        return found

    def end(self) -> int:
        """Press Ctrl-C, which reaches the whole group, and return the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    started = Make(tmp_path)
    try:
        yield started
    finally:
        started.end()


def test_the_first_run_shows_the_demo_and_ctrl_c_ends_everything(make: Make) -> None:
    until(lambda: "\nThe post: " in make.output or make.process.poll() is not None, 240, "the demo")
    output = make.output
    base = f"http://127.0.0.1:{make.port}"
    assert f"Cara            {base}" in output
    check_demo(output, base)
    assert "cloak default, applied: yes" in output

    address = output.rpartition("The post: ")[2].splitlines()[0]
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as stranger:
        post = stranger.get(address).json()
        assert post["state"] == "published"
        renditions = post["media"][0]["picture"]["renditions"]
        assert len(renditions) == 12
        for rendition in renditions:
            fetched = stranger.get(rendition["url"])
            assert (fetched.status_code, fetched.headers["x-robots-tag"]) == (200, "noai, noimageai")
        listed = stranger.get(f"/v1/profiles/{post['author']['handle']}/posts", params={"portfolio": True}).json()
        assert [item["id"] for item in listed["items"]] == [post["id"]]
        validate(stranger.get("/v1/openapi.json").json())
        assert "swagger" in stranger.get("/docs").text.lower()

    with ExitStack() as crowd:
        for number in range(100):
            connection = crowd.enter_context(socket.create_connection(("127.0.0.1", make.port), timeout=30))
            if number % 2:
                connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: half")  # and no more
        assert httpx.get(f"{base}/v1/health", trust_env=False, timeout=30).status_code == 200
        assert httpx.get(address, trust_env=False, timeout=30).status_code == 200

    command = ["make", "demo", f"PORT={make.port}", "CLOAK=off"]
    again = subprocess.run(command, cwd=ROOT, env=make.environ, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    check_demo(again.stdout, base)
    assert "cloak off, applied: no" in again.stdout

    family = make.group()
    assert len(family) >= 5
    make.end()
    assert make.output.rstrip().endswith("Stopped.")
    assert [pid for pid in family if is_alive(pid)] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/v1/health", trust_env=False)


def check_demo(output: str, base: str) -> None:
    """Check what the demo found out about its picture."""
    assert f"The post: {base}/v1/posts/" in output
    assert "X-Robots-Tag: noai, noimageai" in output
    assert "403 from the CDN" in output


def test_protect_one_file_without_any_cloud(tmp_path: Path) -> None:
    (tmp_path / "sea.jpg").write_bytes(paint(1, 700, 500))
    done = subprocess.run(
        [".venv/bin/python", "tools/protect.py", str(tmp_path / "sea.jpg"), "--out", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["status"] == "protected"
    assert report["cloak"]["applied"] is True
    for rendition in report["renditions"]:
        assert (tmp_path / "out" / rendition["file"]).stat().st_size == rendition["bytes"]
