"""Dependencies point one way: app → handlers, triggers → services → domain; see docs and the design."""

import ast
from dataclasses import dataclass

import pytest

from tests.architecture.imports import PACKAGE, Import, imports_of, is_own, is_standard, modules


@dataclass(frozen=True)
class Layer:
    """What the modules of a layer may import of ours, and of others; ``lazy`` only within functions."""

    own: tuple[str, ...]
    others: tuple[str, ...] = ()
    lazy: tuple[str, ...] = ()


def ours(*names: str) -> tuple[str, ...]:
    return tuple(f"{PACKAGE}.{name}" for name in names)


VERSION = ours("__version__")
DOMAIN = ours("domain")

LAYERS: dict[str, Layer] = {
    "app": Layer(ours("handlers", "triggers", "http", "observability", "settings")),
    "chalicelib.archives": Layer(DOMAIN + ours("storage")),
    "chalicelib.composition": Layer(
        ours("composition", "settings"),
        lazy=DOMAIN
        + ours(
            "archives",
            "documents",
            "imaging",
            "links",
            "mail",
            "queues",
            "repositories",
            "services",
            "sign_ins",
            "signing",
            "storage",
        ),
    ),
    "chalicelib.documents": Layer(DOMAIN + ours("storage"), lazy=("botocore",)),
    "chalicelib.domain": Layer(DOMAIN, ("ulid",)),
    "chalicelib.handlers": Layer(
        DOMAIN + VERSION + ours("composition", "handlers.showing", "http", "pages", "schemas", "services", "settings"),
        ("chalice",),
    ),
    "chalicelib.http": Layer(
        DOMAIN + VERSION + ours("http", "invocations", "schemas", "settings"),
        ("chalice", "pydantic", "jwt"),
        # the authorizer asks whether an account is suspended, cursors what they are closed with
        lazy=(*ours("composition"), "cryptography"),
    ),
    "chalicelib.imaging": Layer(
        DOMAIN + VERSION + ours("imaging"),
        ("PIL", "defusedxml", "numpy", "pi_heif"),
        lazy=("c2pa", "cryptography", "onnxruntime"),
    ),
    "chalicelib.invocations": Layer(DOMAIN + ours("settings")),
    "chalicelib.links": Layer(DOMAIN + ours("signing"), lazy=("botocore", "cryptography")),
    "chalicelib.mail": Layer(DOMAIN + ours("signing"), lazy=("boto3", "botocore")),
    "chalicelib.observability": Layer(DOMAIN, ("aws_lambda_powertools",)),
    "chalicelib.pages": Layer(DOMAIN + ours("pages"), lazy=("jinja2", "markdown_it", "markupsafe", "nh3")),
    "chalicelib.queues": Layer(DOMAIN, lazy=("boto3", "botocore", "mypy_boto3_sqs")),
    "chalicelib.repositories": Layer(
        DOMAIN + ours("repositories", "settings"),
        ("pynamodb", "pydantic"),
        lazy=("aws_lambda_powertools", "boto3", "botocore"),
    ),
    "chalicelib.schemas": Layer(DOMAIN + ours("schemas", "services"), ("pydantic",)),
    "chalicelib.services": Layer(DOMAIN + ours("services")),
    "chalicelib.settings": Layer(()),
    "chalicelib.sign_ins": Layer(DOMAIN, lazy=("boto3", "botocore", "mypy_boto3_cognito_idp")),
    "chalicelib.signing": Layer(DOMAIN, lazy=("boto3", "botocore", "cryptography")),
    "chalicelib.storage": Layer(DOMAIN, lazy=("boto3", "botocore", "mypy_boto3_s3")),
    "chalicelib.triggers": Layer(
        DOMAIN + ours("composition", "http", "invocations", "observability", "schemas", "services", "settings"),
        ("chalice",),
    ),
}


def layer_of(module: str) -> str | None:
    return next((name for name in LAYERS if module == name or module.startswith(f"{name}.")), None)


def allowed(found: Import, layer: Layer) -> bool:
    if found.lazy and found.within(layer.lazy):
        return True
    if is_own(found):
        return found.within(layer.own)
    return is_standard(found) or found.within(layer.others)


def violations(module: str, source: str) -> list[str]:
    """Return what a module imports and must not."""
    layer = layer_of(module)
    if layer is None:
        return [] if module == PACKAGE and not imports_of(source) else [f"{module} belongs to no layer"]
    return [f"{module} imports {found.full}" for found in imports_of(source) if not allowed(found, LAYERS[layer])]


