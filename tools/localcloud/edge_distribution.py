"""The distribution of infra/edge.yaml: which path leads to which origin, and which headers its answers get.

Left out is what there is no use for here: caches and their keys, compression, TLS and the redirect to it, the firewall.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tools.edge_agents import EdgeError
from tools.localcloud.edge_template import URL_SUFFIX, Template
from tools.localcloud.messages import Answer, Request


@dataclass(frozen=True, slots=True)
class PolicyHeader:
    """A header of a response-headers policy.

    Attributes:
        override: whether it takes the place of the origin's own; if not, the origin's own stays.
        cors: whether it belongs only to answers to requests with an Origin.
    """

    name: str
    value: str
    override: bool
    cors: bool = False


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How requests of one path pattern are treated.

    Attributes:
        pattern: as in the template, `*` for the default behaviour.
        origin: the id of the origin.
        methods: those that get through.
        headers: those of the response-headers policy.
        signers: public keys (PEM) that addresses must be signed by, by their ids; None where nothing is signed.
    """

    pattern: str
    origin: str
    methods: frozenset[str]
    headers: tuple[PolicyHeader, ...]
    signers: Mapping[str, str] | None = None

    def decorate(self, request: Request, answer: Answer) -> None:
        """Bring the headers of the origin's answer in line with the policy."""
        for header in self.headers:
            if header.cors and "origin" not in request.headers:
                continue
            name = header.name.lower()
            others = [each for each in answer.headers if each[0].lower() != name]
            if header.override or len(others) == len(answer.headers):
                answer.headers = [*others, (header.name, header.value)]


class Distribution:
    """All behaviours."""

    def __init__(self, behaviours: list[Behaviour]) -> None:
        """Take the behaviours in the order of the template, the default one last."""
        self.behaviours = behaviours
        self._patterns = [(_compiled(each.pattern), each) for each in behaviours]

    def behaviour(self, path: str) -> Behaviour:
        """Return the behaviour for `path`, as sent."""
        normal = _normal(path)
        return next(each for pattern, each in self._patterns if pattern.fullmatch(normal))


def read_distribution(template: Template, endpoint: str) -> Distribution:
    """Return the distribution that `template` declares.

    `endpoint` is where the emulated AWS answers: it takes the place of AWS's hosts in content security policies. Raises
    EdgeError for what the stand-in would not do as CloudFront does.
    """
    config = template.properties("Distribution")["DistributionConfig"]
    declared = [*config["CacheBehaviors"], {**config["DefaultCacheBehavior"], "PathPattern": "*"}]
    return Distribution([_behaviour(template, each, endpoint) for each in declared])


def _behaviour(template: Template, declared: Mapping[str, Any], endpoint: str) -> Behaviour:
    pattern = declared["PathPattern"]
    if [each["EventType"] for each in declared["FunctionAssociations"]] != ["viewer-request"]:
        raise EdgeError(f"{pattern}: every behaviour has the one function, for viewer requests")
    policy = template.properties(declared["ResponseHeadersPolicyId"])["ResponseHeadersPolicyConfig"]
    headers = tuple(_headers(policy, endpoint))
    methods = frozenset(declared["AllowedMethods"])
    if "OPTIONS" in methods and any(each.cors for each in headers):
        raise EdgeError(f"{pattern}: preflight requests are not answered here")
    return Behaviour(pattern, declared["TargetOriginId"], methods, headers, _signers(template, declared))


def _signers(template: Template, declared: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the public keys of a behaviour's key groups, by what CloudFront calls them: here, their resources."""
    if "TrustedKeyGroups" not in declared:
        return None
    groups = (template.properties(name)["KeyGroupConfig"]["Items"] for name in declared["TrustedKeyGroups"])
    keys = {key for items in groups for key in items}
    return {key: str(template.properties(key)["PublicKeyConfig"]["EncodedKey"]) for key in keys}


def _headers(policy: Mapping[str, Any], endpoint: str) -> Iterator[PolicyHeader]:
    unknown = set(policy) - {"Name", "Comment", "CustomHeadersConfig", "SecurityHeadersConfig", "CorsConfig"}
    if unknown:
        raise EdgeError(f"{policy['Name']}: {', '.join(sorted(unknown))} is not done here")
    for each in policy.get("CustomHeadersConfig", {}).get("Items", []):
        yield PolicyHeader(each["Header"], each["Value"], each["Override"])
    for name, setting in policy.get("SecurityHeadersConfig", {}).items():
        header = _security_header(name, setting, endpoint)
        if header:
            yield PolicyHeader(*header, setting["Override"])
    cors = policy.get("CorsConfig")
    if cors:
        if cors["AccessControlAllowOrigins"]["Items"] != ["*"] or cors["AccessControlAllowCredentials"]:
            raise EdgeError(f"{policy['Name']}: CORS is understood for everybody without credentials")
        yield PolicyHeader("Access-Control-Allow-Origin", "*", cors["OriginOverride"], cors=True)


def _security_header(name: str, setting: Mapping[str, Any], endpoint: str) -> tuple[str, str] | None:
    match name:
        case "ContentTypeOptions":
            return "X-Content-Type-Options", "nosniff"
        case "FrameOptions":
            return "X-Frame-Options", setting["FrameOption"]
        case "ReferrerPolicy":
            return "Referrer-Policy", setting["ReferrerPolicy"]
        case "ContentSecurityPolicy":
            return "Content-Security-Policy", _local_hosts(setting["ContentSecurityPolicy"], endpoint)
        case "StrictTransportSecurity":
            # Browsers ignore it on plain HTTP, which is all there is here; over TLS it would lock them out of every
            # other server on this name.
            return None
    raise EdgeError(f"{name} is not done here")


def _local_hosts(policy: str, endpoint: str) -> str:
    """Put `endpoint` once in the place of AWS's hosts in each directive."""
    host = re.compile(rf"https://[^/\s]+\.{re.escape(URL_SUFFIX)}")
    directives = ([host.sub(endpoint, source) for source in each.split()] for each in policy.split(";"))
    return "; ".join(" ".join(dict.fromkeys(sources)) for sources in directives if sources)


def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    return re.compile(re.escape(anchored).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


_UNRESERVED = re.compile(r"%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)", re.IGNORECASE)


def _normal(path: str) -> str:
    """Return the path that patterns are compared with: RFC 3986's normal form, and one slash where there are many.

    Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
    """
    unreserved = _UNRESERVED.sub(lambda found: unquote(found[0]), path)
    parts: list[str] = []
    sent = re.split("/+", unreserved)[1:]
    for part in sent:
        if part == "..":
            parts[-1:] = []
        elif part != ".":
            parts.append(part)
    if sent[-1:] in ([".."], ["."]):
        parts.append("")
    return "/" + "/".join(parts)
