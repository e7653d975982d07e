"""The response-headers policies of the edge."""

from html.parser import HTMLParser
from typing import Any

import pytest

from chalicelib.domain.noai import DEFAULT, PREFIXES, RESERVATIONS, DataMining, media_headers
from tests.deploy import edge_declared
from tests.deploy.edge_declared import behaviours, custom, distribution, filled, headers_of, policies
from tests.deploy.edge_run import BASE_URL
from tools.localcloud.config import ROOT

CHOICES: dict[str, DataMining] = {"MediaHeaders": DEFAULT, "UnindexedHeaders": "all", "OpenHeaders": "allowed"}
"""Policies for published pictures, and whose choice they carry. All others carry the default."""

OWN = "PublicHeaders"
"""The policy for pages of artists and posts, which carry their artists' choices themselves."""


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return edge_declared.template()


def test_every_policy_carries_the_refusal(template: dict[str, Any]) -> None:
    for policy in set(policies(template, "ResponseHeadersPolicy")) - {OWN}:
        found = custom(template, policy)
        wanted = media_headers(BASE_URL, "all" if policy == "HeldHeaders" else CHOICES.get(policy, DEFAULT))
        assert list(found.items())[: len(wanted)] == list(wanted.items()), policy
        assert not set(media_headers(BASE_URL)) & set(list(found)[len(wanted) :]), policy
        kept = {
            each["Header"]
            for each in headers_of(template, policy)["CustomHeadersConfig"]["Items"]
            if not each["Override"]
        }
        # The API's own Link leads to the next page of a list.
        assert kept == ({"Link"} if policy == "ApiHeaders" else set())


def test_pages_speak_for_themselves_and_the_policy_where_they_are_silent(template: dict[str, Any]) -> None:
    refusal = custom(template, OWN)
    wanted = {name: value for name, value in media_headers(BASE_URL).items() if name in refusal}
    assert list(wanted) == ["X-Robots-Tag", "tdm-reservation", "Content-Usage"]
    assert dict(list(refusal.items())[:3]) == wanted
    declared = headers_of(template, OWN)
    for each in declared["CustomHeadersConfig"]["Items"]:
        assert each["Override"] is (each["Header"] not in wanted)
    assert declared["SecurityHeadersConfig"]["ContentSecurityPolicy"]["Override"] is False
    for choice in CHOICES.values():
        # no page leaves out what the policy would fill in against its artist's choice
        assert set(wanted) <= set(RESERVATIONS[choice].page_headers(BASE_URL, listed=True))


def test_each_path_of_pictures_says_what_their_artists_chose(template: dict[str, Any]) -> None:
    found = {path: each["ResponseHeadersPolicyId"]["Ref"] for path, each in behaviours(distribution()).items()}
    chosen = {prefix: CHOICES[found[f"/{prefix}/*"]] for prefix in PREFIXES}
    assert chosen == PREFIXES


@pytest.mark.parametrize("name", list(CHOICES))
def test_media_may_be_read_by_every_page(template: dict[str, Any], name: str) -> None:
    policy = headers_of(template, name)
    assert policy["SecurityHeadersConfig"]["ContentTypeOptions"] == {"Override": True}
    assert policy["CorsConfig"]["AccessControlAllowOrigins"]["Items"] == ["*"]
    assert custom(template, name)["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_security_headers(template: dict[str, Any]) -> None:
    for policy in policies(template, "ResponseHeadersPolicy"):
        security = headers_of(template, policy)["SecurityHeadersConfig"]
        assert security["ContentTypeOptions"]["Override"], policy
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000, policy
        if policy not in {*CHOICES, "HeldHeaders"}:
            assert security["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin", policy
            assert "frame-ancestors 'none'" in filled(security["ContentSecurityPolicy"]["ContentSecurityPolicy"]), (
                policy
            )


def directives(policy: str) -> dict[str, str]:
    return {
        name: value.strip() for name, _, value in (part.strip().partition(" ") for part in policy.split(";")) if name
    }


class MetaPolicy(HTMLParser):
    """Finds the content security policy that a page states itself."""

    found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.found = given["content"] or ""


@pytest.mark.parametrize(("page", "policy"), [("index.html", "PageHeaders"), ("docs/index.html", "DocsHeaders")])
def test_the_header_says_what_the_page_says(template: dict[str, Any], page: str, policy: str) -> None:
    parser = MetaPolicy()
    parser.feed((ROOT / "web" / page).read_text(encoding="utf-8"))
    own = directives(parser.found)
    security = headers_of(template, policy)["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    sent = directives(filled(security["ContentSecurityPolicy"]))
    assert sent.pop("frame-ancestors") == "'none'"
    # A page knows no stage; the header names its hosts.
    assert own.pop("connect-src").startswith("'self' https://*.amazonaws.com")
    assert sent.pop("connect-src") == (
        "'self' https://cognito-idp.eu-central-1.aws https://originals.s3.aws https://originals.s3.eu-central-1.aws"
    )
    assert sent == own
