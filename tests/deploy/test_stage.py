"""What a stage may be called, what its file may say, and what is made of it."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.unit_env import read_settings
from tools.deploy import choices, edge, gateway, render, steps
from tools.deploy.__main__ import main
from tools.deploy.errors import DeployError
from tools.deploy.stage import ROOT, Stage, read_stage
from tools.policies import FUNCTIONS

ACCOUNT: Any = SimpleNamespace(region="eu-central-1")
"""Enough of an account for what asks AWS nothing."""

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
        ('{"region": 1}', "region must be a name"),
        ('{"base": {"LogDayz": 3}}', "base.LogDayz is no parameter of infra/base.yaml"),
        ('{"base": {"Stage": "prod"}}', "base.Stage is found by the deployment itself"),
        ('{"base": {"UserPoolTier": "GOLD"}}', "base.UserPoolTier: must be one of LITE"),
        ('{"edge": {"UseWaf": "yes"}}', "edge.UseWaf: must be one of true, false"),
        ('{"edge": {"DomainName": "https://cara.example"}}', "edge.DomainName: must match"),
        ('{"edge": {"ApiRequestLimit": "many"}}', "edge.ApiRequestLimit: must be a number"),
        ('{"edge": {"ApiRequestLimit": 5}}', "edge.ApiRequestLimit: must be from 100"),
    ],
)
def test_a_file_of_another_form_is_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text(content, encoding="utf-8")
    with pytest.raises(DeployError, match=re.escape(message)):
        read_stage("prod", "eu-central-1", tmp_path)


def test_truths_and_fractions_are_written_as_cloudformation_reads_them(tmp_path: Path) -> None:
    chosen = {"edge": {"UseWaf": False, "FiveHundredsPercent": 0.5}}
    (tmp_path / "prod.json").write_text(json.dumps(chosen), encoding="utf-8")
    edge_parameters = read_stage("prod", "eu-central-1", tmp_path).parameters["edge"]
    assert edge_parameters == {"UseWaf": "false", "FiveHundredsPercent": "0.5"}


NEVERTHELESS = {"SignerKeyA"}
"""What is found as well, and chosen by ops who change the key that signs addresses."""


def test_what_a_deployment_finds_is_what_may_not_be_chosen() -> None:
    outputs = dict.fromkeys(choices.FOUND, "x")
    run = steps.Deployment(Stage("prod", "eu-central-1", parameters={kind: {} for kind in steps_of()}), ACCOUNT, print)
    run.base, run.edge = outputs, outputs
    found = {name for kind in steps_of() for name in steps.parameters(kind, run)}
    assert found == {*choices.FOUND, *NEVERTHELESS}


def steps_of() -> tuple[str, ...]:
    return ("base", "bindings", "budget", "edge")


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
        body = response["responseTemplates"]["application/json"]
        problem = json.loads(body)
        # AWS fills in few variables here; the status is none of them
        assert set(re.findall(r"\$[\w.]+", body)) == {"$context.requestId"}
        assert set(problem) - {"status"} == {"type", "title", "detail", "request_id"}
        assert problem.get("status") == (int(response["statusCode"]) if "statusCode" in response else None)
        assert ("status" in problem) != kind.startswith("DEFAULT_")
        assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert response["responseParameters"]["gatewayresponse.header.Cache-Control"] == "'no-store'"
        if problem.get("status") in {429, 503, 504}:
            assert "gatewayresponse.header.Retry-After" in response["responseParameters"], kind


def test_what_ops_put_into_the_store_of_crawlers_stays() -> None:
    found = {"agent:gone": "training", "agent:kept": "training", "referer:its.host": "hotlink", "config:base-url": "x"}
    put, delete = edge.store_changes(found, {"agent:kept": "training", "agent:new": "dataset", "config:base-url": "y"})
    assert put == {"agent:new": "dataset", "config:base-url": "y"}
    assert delete == ["agent:gone"]


def test_parameters_of_the_stage_go_above_what_is_found() -> None:
    stage = Stage("prod", "eu-central-1", parameters={"base": {"LogDays": "7"}})
    found = steps.parameters("base", steps.Deployment(stage, ACCOUNT, print))
    assert found == {
        "Stage": "prod",
        "WebOrigin": steps.UNKNOWN_ORIGIN,
        "DistributionArn": "",
        "Protect": "false",
        "LogDays": "7",
    }
