"""Health, configuration and the description."""

import jsonschema  # type: ignore[import-untyped]  # its stubs are no dependency of ours
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from app import app
from chalicelib import __version__
from tests.unit.http.api import Api, description


def test_health(api: Api) -> None:
    answer = api.ask("GET", "/v1/health")
    assert (answer.status, answer.json) == (200, {"status": "ok", "version": __version__})
    assert answer.headers["cache-control"] == "no-store"


def test_config(api: Api) -> None:
    answer = api.ask("GET", "/v1/config")
    assert answer.json["auth"] == {
        "issuer": "https://issuer.test/pool",
        "client_id": "the-client",
        "endpoint": "https://cognito.test",
    }
    assert answer.json["media_base_url"] == "https://media.cara.test"
    assert answer.json["limits"]["max_upload_bytes"] == 50 * 1024 * 1024
    assert "image/jpeg" in answer.json["limits"]["content_types"]
    assert {"mediums", "categories", "software", "content_warnings"} == set(answer.json["taxonomies"])
    assert answer.headers["cache-control"].startswith("public")


def test_description_is_valid_and_complete(api: Api) -> None:
    answer = api.ask("GET", "/v1/openapi.json")
    assert answer.json == description()
    validate(answer.json, cls=OpenAPIV31SpecValidator)
    registered = {(path, method.lower()) for path, methods in app.routes.items() for method in methods}
    described = {(path, method) for path, methods in answer.json["paths"].items() for method in methods}
    assert described == registered
    operations = [each for methods in answer.json["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert all(each["summary"] for each in operations)


@pytest.mark.parametrize("schema", description()["components"]["schemas"])
def test_schemas_are_valid(schema: str) -> None:
    jsonschema.Draft202012Validator.check_schema(description()["components"]["schemas"][schema])


def test_description_says_what_is_needed() -> None:
    create = description()["paths"]["/v1/posts"]["post"]
    assert {"400", "401", "409", "413", "415", "422"} <= set(create["responses"])
    assert [each["name"] for each in create["parameters"]] == ["Idempotency-Key"]
    change = description()["paths"]["/v1/posts/{post_id}"]["patch"]
    assert [each["name"] for each in change["parameters"]] == ["post_id", "If-Match"]
    listing = description()["paths"]["/v1/profiles/{handle}/posts"]["get"]
    assert [each["name"] for each in listing["parameters"]] == ["handle", "limit", "cursor", "portfolio", "ai"]


def test_every_route_that_remembers_answers_tells_of_a_request_in_flight() -> None:
    for methods in description()["paths"].values():
        for operation in methods.values():
            if any(each["name"] == "Idempotency-Key" for each in operation["parameters"]):
                assert "409" in operation["responses"]
