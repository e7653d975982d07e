"""Draws what is deployed, and who may do what, into docs/architecture.md, between the markers there.

    .venv/bin/python tools/architecture.py            write it
    .venv/bin/python tools/architecture.py --check    exit code 1 if it is not up to date

What is deployed is read by tools/architecture_model.py, and nothing else is drawn. What has no line to anything else is
left out of the drawing.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(ROOT))

from tools.architecture_model import (  # noqa: E402
    CLOCK,
    PEOPLE,
    SHAPES,
    STACKS,
    ArchitectureError,
    Deployed,
    read,
)

DOCUMENT = ROOT / "docs" / "architecture.md"
type Line = tuple[str, str, str]

TITLES = {
    "edge": "edge: infra/edge.yaml, us-east-1",
    "functions": "functions: chalice deploy",
    "base": "base: infra/base.yaml",
    "bindings": "bindings: infra/bindings.yaml",
    "budget": "budget: infra/budget.yaml, us-east-1",
}


def drawing(deployed: Deployed) -> str:
    """Return the flowchart, in Mermaid's language. Lines of policies are dotted."""
    dotted = list(_policy_lines(deployed))
    together = _alike(deployed, dotted)
    drawn = {end for start, stop, _ in [*deployed.lines, *dotted] for end in (start, stop)}
    _refuse_loose_ends(deployed, drawn)
    text = ["```mermaid", "flowchart LR", f'  {PEOPLE}(("people"))', f'  {CLOCK}(("clock"))']
    for stack in STACKS:
        text.append(f'  subgraph {stack} ["{TITLES[stack]}"]')
        for name, (kind, label) in deployed.nodes[stack].items():
            if name in drawn and together.get(name, name) == name:
                others = [deployed.nodes[stack][each][1] for each, first in together.items() if first == name != each]
                labels = [each.partition("<br/>")[0] for each in [label, *others]]
                text.append(f"    {_id(name)}{SHAPES[kind].format('<br/>'.join([*labels, *label.split('<br/>')[1:]]))}")
        text.append("  end")
    text += [f'  {_id(start)} -->|"{label}"| {_id(stop)}' for start, stop, label in deployed.lines]
    merged = dict.fromkeys((start, together.get(stop, stop), label) for start, stop, label in dotted)
    text += [f'  {_id(start)} -.->|"{label}"| {_id(stop)}' for start, stop, label in merged]
    return "\n".join([*text, "```"])


def access_table(deployed: Deployed) -> str:
    """Return what each function may do with each resource, as a table."""
    functions = list(dict.fromkeys(name.split(".")[1] for name in deployed.nodes["functions"] if "gateway" not in name))
    resources = list(dict.fromkeys(resource for _, resource in deployed.access))
    rows = [["", *(f"`{name}`" for name in functions)], ["---"] * (len(functions) + 1)]
    for resource in sorted(resources):
        cells = [_cell(deployed.access.get((function, resource), set())) for function in functions]
        rows.append([f"`{resource}`", *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def updated(text: str, deployed: Deployed) -> str:
    """Return the document with what is generated in it renewed. Raises ArchitectureError if it lacks a marker."""
    for name, content in (("drawing", drawing(deployed)), ("access", access_table(deployed))):
        begin, end = f"<!-- {name}: written by tools/architecture.py -->\n", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ArchitectureError(f"{DOCUMENT.name} must have the markers of {name} once")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{content}\n\n{end}{rest.partition(end)[2]}"
    return text


def main(arguments: list[str] | None = None, document: Path = DOCUMENT) -> int:
    """Write or check the document and return the exit code."""
    parser = argparse.ArgumentParser(description="Draw what is deployed into docs/architecture.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if it is not up to date")
    options = parser.parse_args(arguments)
    text = document.read_text(encoding="utf-8")
    try:
        wanted = updated(text, read())
    except ArchitectureError as error:
        print(f"architecture: {error}", file=sys.stderr)
        return 1
    if options.check:
        if text != wanted:
            print(f"{document.name} does not show what is deployed: run tools/architecture.py", file=sys.stderr)
        return int(text != wanted)
    if text != wanted:
        document.write_text(wanted, encoding="utf-8")
    return 0


def _policy_lines(deployed: Deployed) -> Iterator[Line]:
    """Give a line for each resource that a function may touch, unless it is drawn and a line brings it already."""
    known = {(stop, start) for start, stop, _ in deployed.lines}
    for (function, resource), allowed in deployed.access.items():
        ends = (f"functions.{function}", f"base.{resource}")
        if ends[1] in deployed.nodes["base"] and ends not in known:
            kinds = {kind for kind, _ in allowed}
            yield *ends, ", ".join(kind for kind in ("lists", "reads", "writes") if kind in kinds)


def _alike(deployed: Deployed, dotted: list[Line]) -> dict[str, str]:
    """Return, for each table, the first one that the same functions may use in the same way: they are drawn as one."""
    first: dict[frozenset[tuple[str, str]], str] = {}
    found = {}
    for name, (kind, _) in deployed.nodes["base"].items():
        if kind == "AWS::DynamoDB::Table":
            used = frozenset((start, label) for start, stop, label in dotted if stop == name)
            found[name] = first.setdefault(used, name)
    return found


def _cell(allowed: set[tuple[str, str]]) -> str:
    """Return what is allowed, a verb and its objects; a verb alone is about the whole resource."""
    parts: dict[str, list[str]] = {}
    for kind, part in sorted(allowed):
        parts.setdefault(kind, []).append(part)
    said = []
    for kind, named in parts.items():
        objects = ", ".join(f"`{part}`" for part in named if part)
        said.append(f"{kind} items, {objects}" if objects and "" in named else f"{kind} {objects}".strip())
    return "; ".join(said) or "-"


def _refuse_loose_ends(deployed: Deployed, drawn: set[str]) -> None:
    """Raise ArchitectureError for a line to or from something that is not deployed."""
    loose = drawn - {PEOPLE, CLOCK} - {name for nodes in deployed.nodes.values() for name in nodes}
    if loose:
        raise ArchitectureError(f"a line to {min(loose)}, which is not deployed")


def _id(name: str) -> str:
    return name.replace(".", "_")


if __name__ == "__main__":
    sys.exit(main())
