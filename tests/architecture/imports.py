"""Reads what modules import, by their source: what stands in functions and under ``TYPE_CHECKING`` counts as well."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "chalicelib"


@dataclass(frozen=True)
class Import:
    """One import: of a module, and of a name of it; ``lazy`` is within a function or for type checkers alone."""

    module: str
    name: str = ""
    lazy: bool = False

    @property
    def full(self) -> str:
        """The module, with the name where that is taken from the package itself."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def within(self, prefixes: Iterable[str]) -> bool:
        """Whether it is one of some modules or lies below one of them."""
        return any(self.full == each or self.full.startswith(f"{each}.") for each in prefixes)


def imports_of(source: str) -> list[Import]:
    """Return every import of a module."""
    return list(_walk(ast.parse(source), lazy=False))


def _walk(node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, lazy=lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            if child.level:
                raise AssertionError("imports are absolute here")
            yield from (Import(child.module or "", alias.name, lazy) for alias in child.names)
        else:
            functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
            for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            yield from _walk(child, lazy=lazy or isinstance(child, functions) or for_types)


def is_own(found: Import) -> bool:
    """Whether an import is of this project."""
    return found.within((PACKAGE, "app", "tools", "tests"))


def is_standard(found: Import) -> bool:
    """Whether an import is of Python itself."""
    return found.module.split(".")[0] in sys.stdlib_module_names


def modules() -> dict[str, str]:
    """Return the source of each module of the application by its dotted name."""
    paths = [ROOT / "app.py", *sorted((ROOT / PACKAGE).rglob("*.py"))]
    return {_name(path): path.read_text(encoding="utf-8") for path in paths}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
