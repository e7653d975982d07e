"""Fills the hand-written policies of infra/policies with the names that a stage's base stack gave out."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

POLICIES = Path(__file__).resolve().parent.parent / "infra" / "policies"

FUNCTIONS = ("api", "authorizer", "protect_image", "sweep", "follow_changes", "run_errands")
"""The functions that have a policy of their own, as Chalice names them."""


def render(name: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the policy document `name` (such as `api`, or `local/cdn`) for one stage.

    `outputs` are those of the base stack. Raises KeyError, naming it, when the policy asks for one that is missing.
    """
    text = (POLICIES / f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(Template(text).substitute(outputs))
    return document
