"""Files of the web client."""

from pathlib import Path

import pytest

from tools.localcloud.messages import Answer, Request
from tools.localcloud.static import StaticFiles


@pytest.fixture
def static(tmp_path: Path) -> StaticFiles:
    web = tmp_path / "web"
    (web / "docs").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>home")
    (web / "app.js").write_text("export {}")
    (web / "docs" / "index.html").write_text("<!doctype html>docs")
    (tmp_path / "secret.txt").write_text("secret")
    (web / "link.txt").symlink_to(tmp_path / "secret.txt")
    return StaticFiles(web, "http://cara.test")


def ask(static: StaticFiles, path: str, accept: str = "*/*") -> Answer:
    return static.answer(Request("GET", path, path, {"accept": accept}, "192.0.2.7", bytes))


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [
        ("/index.html", "text/html; charset=utf-8", b"home"),
        ("/app.js", "text/javascript; charset=utf-8", b"export"),
        ("/docs/index.html", "text/html; charset=utf-8", b"docs"),
        ("/docs/assets/swagger-ui.css", "text/css; charset=utf-8", b"swagger-ui"),
        ("/docs/assets/swagger-ui-bundle.js", "text/javascript; charset=utf-8", b"SwaggerUI"),
        ("/docs/assets/favicon-32x32.png", "image/png", b"PNG"),
    ],
)
def test_files(static: StaticFiles, path: str, kind: str, content: bytes) -> None:
    answer = ask(static, path)
    assert answer.status == 200
    assert dict(answer.headers)["Content-Type"] == kind
    assert isinstance(answer.body, bytes)
    assert content in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/none",
        "/",
        "/docs",
        "/docs/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/docs/../../secret.txt",
        "/docs/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/link.txt",
        "/docs/assets/../__init__.py",
        "/docs/assets/%2e%2e/%2e%2e/__init__.py",
        "/index.html%00.png",
        "/%ff",
        "/" + "a" * 5000,
    ],
)
def test_what_is_not_there_or_not_for_everybody(static: StaticFiles, path: str) -> None:
    assert ask(static, path).status == 404


def test_a_person_gets_plain_words(static: StaticFiles) -> None:
    assert dict(ask(static, "/none", accept="text/html").headers)["Content-Type"] == "text/plain; charset=utf-8"
    assert dict(ask(static, "/none").headers)["Content-Type"] == "application/problem+json"
