"""`make deploy` to an emulated AWS account that enforces IAM: the real tool, the real Chalice, the real functions."""

import io
import json
import os
import re
import signal
import zipfile
from pathlib import Path

import httpx
import pytest

from chalicelib import __version__
from chalicelib.domain.noai import PREFIXES
from tests.deploy.checkout import Checkout, DeployedStage
from tests.support.artist import Artist, picture
from tests.support.processes import until
from tools import edge_agents
from tools.deploy import edge, gateway
from tools.painting import paint

SECONDS = 120
"""The emulated Lambda unpacks layers at a function's first call."""


@pytest.fixture(scope="module")
def artist(alpha: DeployedStage) -> Artist:
    return Artist(alpha)


# ---------------------------------------------------------------- what is deployed


def test_an_uploaded_picture_is_protected_and_published(alpha: DeployedStage, artist: Artist) -> None:
    media_id = artist.upload(paint(1, 1500, 900), cloak="low")
    found = artist.final_media(media_id, SECONDS)
    assert found["state"] == "ready", found
    assert len(found["renditions"]) == 12
    post = artist.post(media_id)
    artist.published(post["id"], SECONDS)
    seen = alpha.get(f"/v1/posts/{post['id']}")
    assert seen.status_code == 200
    assert seen.json()["media"][0]["picture"]["blurhash"] == found["blurhash"]
    bucket = alpha.outputs["DerivativesBucket"]
    stored = alpha.checkout.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"media/{media_id}/")["Contents"]
    assert len(stored) == 12
    record = alpha.get(f"/v1/media/{media_id}/protection").json()
    assert record["cloak"]["applied"] is True
    assert len(record["cloak"]["encoders"]) == 3


def test_a_refused_file_says_why(artist: Artist) -> None:
    found = artist.final_media(artist.upload(b"GIF89a, but not really" * 20, "image/gif"), SECONDS)
    assert found["state"] == "failed"
    assert found["reason"]["code"] == "damaged-file"


