"""Readers of what the origin tells machines, written from the specifications' own words and from none of our code.

Each says of an address whether AI may be trained on it and whether search engines may index it: yes, no, or nothing.
"""

import json
import re
import urllib.robotparser
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import c2pa
import protego


@dataclass(frozen=True)
class Said:
    """What one form says; None where it says nothing."""

    train: bool | None = None
    search: bool | None = None


_WORDS = {"y": True, "yes": True, "n": False, "no": False}


def _dictionary(text: str) -> dict[str, bool | None]:
    """Read ``a=y, b=n`` (AIPREF) or ``a=yes, b=no`` (content signals)."""
    pairs = (part.strip().partition("=") for part in text.split(","))
    return {name: _WORDS.get(value) for name, _, value in pairs}


# ---------------------------------------------------------------------- headers


def x_robots_tag(value: str | None) -> Said:
    """Read DeviantArt's words, and those of search engines."""
    words = {word.strip() for word in (value or "").split(",")}
    return Said(False if {"noai", "noimageai"} <= words else None, False if "noindex" in words else None)


def content_usage(value: str) -> Said:
    """Read AIPREF's header: draft-ietf-aipref-attach."""
    found = _dictionary(value)
    return Said(found.get("train-ai"), found.get("search"))


# ---------------------------------------------------------------------- paths as RFC 9309, 2.2.2 and 2.2.3


def fits(pattern: str, path: str) -> bool:
    """Whether a path pattern fits: a prefix, in which * stands for anything and $ for the end."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\$", "$")
    return re.match(expression, path) is not None


def longest[T](rules: Mapping[str, T], path: str) -> T | None:
    """Return what the longest pattern that fits says."""
    found = [pattern for pattern in rules if fits(pattern, path)]
    return rules[max(found, key=len)] if found else None


# ---------------------------------------------------------------------- robots.txt


@cache
def _parsed(text: str) -> tuple[urllib.robotparser.RobotFileParser, protego.Protego]:
    python = urllib.robotparser.RobotFileParser()
    python.parse(text.splitlines())
    return python, protego.Protego.parse(text)


def may_fetch(text: str, agent: str, path: str) -> bool:
    """Ask Scrapy's reader and Python's own, which must agree."""
    url = f"https://cara.test{path}"
    python, scrapy = _parsed(text)
    answers = {python.can_fetch(agent, url), scrapy.can_fetch(url, agent)}
    assert len(answers) == 1, f"{agent} {path}: the readers do not agree"
    return answers.pop()


def _group(text: str, agent: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of the lines for an agent, or of those for everybody."""
    groups: dict[str, list[tuple[str, str]]] = {}
    names: list[str] = []
    for line in text.splitlines():
        name, colon, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        if not colon:
            continue
        if name.lower() == "user-agent":
            names = [*(names if not any(groups.get(each) for each in names) else []), value.lower()]
            groups.setdefault(value.lower(), [])
        elif name.lower() not in {"license", "sitemap"}:
            for each in names:
                groups[each].append((name.lower(), value))
    yield from groups.get(agent.lower(), groups.get("*", []))


def _scoped(text: str, agent: str, name: str, path: str) -> dict[str, bool | None]:
    rules = {}
    for key, value in _group(text, agent):
        if key == name:
            scope, _, words = value.rpartition("/ ") if value.startswith("/") else ("", "", value)
            rules[f"{scope}/"] = _dictionary(words)
    return longest(rules, path) or {}


def content_signal(text: str, agent: str, path: str) -> Said:
    """Read Cloudflare's line: https://contentsignals.org."""
    found = _scoped(text, agent, "content-signal", path)
    assert found.get("ai-input") == found.get("ai-train")
    return Said(found.get("ai-train"), found.get("search"))


def robots_usage(text: str, agent: str, path: str) -> Said:
    """Read AIPREF's line of robots.txt."""
    found = _scoped(text, agent, "content-usage", path)
    return Said(found.get("train-ai"), found.get("search"))


# ---------------------------------------------------------------------- W3C TDM Reservation Protocol

_RESERVED = {1: False, 0: True, "1": False, "0": True}


def tdm(well_known: str, headers: Mapping[str, str], path: str) -> tuple[Said, str | None]:
    """Return what is said of mining, and the policy: the header's word before the file's, its first entry that fits."""
    if headers.get("tdm-reservation") in _RESERVED:
        return Said(_RESERVED[headers["tdm-reservation"]]), headers.get("tdm-policy")
    for entry in json.loads(well_known):
        if fits(entry["location"], path):
            said = Said(_RESERVED.get(entry["tdm-reservation"]))
            return said, entry.get("tdm-policy") if said.train is False else None
    return Said(), None


