"""The template of the edge: where paths lead, what is cached by what, the firewall, buckets and logs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib.domain.noai import PREFIXES, media_headers
from chalicelib.pages.robots import DECLARATIONS
from chalicelib.schemas.pages import PageAddress
from tests.deploy import edge_declared
from tests.deploy.edge_declared import behaviours, custom, policies
from tests.deploy.edge_run import BASE_URL
from tools import edge_agents


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return edge_declared.template()


@pytest.fixture(scope="module")
def distribution() -> dict[str, Any]:
    return edge_declared.distribution()


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    rendered = tmp_path / "edge.yaml"
    rendered.write_text(edge_agents.template(), encoding="utf-8")
    found = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), str(edge_agents.TEMPLATE), str(rendered)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (0, "")


def test_the_function_is_the_file(template: dict[str, Any]) -> None:
    function = template["Resources"]["ViewerRequest"]["Properties"]
    assert function["FunctionCode"] == edge_agents.FUNCTION.read_text(encoding="utf-8")
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_every_parameter_and_output_is_described(template: dict[str, Any]) -> None:
    for name, each in {**template["Parameters"], **template["Outputs"]}.items():
        assert len(each.get("Description", "")) > 20, name


def test_every_name_is_the_stages(template: dict[str, Any]) -> None:
    names = re.findall(r'"(?:Name|BucketName)": \{"Fn::Sub": "([^"]+)"\}', json.dumps(template))
    assert len(names) >= 15
    assert all(name.startswith("cara-${Stage}") for name in names)


def test_paths_go_to_their_origins(distribution: dict[str, Any]) -> None:
    targets = {path: each["TargetOriginId"] for path, each in behaviours(distribution).items()}
    assert targets == {
        "/media/*": "derivatives", "/unindexed/*": "derivatives", "/open/*": "derivatives", "/held/*": "derivatives",
        "/v1/*": "api", "/.well-known/*": "api", "/policies/*": "api", "/robots.txt": "api", "/ai.txt": "api",
        "/license.xml": "api", "/@*": "api", "/posts/*": "api", "/oembed": "api", "/sitemap.xml": "api",
        "/jobs/*": "api", "/studios/*": "api",
        "/docs*": "web", "*": "web",
    }  # fmt: skip
    assert {each["Id"] for each in distribution["Origins"]} == set(targets.values())


def test_every_behaviour_has_the_function_the_headers_and_tls(distribution: dict[str, Any]) -> None:
    for path, each in behaviours(distribution).items():
        [function] = each["FunctionAssociations"]
        assert function["EventType"] == "viewer-request", path
        assert function["FunctionARN"] == {"Fn::GetAtt": ["ViewerRequest", "FunctionMetadata.FunctionARN"]}, path
        assert "Ref" in each["ResponseHeadersPolicyId"], path
        assert each["ViewerProtocolPolicy"] in {"https-only", "redirect-to-https"}, path


def test_no_cookie_gets_into_a_cache_key_or_to_an_origin(
    template: dict[str, Any], distribution: dict[str, Any]
) -> None:
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    declared = set(policies(template, "CachePolicy"))
    for each in behaviours(distribution).values():
        assert each["CachePolicyId"] == caching_disabled or each["CachePolicyId"]["Ref"] in declared
    for name in declared:
        key = template["Resources"][name]["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["CookiesConfig"] == {"CookieBehavior": "none"}, name
    for name in policies(template, "OriginRequestPolicy"):
        config = template["Resources"][name]["Properties"]["OriginRequestPolicyConfig"]
        assert config["CookiesConfig"] == {"CookieBehavior": "none"}, name


def test_caches_are_keyed_as_they_must_be(template: dict[str, Any]) -> None:
    def config(name: str) -> dict[str, Any]:
        return cast("dict[str, Any]", template["Resources"][name]["Properties"]["CachePolicyConfig"])

    api = config("ApiCache")
    # With any other minimum CloudFront would keep what says no-store.
    assert (api["MinTTL"], api["DefaultTTL"]) == (0, 0)
    key = api["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Authorization"]}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    page = config("PageCache")
    assert (page["MinTTL"], page["DefaultTTL"]) == (0, 0)
    key = page["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}, "pages are the same for everyone"
    assert key["QueryStringsConfig"]["QueryStringBehavior"] == "whitelist"
    for name in ("MediaCache", "StaticCache"):
        key = config(name)["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
        assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_pages_get_every_parameter_that_they_know(template: dict[str, Any]) -> None:
    cache = template["Resources"]["PageCache"]["Properties"]["CachePolicyConfig"]
    passed = cache["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]["QueryStrings"]
    known = {name for address in PageAddress.__subclasses__() for name in address.model_fields}
    assert sorted(known) == passed


def test_a_picture_shows_as_soon_as_it_is_public(distribution: dict[str, Any]) -> None:
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution["CustomErrorResponses"]}
    assert kept[403] == kept[404] == 0
    assert max(kept.values()) <= 1
    # Those that CloudFront would otherwise keep ten seconds.
    assert set(kept) == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert not [each for each in distribution["CustomErrorResponses"] if "ResponsePagePath" in each]


def test_what_is_held_back_needs_a_signature(template: dict[str, Any], distribution: dict[str, Any]) -> None:
    held = [each for each in distribution["CacheBehaviors"] if "Fn::If" in each]
    assert [each["Fn::If"][0] for each in held] == ["HasSigner"]
    assert held[0]["Fn::If"][1]["TrustedKeyGroups"] == [{"Ref": "Signers"}]
    assert template["Resources"]["Signers"]["Condition"] == "HasSigner"
    assert custom(template, "HeldHeaders")["Cache-Control"] == "private, no-store"


def test_the_firewall(template: dict[str, Any], distribution: dict[str, Any]) -> None:
    acl = template["Resources"]["WebAcl"]
    assert (acl["Condition"], acl["Properties"]["Scope"]) == ("HasWaf", "CLOUDFRONT")
    assert distribution["WebACLId"]["Fn::If"][0] == "HasWaf"
    rules = [each["Fn::If"][1] if "Fn::If" in each else each for each in acl["Properties"]["Rules"]]
    assert all(first["Priority"] < second["Priority"] for first, second in pairwise(rules))
    groups = [
        each["Statement"]["ManagedRuleGroupStatement"]["Name"]
        for each in rules
        if "ManagedRuleGroupStatement" in each["Statement"]
    ]
    assert groups == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesBotControlRuleSet",
    ]
    limits = [each for each in rules if "RateBasedStatement" in each["Statement"]]
    assert len(limits) == 2
    for each in limits:
        response = each["Action"]["Block"]["CustomResponse"]
        sent = {header["Name"]: header["Value"] for header in response["ResponseHeaders"]}
        assert response["ResponseCode"] == 429
        assert sent["X-Robots-Tag"] == media_headers(BASE_URL)["X-Robots-Tag"]


def matches(node: Any) -> Iterator[dict[str, Any]]:
    """Find whatever looks at a path, however deep in a rule it stands."""
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from matches(each)
    if isinstance(node, dict) and "UriPath" in node.get("FieldToMatch", {}):
        yield node


def test_every_rule_about_a_path_decodes_it_first(template: dict[str, Any]) -> None:
    # The firewall gets the path as sent, and applies what it is told to in this order.
    found = list(matches(template["Resources"]["WebAcl"]["Properties"]["Rules"]))
    api, pictures, bots = (each["RegexString"] for each in found)
    reaching = (
        "/v1/a",
        "/@ada",
        "/@ada/feed.atom",
        "/posts/a",
        "/jobs/a",
        "/studios/a",
        "/oembed",
        "/sitemap.xml",
        "/",
        "/style.css",
        "/x/v1/a",
    )
    assert [path for path in reaching if re.search(api, path)] == list(reaching[:8]), "what reaches the API"
    assert {name for name in (*PREFIXES, "held", "v1", "xmedia") if re.search(pictures, f"/{name}/a")} == set(PREFIXES)
    paths = ["/v1/a", *(f"/{name}/a" for name in PREFIXES), "/opening", "/", "/robots.txts", *DECLARATIONS]
    exempt = {path for path in paths if re.search(bots, path)}
    assert exempt == {"/v1/a", "/open/a", *DECLARATIONS}, "robots.txt lets crawlers for AI into /open/"
    for each in found:
        steps = sorted(each["TextTransformations"], key=lambda step: cast("int", step["Priority"]))
        assert [step["Priority"] for step in steps] == [0, 1]
        assert [step["Type"] for step in steps] == ["URL_DECODE", "NORMALIZE_PATH"]


def test_buckets_are_private_and_read_by_this_distribution_alone(template: dict[str, Any]) -> None:
    for name, each in template["Resources"].items():
        if each["Type"] == "AWS::S3::Bucket":
            assert set(each["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}, name
    statements = template["Resources"]["WebPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert {each["Action"] for each in allowed} == {"s3:GetObject", "s3:ListBucket"}
    for each in allowed:
        assert each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert "${Distribution}" in each["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]


def test_logs_hold_no_secret(template: dict[str, Any]) -> None:
    fields = template["Resources"]["LogDelivery"]["Properties"]["RecordFields"]
    assert not {"cs(Cookie)", "cs-uri-query"} & set(fields)