def test_originals_are_nobody_elses(alpha: DeployedStage, artist: Artist) -> None:
    announced = artist.announce(picture(2))
    outputs, key = alpha.outputs, announced["upload"]["fields"]["key"]
    answer = httpx.get(f"{alpha.checkout.endpoint}/{outputs['OriginalsBucket']}/{key}", trust_env=False)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/v1/nothing-here", {}, 404, "not-found"),
        ("/v1/me", {}, 401, "unauthorized"),
        ("/v1/me", {"Authorization": "Bearer a.b.c"}, 401, "unauthorized"),
        ("/v1/profiles/nobody_has_this", {}, 404, "not-found"),
        ("/v1/nothing-here", {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, 403, "malformed"),
    ],
)
def test_every_error_is_a_problem(
    alpha: DeployedStage, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = alpha.get(path, **headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem.get("status", status) == status
    assert problem["type"].endswith(f"/problems/{code}")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert ".invalid" not in problem["type"]


def test_api_gateway_throttles_and_logs(alpha: DeployedStage) -> None:
    [api_id] = alpha.checkout.apis("alpha")
    stage = alpha.checkout.client("apigateway").get_stage(restApiId=api_id, stageName=gateway.API_STAGE)
    declared = gateway.declared()
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == declared["throttle"]["rate"]
    assert stage["methodSettings"]["*/*"]["throttlingBurstLimit"] == declared["throttle"]["burst"]
    assert stage["accessLogSettings"]["destinationArn"] == alpha.outputs["AccessLogGroupArn"]
    assert json.loads(stage["accessLogSettings"]["format"]) == declared["access_log"]


def test_functions_have_their_settings_their_layers_and_their_own_policy(alpha: DeployedStage) -> None:
    functions = {each["FunctionName"]: each for each in alpha.checkout.client("lambda").list_functions()["Functions"]}
    protect, api = functions["cara-alpha-protect_image"], functions["cara-alpha"]
    assert (protect["Timeout"], protect["MemorySize"]) == (120, 1769)
    assert [re.sub(r".*:layer:cara-alpha-(\w+)-.*", r"\1", each["Arn"]) for each in protect["Layers"]] == [
        "code",
        "common",
        "imaging",
    ]
    assert len(api["Layers"]) == 2
    assert api["Environment"]["Variables"]["CARA_PUBLIC_BASE_URL"].startswith("https://")
    assert {each["Runtime"] for each in functions.values()} == {"python3.13"}
    assert len({each["Role"] for each in functions.values()}) == len(functions)
    assert api["CodeSize"] <= 100_000


def test_the_edge_holds_the_list_of_crawlers_and_the_web_client(alpha: DeployedStage) -> None:
    outputs = alpha.checkout.outputs("cara-alpha-edge")
    store = alpha.checkout.client("cloudfront-keyvaluestore")
    store.meta.events.register("before-send", without_account_number)
    pages = store.get_paginator("list_keys").paginate(KvsARN=outputs["AgentsStoreArn"])
    found = {item["Key"]: item["Value"] for page in pages for item in page["Items"]}
    origin = f"https://{outputs['DistributionDomain']}"
    assert found == edge_agents.store(edge_agents.read_agents(), origin)
    s3 = alpha.checkout.client("s3")
    files = edge.web_files()
    assert {"index.html", "app.js", "docs/index.html", "docs/assets/swagger-ui.css"} <= set(files)
    for key, path in files.items():
        stored = s3.get_object(Bucket=outputs["WebBucket"], Key=key)
        assert stored["Body"].read() == path.read_bytes()
    assert s3.head_object(Bucket=outputs["WebBucket"], Key="app.js")["ContentType"] == "text/javascript; charset=utf-8"


def without_account_number(request: object, **_: object) -> None:
    request.url = request.url.replace("//000000000000.", "//", 1)  # type: ignore[attr-defined]  # botocore's request


def test_the_edge_may_read_what_is_published_and_nothing_else(alpha: DeployedStage) -> None:
    bucket = alpha.outputs["DerivativesBucket"]
    policy = json.loads(alpha.checkout.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    [allowed] = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert allowed["Action"] == "s3:GetObject"
    # below held/ it serves signed addresses alone: test_edge_template
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket}/{prefix}/*" for prefix in (*PREFIXES, "held")]
    arn = alpha.checkout.outputs("cara-alpha-edge")["DistributionArn"]
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": arn}}


# ---------------------------------------------------------------- deploying again


def test_a_plan_of_what_is_deployed_changes_nothing(alpha: DeployedStage) -> None:
    done = alpha.checkout.deploy("plan", "--stage", "alpha")
    assert done.code == 0, done.output
    for part in ("Stack base", "Chalice's configuration", "Stack bindings", "Stack edge"):
        assert f"\n{part}\n  nothing\n" in done.output, done.output
    assert "a new version" not in done.output


def test_chalice_alone_deploys_changed_code(alpha: DeployedStage) -> None:
    before = alpha.checkout.apis("alpha")
    change_version(alpha.checkout.folder, "9.8.7")
    done = alpha.checkout.chalice("deploy", "--stage", "alpha")
    assert done.code == 0, done.output
    assert alpha.version() == "9.8.7"
    assert alpha.checkout.apis("alpha") == before
    # what API Gateway answers by itself went with the old API, until the whole command runs again
    assert alpha.get("/v1/nothing-here").headers["content-type"] == "application/json"


def test_the_whole_command_puts_everything_right_again(alpha: DeployedStage, artist: Artist) -> None:
    change_version(alpha.checkout.folder, __version__)
    done = alpha.checkout.deploy("apply", "--stage", "alpha")
    assert done.code == 0, done.output
    assert alpha.version() == __version__
    assert alpha.get("/v1/nothing-here").headers["content-type"] == "application/problem+json"
    assert artist.client.get("/v1/me").status_code == 200


def change_version(folder: Path, version: str) -> None:
    file = folder / "chalicelib" / "__init__.py"
    text, count = re.subn(r'__version__ = ".*"', f'__version__ = "{version}"', file.read_text(encoding="utf-8"))
    assert count == 1
    file.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- a second stage


@pytest.fixture(scope="module")
def killed(checkout: Checkout, alpha: DeployedStage) -> Checkout:
    """A deployment of the stage beta that was killed as soon as its first function was there."""
    checkout.configure("beta", alarm_email="ops@beta.example", edge=own_domain())
    process = checkout.start("apply", "--stage", "beta")
    until(lambda: checkout.names("beta")["functions"] or process.poll() is not None, 120, "a function of beta")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return checkout


@pytest.fixture(scope="module")
def beta(killed: Checkout) -> DeployedStage:
    locked = killed.deploy("apply", "--stage", "beta")
    assert locked.code == 1
    assert "somebody else is deploying" in locked.output
    assert "make unlock" in locked.output
    assert killed.deploy("unlock", "--stage", "beta").code == 0
    done = killed.deploy("apply", "--stage", "beta")
    assert done.code == 0, done.output
    return DeployedStage(killed, "beta")


def own_domain() -> dict[str, str]:
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/0b1c2d3e-0000-4000-8000-000000000000"
    return {"DomainName": "beta.example", "CertificateArn": arn}


def test_a_deployment_that_was_killed_is_taken_up(beta: DeployedStage) -> None:
    assert len(beta.checkout.apis("beta")) == 1
    assert beta.version() == __version__
    assert (
        beta.checkout.client("lambda").list_event_source_mappings(FunctionName="cara-beta-protect_image")[
            "EventSourceMappings"
        ][1:]
        == []
    )


def test_stages_do_not_know_of_each_other(alpha: DeployedStage, beta: DeployedStage, artist: Artist) -> None:
    mine, theirs = alpha.checkout.names("alpha"), alpha.checkout.names("beta")
    assert {kind: {name.replace("alpha", "beta") for name in names} for kind, names in mine.items()} == theirs
    assert beta.get(f"/v1/profiles/{artist.name}").status_code == 404
    token = artist.client.headers["Authorization"]
    assert beta.get("/v1/me", Authorization=token).status_code == 401
    assert beta.get("/v1/nothing-here").json()["type"] == "https://beta.example/problems/not-found"


def test_a_held_lock_keeps_everything_as_it_is(beta: DeployedStage) -> None:
    bucket, s3 = beta.outputs["DeployBucket"], beta.checkout.client("s3")
    s3.put_object(Bucket=bucket, Key="state/lock.json", Body=b'{"caller": "somebody"}')
    beta.checkout.configure("beta", alarm_email="ops@beta.example", edge=own_domain(), base={"LogDays": "7"})
    done = beta.checkout.deploy("apply", "--stage", "beta")
    assert done.code == 1
    assert "caller somebody" in done.output
    [group] = beta.checkout.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/cara-beta-sweep")[
        "logGroups"
    ]
    assert group["retentionInDays"] == 30
    s3.delete_object(Bucket=bucket, Key="state/lock.json")
    beta.checkout.configure("beta", alarm_email="ops@beta.example", edge=own_domain())


def test_a_stage_in_another_region_is_not_made_anew(beta: DeployedStage) -> None:
    beta.checkout.configure("beta", alarm_email="ops@beta.example", edge=own_domain(), region="eu-central-1")
    done = beta.checkout.deploy("apply", "--stage", "beta")
    beta.checkout.configure("beta", alarm_email="ops@beta.example", edge=own_domain())
    assert done.code == 1
    assert "is this the wrong region" in done.output


def test_what_is_destroyed_is_gone_and_its_data_is_not(beta: DeployedStage, alpha: DeployedStage) -> None:
    unasked = beta.checkout.deploy("destroy", "--stage", "beta")
    assert unasked.code == 1
    assert beta.get("/v1/health").status_code == 200
    artist, strange = Artist(beta), somebody_elses_function(beta)
    lose_the_notes(beta)
    pause_uploads(beta)
    before = beta.checkout.names("beta")
    assert {"/cara/beta/edge", "/cara/beta/link-signer"} <= parameters(beta)
    done = beta.checkout.deploy("destroy", "--stage", "beta", "--yes")
    assert done.code == 0, done.output
    after = beta.checkout.names("beta")
    assert beta.checkout.apis("beta") == []
    assert after["functions"] == {strange}
    assert after["roles"] == after["rules"] == after["layers"] == set()
    assert after["tables"] == before["tables"]
    assert parameters(beta).isdisjoint({"/cara/beta/edge", "/cara/beta/link-signer"}), "they belonged to the CDN"
    kept = beta.checkout.client("dynamodb").scan(TableName=beta.outputs["HandlesTable"])["Items"]
    assert artist.name in [item["handle"]["S"] for item in kept]
    assert alpha.get("/v1/health").status_code == 200
    again = beta.checkout.deploy("apply", "--stage", "beta")
    assert again.code == 0, again.output
    assert beta.get(f"/v1/profiles/{artist.name}").status_code == 200
    assert strange in beta.checkout.names("beta")["functions"]


def parameters(stage: DeployedStage) -> set[str]:
    """Return the names of the stage's parameters."""
    pages = stage.checkout.client("ssm").get_paginator("describe_parameters").paginate()
    return {each["Name"] for page in pages for each in page["Parameters"]}


def somebody_elses_function(stage: DeployedStage) -> str:
    """A function whose name begins like those of the stage, and that Chalice did not make."""
    client, name = stage.checkout.client("lambda"), f"cara-{stage.name}-newsletter"
    model = client.get_function(FunctionName=f"cara-{stage.name}-sweep")["Configuration"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def app(event, context): pass")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=model["Role"],
        Handler="app.app",
        Code={"ZipFile": packed.getvalue()},
        Tags={"team": "marketing"},
    )
    return name


def lose_the_notes(stage: DeployedStage) -> None:
    (stage.checkout.folder / ".chalice" / "deployed" / f"{stage.name}.json").unlink()
    stage.checkout.client("s3").delete_object(Bucket=stage.outputs["DeployBucket"], Key="state/deployed.json")


def pause_uploads(stage: DeployedStage) -> None:
    """Do what the budget would do."""
    arn = stage.checkout.outputs(f"cara-{stage.name}-budget")["PauseUploadsPolicyArn"]
    stage.checkout.client("iam").attach_role_policy(RoleName=f"cara-{stage.name}-api_handler", PolicyArn=arn)
