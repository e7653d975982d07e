"""Fixtures of the browser tests: a real Chromium, and people who look at the platform with it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support.processes import PlatformProcess

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = {"127.0.0.1", "localhost"}
PATIENCE_MS = 120_000
"""How long something may take that is waited for: a picture is protected meanwhile, perhaps on a slow machine."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """Somebody with a browser profile of their own.

    Attributes:
        page: what they look at.
        complaints: errors in the console and uncaught exceptions.
        hosts: whom the page asked for anything.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        """Note what goes wrong and whom the page asks."""
        context.on("console", self._note)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self._ask(request.url))

    def _ask(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"blob", "data"}:
            self.hosts.add(parts.hostname or url)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = urlsplit(message.location["url"]).path
        # The browser itself notes each 404, and by one the API says that an account has no profile yet.
        if "status of 404" in message.text and address == "/v1/me":
            return
        self.complaints.append(f"{message.text} ({address})")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Its absence is a failure: nothing else shows that the page works."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("the browser tests need Chromium; install it with: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, platform: PlatformProcess) -> Iterator[Callable[..., Visitor]]:
    """Make visitors, each a stranger to the others; in the end none may have met an error or asked another host."""
    visitors: list[Visitor] = []
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Visitor:
        context = browser.new_context(base_url=platform.base_url, **options)
        context.set_default_timeout(PATIENCE_MS)
        made = Visitor(context.new_page())
        made.watch(context)
        contexts.append(context)
        visitors.append(made)
        return made

    yield make
    for context in contexts:
        context.close()
    assert [made.complaints for made in visitors] == [[] for _ in visitors]
    assert [made.hosts - HERE for made in visitors] == [set() for _ in visitors]
