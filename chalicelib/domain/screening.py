"""What a picture says of itself about AI: plain values, shared by imaging, services, repositories and schemas.

Only what is declared is recognised. Nothing found claims nothing, and every text can be forged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["none", "hint", "edited", "generated"]
"""Nothing was found; a weak sign; parts were made by AI; the whole was made by AI."""

STRENGTH: dict[Verdict, int] = {"none": 0, "hint": 1, "edited": 2, "generated": 3}
"""How strong a verdict is."""

MAX_VALUE = 200
"""Characters of a value that are kept as evidence: enough to recognise a prompt by."""

MAX_EVIDENCE = 20
"""Findings that are kept, the strongest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One declaration that was found.

    Attributes:
        signal: which, such as ``iptc:DigitalSourceType`` or ``automatic1111``.
        where: where it stands in the file, such as ``PNG tEXt parameters``.
        value: what stands there: one printable line of at most MAX_VALUE characters.
    """

    signal: str
    where: str
    value: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.signal} in {self.where}: {self.value}" if self.value else f"{self.signal} in {self.where}"


@dataclass(frozen=True, slots=True)
class Screening:
    """What a picture declares: the strongest verdict, and all evidence, the strongest first."""

    verdict: Verdict = "none"
    evidence: tuple[Evidence, ...] = ()


NOTHING = Screening()
"""Nothing was found, which claims nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of evidence and what it alone would mean."""

    verdict: Verdict
    evidence: Evidence


def finding(verdict: Verdict, signal: str, where: str, value: str) -> Finding:
    """Return a finding whose texts are fit to be stored and shown, whatever the file holds."""
    return Finding(verdict, Evidence(signal, shown(where, 100), shown(value)))


def shown(text: str, most: int = MAX_VALUE) -> str:
    """Return a text as one printable line, cut to so many characters."""
    head = text[: 4 * most]
    line = " ".join("".join(char if char.isprintable() else " " for char in head).split())
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"


def conclude(findings: Iterable[Finding]) -> Screening:
    """Return the strongest verdict and all evidence: the strongest first, else as it was found, each once."""
    ordered = sorted(findings, key=lambda each: -STRENGTH[each.verdict])
    if not ordered:
        return NOTHING
    evidence = tuple(dict.fromkeys(each.evidence for each in ordered))
    return Screening(ordered[0].verdict, evidence[:MAX_EVIDENCE])
