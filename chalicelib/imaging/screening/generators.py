"""Declarations that generators write as texts: their own parameters, names and signatures."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.domain.screening import Finding, finding
from chalicelib.imaging.screening import gb45438
from chalicelib.imaging.screening.fields import Field

MAX_JSON = 512 * 1024
"""Characters of JSON that are parsed; larger ones are recognised by how they begin and what is in them."""

_STEPS = "Steps: "
_STEPS_LINE = re.compile(r"Steps: \d{1,4}, ([^\n]{0,4000})")
_PARAMETERS = ("Sampler: ", "CFG scale: ", "Seed: ", "Size: ", "Model hash: ", "Model: ")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_JOB = re.compile(rf"\bJob ID: {_UUID}\s*$")
_SIGNATURE = re.compile(r"Signature: [A-Za-z0-9+/_-]{64,2000}={0,2}\s*")
_ARTIST = re.compile(_UUID)
_DREAM = re.compile(r"-s ?\d{1,4}\b.{0,2000}?-[SWC] ?\d")
_INVOKE_JSON = frozenset({"invokeai_metadata", "invokeai_workflow", "invokeai_graph", "sd-metadata"})
_TAIL = 200

type Rule = Callable[[Field], Iterator[Finding]]


def recognise(fields: list[Field]) -> Iterator[Finding]:
    """Yield what the texts of one picture declare, rule by rule within the order of the texts."""
    for each in fields:
        for rule in _RULES:
            yield from rule(each)
    yield from _grok(fields)


def _automatic1111(found: Field) -> Iterator[Finding]:
    """A line ``Steps: N, Sampler: …``, below the prompt or alone; forks of it order the rest differently."""
    if found.role != "comment":
        return
    at = found.value.find(_STEPS)
    while at >= 0:
        match = _STEPS_LINE.match(found.value, at) if at == 0 or found.value[at - 1] == "\n" else None
        if match:
            known = [name for name in _PARAMETERS if name in match[1]]
            if "Sampler: " in known or len(known) > 1:
                yield finding("generated", "automatic1111", found.where, match[0])
                return
        at = found.value.find(_STEPS, at + 1)


def _comfyui(found: Field) -> Iterator[Finding]:
    """The graph that was run, ``prompt``; its drawing, ``workflow``, alone tells only that there was one."""
    name, value = found.name, found.value
    if found.role in {"make", "model", "description"}:  # EXIF of WebP: the name stands before the graph
        name, _, value = value[:9].partition(":")[0], None, value.partition(":")[2]
    if name == "prompt" or found.role == "comment":
        if _has_nodes(value):
            yield finding("generated", "comfyui", found.where, value)
    elif name == "workflow" and _is_drawing(value):
        yield finding("hint", "comfyui", found.where, value)


def _has_nodes(value: str) -> bool:
    graph = _object(value)
    if graph is None:
        return value.startswith("{") and len(value) > MAX_JSON and '"class_type"' in value and '"inputs"' in value
    return any(isinstance(node, dict) and "class_type" in node and "inputs" in node for node in graph.values())


def _is_drawing(value: str) -> bool:
    graph = _object(value)
    if graph is None:
        return value.startswith("{") and len(value) > MAX_JSON and '"nodes"' in value and '"links"' in value
    return isinstance(graph.get("nodes"), list) and "links" in graph


def _invokeai(found: Field) -> Iterator[Finding]:
    if found.name in _INVOKE_JSON:
        if _object(found.value) or (found.value.startswith("{") and len(found.value) > MAX_JSON):
            yield finding("generated", "invokeai", found.where, found.value)
    elif found.name == "Dream" and _DREAM.search(found.value[:4000]):
        yield finding("generated", "invokeai", found.where, found.value)


def _novelai(found: Field) -> Iterator[Finding]:
    named = (found.role == "software" and found.value == "NovelAI") or (
        found.role == "source" and found.value.startswith("NovelAI Diffusion")
    )
    if named or (found.role == "comment" and "signed_hash" in (_object(found.value) or {})):
        yield finding("generated", "novelai", found.where, found.value)


def _midjourney(found: Field) -> Iterator[Finding]:
    """The job's number at the end of the description; the word Midjourney itself may stand in anybody's caption."""
    if found.role == "description" and _JOB.search(found.value[-_TAIL:]):
        yield finding("generated", "midjourney", found.where, found.value)


def _flux(found: Field) -> Iterator[Finding]:
    software = found.role == "software" and found.value.lower().startswith("ai generated;")
    if software or (found.role == "make" and found.value == "Black Forest Labs"):
        yield finding("generated", "flux", found.where, found.value)


def _vendors(found: Field) -> Iterator[Finding]:
    """What Google's and Apple's programs say whole, as the credit or the program; no caption that mentions them."""
    if found.role not in {"credit", "software"}:
        return
    value = found.value.lower()
    if value == "made with google ai":
        yield finding("generated", "google", found.where, found.value)
    elif value == "edited with google ai":
        yield finding("edited", "google", found.where, found.value)
    elif value.startswith("apple image playground"):
        yield finding("generated", "apple", found.where, found.value)
    elif value.startswith("apple photos generative edit"):
        yield finding("edited", "apple", found.where, found.value)


def _gb45438(found: Field) -> Iterator[Finding]:
    if found.name == "AIGC" or (found.role == "comment" and found.value.startswith("{") and '"AIGC"' in found.value):
        yield from gb45438.label(found.value, found.where)


def _grok(fields: list[Field]) -> Iterator[Finding]:
    """Both of xAI's marks, the signature and a UUID for an artist: each alone may be somebody's own."""
    artist = next((each for each in fields if each.role == "artist" and _ARTIST.fullmatch(each.value.lower())), None)
    for each in fields:
        if artist and each.role == "description" and _SIGNATURE.fullmatch(each.value[:4000]):
            yield finding("generated", "grok", f"{each.where}, {artist.name}", f"{artist.value} {each.value}")
            return


_RULES: tuple[Rule, ...] = (
    _automatic1111,
    _comfyui,
    _invokeai,
    _novelai,
    _midjourney,
    _flux,
    _vendors,
    _gb45438,
)


def _object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that a text is; None for anything else, and for more than is parsed."""
    if not text.startswith("{") or len(text) > MAX_JSON:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