def tdm_policy_faults(text: str, url: str) -> list[str]:
    """Return where a policy is not as the report's section on policies wants it."""
    policy: dict[str, Any] = json.loads(text)
    assigner = policy.get("assigner", {})
    contacts = {"vcard:hasEmail": r"mailto:\S+@\S+", "vcard:hasTelephone": r"tel:\S+", "vcard:hasURL": r"https?://\S+"}
    checks = {
        "context": policy.get("@context", [None])[0] == "http://www.w3.org/ns/odrl.jsonld",
        "term": policy.get("@context", [{}])[-1].get("tdm") == "http://www.w3.org/ns/tdmrep#",
        "type": policy.get("@type") in {"Set", "Offer"},
        "profile": policy.get("profile") == "http://www.w3.org/ns/tdmrep",
        "uid": policy.get("uid") == url,
        "assigner": bool(assigner.get("uid")) and bool(assigner.get("vcard:fn")),
        "contact": any(re.fullmatch(pattern, assigner.get(name, "")) for name, pattern in contacts.items()),
        "permission": bool(policy.get("permission")),
        "mine": all(each.get("action") == "tdm:mine" and each.get("target") for each in policy.get("permission", [])),
        "duty": all(
            duty.get("action") in {"obtainConsent", "compensate"}
            for each in policy.get("permission", [])
            for duty in each.get("duty", [])
        ),
    }
    return [name for name, holds in checks.items() if not holds]


# ---------------------------------------------------------------------- RSL 1.0

_RSL = "{https://rslstandard.org/rsl}"
_CONTENT = {"license", "schema", "copyright", "terms", "alternate"}
_LICENSE = {"permits", "prohibits", "payment", "legal"}
_USES = {
    "all": {"train", "search"},
    "ai-all": {"train"},
    "ai-train": {"train"},
    "ai-input": set(),
    "ai-index": set(),
    "search": {"search"},
}


def rsl_faults(text: str) -> list[str]:
    """Return where a document is not of the specification's structure and vocabulary."""
    root = ET.fromstring(text.encode())
    if root.tag != f"{_RSL}rsl" or not len(root):
        return ["root"]
    faults = [f"{each.tag} in rsl" for each in root if each.tag != f"{_RSL}content"]
    urls = [each.get("url", "") for each in root]
    if len(set(urls)) < len(urls) or not all(re.match(r"/|https?://", url) for url in urls):
        faults.append("urls must be there, each of its own")
    for content in root:
        faults += [f"{each.tag} in content" for each in content if each.tag.removeprefix(_RSL) not in _CONTENT]
        if content.find(f"{_RSL}license") is None:
            faults.append("a content without a license")
        for part in content.iterfind(f"{_RSL}license/*"):
            name = part.tag.removeprefix(_RSL)
            if name not in _LICENSE:
                faults.append(f"{part.tag} in license")
            elif name in {"permits", "prohibits"}:
                faults += _term_faults(part)
        for owner in content.iterfind(f"{_RSL}copyright"):
            known = set(owner.attrib) <= {"type", "contactEmail", "contactUrl"}
            if not known or owner.get("type") not in {None, "person", "organization"}:
                faults.append("copyright")
    return faults


def _term_faults(part: ET.Element) -> list[str]:
    if part.get("type") != "usage":
        return [] if part.get("type") in {"user", "geo"} else ["a term without a type"]
    words = re.split(r"[,\s]+", (part.text or "").strip())
    return [f"{word} is no usage" for word in words if word not in _USES]


def rsl(text: str, path: str) -> Said:
    """Return what the licence for a path says: that of the longest url that fits; prohibitions count more."""
    root = ET.fromstring(text.encode())
    content = longest({each.get("url", ""): each for each in root}, path)
    found: dict[str, bool] = {}
    for name, allowed in (("permits", True), ("prohibits", False)):
        for part in content.iterfind(f"{_RSL}license/{_RSL}{name}") if content is not None else ():
            for word in re.split(r"[,\s]+", part.text or ""):
                found |= dict.fromkeys(_USES[word], allowed)
    return Said(found.get("train"), found.get("search"))


# ---------------------------------------------------------------------- IPTC/PLUS

_PLUS = {
    "DMI-PROHIBITED": Said(train=False, search=False),
    "DMI-PROHIBITED-AIMLTRAINING": Said(train=False),
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": Said(train=False, search=True),
    "DMI-ALLOWED": Said(train=True, search=True),
}


def plus(file: bytes) -> Said:
    """Read plus:DataMining of a file's XMP."""
    [found] = set(re.findall(rb"http://ns\.useplus\.org/ldf/vocab/(DMI-[A-Z-]+)", file))
    return _PLUS[found.decode()]


# ---------------------------------------------------------------------- Content Credentials


def credentials(file: bytes) -> Said:
    """Read CAWG's assertion on training and data mining, and its elder twin of C2PA 1: they must agree."""
    store = json.loads(c2pa.Reader("image/jpeg", BytesIO(file)).json())
    found = store["manifests"][store["active_manifest"]]["assertions"]
    answers = set()
    for space in ("cawg", "c2pa"):
        [entries] = [each["data"]["entries"] for each in found if each["label"] == f"{space}.training-mining"]
        answers |= {entries[f"{space}.{name}"]["use"] for name in ("ai_training", "ai_generative_training")}
    [answer] = answers
    return Said(answer == "allowed")
