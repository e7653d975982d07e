"""What a stage may be called, what its file may say, and what is made of it."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.unit_env import read_settings
from tools.deploy import edge, gateway, render, steps
from tools.deploy.__main__ import main
from tools.deploy.errors import DeployError
from tools.deploy.stage import ROOT, Stage, read_stage
from tools.policies import FUNCTIONS

read_settings()
from app import app  # noqa: E402  what knows tables reads their names as it is imported


@pytest.mark.parametrize("name", ["", "P", "prod-eu", "1st", "prod_eu", "x" * 17, "../etc", "é1"])
def test_names_that_cannot_be_a_stage(name: str, tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="cannot be a stage"):
        read_stage(name, "eu-central-1", tmp_path)


def test_a_stage_without_a_file_has_defaults(tmp_path: Path) -> None:
    stage = read_stage("prod", "eu-central-1", tmp_path)
    assert (stage.region, stage.architecture, stage.domain, stage.alarm_email) == ("eu-central-1", "arm64", "", "")
    assert stage.stack("edge") == "cara-prod-edge"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"regions": "eu-central-1"}', "regions is nothing that a stage has"),
        ('{"architecture": "riscv"}', "architecture must be one of"),
        ('{"edge": {"DomainName": []}}', "edge must be an object of texts and numbers"),
        ('{"alarm_email": 1}', "alarm_email must be an address"),
    ],
)
def test_a_file_of_another_form_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text(content, encoding="utf-8")
    with pytest.raises(DeployError, match=re.escape(message)):
        read_stage("prod", "eu-central-1", tmp_path)


def test_a_stage_needs_a_region(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="no region"):
        read_stage("prod", None, tmp_path)


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--stage", "not a stage"]) == 1
    assert (
        capsys.readouterr().err == "deploy: 'not a stage' cannot be a stage: 2 to 16 of a-z and 0-9, a letter first\n"
    )


# ---------------------------------------------------------------- Chalice's configuration


def template() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / ".chalice" / render.TEMPLATE).read_text(encoding="utf-8"))
    return found


def test_every_function_is_configured_and_has_a_policy_of_its_own() -> None:
    handlers = {each.name for each in app.pure_lambda_functions} | {each.name for each in app.event_sources}
    authorizers = {each.name for each in app.builtin_auth_handlers}
    functions = template()["lambda_functions"]
    assert set(functions) == handlers | authorizers | {"api_handler"}
    assert sorted(each["policy"] for each in functions.values()) == sorted(FUNCTIONS)


def test_everything_stands_where_chalice_reads_it() -> None:
    stage = Stage("prod", "eu-central-1", "arm64")
    arns = {name: f"arn:{name}" for name in ("code", "common", "imaging")}
    config = render.stage_config(template(), stage, {"CARA_STAGE": "prod"}, arns)
    assert config["lambda_architecture"] == "arm64"
    assert config["xray"] is True
    assert config["environment_variables"] == {"CARA_STAGE": "prod"}
    assert config["lambda_functions"]["protect_image"]["layers"] == ["arn:code", "arn:common", "arn:imaging"]
    assert config["lambda_functions"]["sweep"]["iam_policy_file"] == "policies/prod/sweep.json"
    assert "policy" not in config["lambda_functions"]["sweep"]


def test_rendering_one_stage_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "render_policy", lambda name, outputs: {"Statement": [name]})
    (tmp_path / render.TEMPLATE).write_text(json.dumps(template()), encoding="utf-8")
    arns = {name: f"arn:{name}" for name in ("code", "common", "imaging")}
    first, second = Stage("one", "eu-central-1"), Stage("two", "eu-central-1")
    assert render.write(tmp_path, first, {}, {}, arns)
    assert not render.write(tmp_path, first, {}, {}, arns)
    assert render.write(tmp_path, second, {}, {}, arns)
    assert set(json.loads((tmp_path / render.CONFIG).read_text(encoding="utf-8"))["stages"]) == {"one", "two"}
    (tmp_path / render.CONFIG).write_text("torn", encoding="utf-8")
    with pytest.raises(DeployError, match="remove it"):
        render.write(tmp_path, first, {}, {}, arns)


# ---------------------------------------------------------------- API Gateway and the edge


def test_every_gateway_response_is_a_problem() -> None:
    for kind, wanted in gateway.declared()["responses"].items():
        response = gateway.gateway_response(kind, wanted, "https://cara.example")
        body = response["responseTemplates"]["application/json"].replace("$context.status", "418")
        problem = json.loads(body)
        assert set(problem) == {"type", "title", "status", "detail", "request_id"}
        assert problem["status"] == int(response.get("statusCode", 418))
        assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert response["responseParameters"]["gatewayresponse.header.Cache-Control"] == "'no-store'"
        if problem["status"] in {429, 503, 504}:
            assert "gatewayresponse.header.Retry-After" in response["responseParameters"], kind


def test_what_ops_put_into_the_store_of_crawlers_stays() -> None:
    found = {"agent:gone": "training", "agent:kept": "training", "referer:its.host": "hotlink", "config:base-url": "x"}
    put, delete = edge.store_changes(found, {"agent:kept": "training", "agent:new": "dataset", "config:base-url": "y"})
    assert put == {"agent:new": "dataset", "config:base-url": "y"}
    assert delete == ["agent:gone"]


def test_parameters_of_the_stage_go_above_what_is_found() -> None:
    stage = Stage("prod", "eu-central-1", parameters={"base": {"WebOrigin": "https://other.example", "LogDays": "7"}})
    run = steps.Deployment(stage, SimpleNamespace(region="eu-central-1"), print)  # type: ignore[arg-type]  # no account needed
    found = steps.parameters("base", run)
    assert found == {
        "Stage": "prod",
        "WebOrigin": "https://other.example",
        "DistributionArn": "",
        "LogDays": "7",
    }