def environment_reads(source: str) -> list[int]:
    """Return the lines that ask for environment variables."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and names & {alias.name for alias in node.names})
    ]


def more_than_composition(source: str) -> list[str]:
    """Return the statements of ``app.py`` that do more than put parts together."""
    kinds = (ast.ImportFrom, ast.Import, ast.Assign, ast.For)
    work = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.While, ast.Try)
    body = ast.parse(source).body[1:]  # after the docstring
    return [
        ast.unparse(statement)
        for statement in body
        if not isinstance(statement, kinds) or any(isinstance(node, work) for node in ast.walk(statement))
    ]


@pytest.mark.parametrize("module", modules())
def test_module_imports_what_its_layer_may(module: str) -> None:
    assert violations(module, modules()[module]) == []


def test_only_settings_read_the_environment() -> None:
    readers = {module for module, source in modules().items() if environment_reads(source)}
    assert readers == {"chalicelib.settings"}


def test_app_is_composition_alone() -> None:
    assert more_than_composition(modules()["app"]) == []


def test_every_layer_has_modules() -> None:
    assert {layer_of(module) for module in modules()} - {None} == set(LAYERS)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("chalicelib.domain.x", "import pydantic"),
        ("chalicelib.domain.x", "from chalicelib.services import media"),
        ("chalicelib.domain.x", "from chalicelib import settings"),
        ("chalicelib.services.x", "import boto3"),
        ("chalicelib.services.x", "from botocore.exceptions import ClientError"),
        ("chalicelib.services.x", "import chalice"),
        ("chalicelib.services.x", "import pynamodb"),
        ("chalicelib.services.x", "from PIL import Image"),
        ("chalicelib.services.x", "import pydantic"),
        ("chalicelib.services.x", "from chalicelib.repositories.media import MediaRepository"),
        ("chalicelib.services.x", "from chalicelib import storage"),
        ("chalicelib.services.x", "from chalicelib.imaging.protect import protect"),
        ("chalicelib.services.x", "from chalicelib.http import problems"),
        ("chalicelib.services.x", "from chalicelib.schemas.posts import PostBody"),
        ("chalicelib.services.x", "from chalicelib.handlers import posts"),
        ("chalicelib.services.x", "from chalicelib.settings import settings"),
        ("chalicelib.services.x", "def f():\n    from chalicelib.repositories import media"),
        ("chalicelib.services.x", "if TYPE_CHECKING:\n    from chalicelib.repositories import media"),
        ("chalicelib.repositories.x", "from chalicelib.services import media"),
        ("chalicelib.repositories.x", "from chalicelib.storage import Originals"),
        ("chalicelib.repositories.x", "import boto3"),
        ("chalicelib.repositories.x", "from aws_lambda_powertools.utilities import idempotency"),
        ("chalicelib.handlers.x", "import pynamodb"),
        ("chalicelib.handlers.x", "from chalicelib.repositories.media import MediaRepository"),
        ("chalicelib.handlers.x", "from chalicelib.storage import Originals"),
        ("chalicelib.triggers.x", "from chalicelib.repositories.idempotency import run_once"),
        ("chalicelib.triggers.x", "from chalicelib.imaging import protect"),
        ("chalicelib.schemas.x", "from chalicelib.http import problems"),
        ("chalicelib.schemas.x", "import chalice"),
        ("chalicelib.http.x", "import boto3"),
        ("chalicelib.http.x", "from chalicelib.services import posts"),
        ("chalicelib.imaging.x", "from chalicelib.settings import settings"),
        ("chalicelib.imaging.x", "import boto3"),
        ("chalicelib.imaging.x", "import requests"),
        ("chalicelib.storage", "import boto3"),
        ("chalicelib.storage", "from chalicelib.services import media"),
        ("chalicelib.composition", "from chalicelib.imaging.protect import protect"),
        ("chalicelib.composition", "from chalicelib.handlers import posts"),
        ("chalicelib.settings", "import boto3"),
        ("app", "from chalicelib.services.posts import PostService"),
        ("app", "from PIL import Image"),
        ("chalicelib", "import os"),
        ("chalicelib.pages.x", "from chalicelib.settings import settings"),
        ("chalicelib.elsewhere.x", "import os"),
    ],
)
def test_violation_is_found(module: str, line: str) -> None:
    assert violations(module, line)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("chalicelib.composition", "def f():\n    from chalicelib.imaging.protect import protect"),
        ("chalicelib.storage", "def f():\n    import boto3"),
        ("chalicelib.handlers.x", "from chalicelib.composition import run_once"),
        ("chalicelib.services.x", "import hashlib\nfrom chalicelib.domain import clock"),
        ("chalicelib.imaging.x", "from PIL import Image"),
    ],
)
def test_what_is_allowed_is_not_found(module: str, line: str) -> None:
    assert violations(module, line) == []


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ", "import os as o\no.environ"],
)
def test_reading_the_environment_is_found(source: str) -> None:
    assert environment_reads(source)


@pytest.mark.parametrize(
    "statement", ["def f(): ...", "class C: ...", "app.run()", "x = lambda: 1", "if x:\n    y = 1"]
)
def test_more_than_composition_is_found(statement: str) -> None:
    assert more_than_composition(f'"""Doc."""\n{statement}\n')
