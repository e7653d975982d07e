"""The steps of a deployment, in their order. Each finds out what is there, and changes only what differs."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from tools import build_layers, certificates, edge_agents, link_keys
from tools.deploy import edge, functions, gateway, layers, render, smoke, state
from tools.deploy.account import Account
from tools.deploy.errors import DeployError
from tools.deploy.stacks import Stacks
from tools.deploy.stage import EDGE_REGION, ROOT, Stage

UNKNOWN_ORIGIN = "https://not-yet.invalid"
"""The origin people see, until the CDN has given one: no name below .invalid ever exists (RFC 2606)."""


BINDINGS_TAKE = (
    *("ProtectQueueArn", "ErrandQueueArn", "ChangesDeadQueueArn", "AlertsKeyArn"),
    *("PostsStreamArn", "ProfilesStreamArn", "RelationsStreamArn", "ReactionsStreamArn", "CommentsStreamArn"),
    "ApplicationsStreamArn",
)
"""Outputs of the base stack that are parameters of the bindings."""


@dataclass(slots=True)
class Deployment:
    """What one run knows. Fields without a value are filled by the step that finds it.

    Attributes:
        stage, account: what is deployed, and where.
        say: prints a line.
        base: outputs of the base stack.
        layer_arns: by name.
        api_id: of the REST API.
        edge: outputs of the edge stack.
        signer_key: public half (PEM) of the key that signs addresses; empty before there is one.
        functions_as_configured: whether this run has deployed the functions with the configuration as it is now.
        concurrency: how many functions the account may run at a time.
        warnings: what ops should see to, repeated at the end.
    """

    stage: Stage
    account: Account
    say: Callable[[str], None]
    base: dict[str, str] = field(default_factory=dict)
    layer_arns: dict[str, str] = field(default_factory=dict)
    api_id: str = ""
    edge: dict[str, str] = field(default_factory=dict)
    signer_key: str = ""
    functions_as_configured: bool = False
    concurrency: int = 0
    warnings: list[str] = field(default_factory=list)
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def folder(self) -> Path:
        """The folder `.chalice`."""
        return ROOT / ".chalice"

    @property
    def origin(self) -> str:
        """The origin people see."""
        if self.stage.domain:
            return f"https://{self.stage.domain}"
        found = self.edge.get("DistributionDomain")
        return f"https://{found}" if found else UNKNOWN_ORIGIN

    def stacks(self, kind: str) -> Stacks:
        """Return the stacks of the region that a kind of stack is in."""
        pause = 0.1 if self.account.endpoint else 3
        client = self.account.client("cloudformation", region_of(kind, self.account))
        return Stacks(client, keep=self._kept if self.base else None, pause=pause)

    def _kept(self, template: str) -> str:
        """Put a template into the bucket of deployments, under its digest, and return its address."""
        body = template.encode()
        key = f"templates/{hashlib.sha256(body).hexdigest()}.yaml"
        self.account.client("s3").put_object(Bucket=self.base["DeployBucket"], Key=key, Body=body)
        return self.account.object_url(self.base["DeployBucket"], key)

    def known(self) -> None:
        """Find out what earlier runs left."""
        self.base = self.stacks("base").outputs(self.stage.stack("base"))
        self.edge = self.stacks("edge").outputs(self.stage.stack("edge"))
        self.signer_key = link_keys.public_key(self.account, self.base)


def region_of(kind: str, account: Account) -> str:
    """Return the region of a stack. CloudFormation knows budgets, which belong to no region, in some regions only."""
    return EDGE_REGION if kind in {"edge", "budget"} else account.region


def template(kind: str) -> str:
    """Return the template of a stack."""
    try:
        return (
            edge_agents.template() if kind == "edge" else (ROOT / "infra" / f"{kind}.yaml").read_text(encoding="utf-8")
        )
    except edge_agents.EdgeError as error:
        raise DeployError(str(error)) from error


def parameters(kind: str, run: Deployment) -> dict[str, str]:
    """Return the parameters of a stack: what other steps gave out, and above that what ops chose."""
    base, found = run.base, {"Stage": run.stage.name}
    if kind == "base":
        found |= {"WebOrigin": run.origin, "DistributionArn": run.edge.get("DistributionArn", "")}
        # Protected tables of a stack that fails at first could not be taken back; the step admit protects them.
        found |= {"Protect": "true" if base else "false"}
    elif kind == "bindings":
        found |= {name: base[name] for name in BINDINGS_TAKE}
        found |= {"ApiStage": gateway.API_STAGE, "MailTopicArn": base.get("MailTopicArn", "")}
        found |= {"AccountConcurrency": str(run.concurrency)} if run.concurrency else {}
        found |= {"AlarmEmail": run.stage.alarm_email}
        found |= {"DistributionId": run.edge.get("DistributionId", "")}
        found |= {"PublicBaseUrl": run.origin if run.edge else ""}
    elif kind == "budget":
        found |= {name: base[name] for name in ("OriginalsBucketArn", "ProtectQueueArn")}
        found |= {"AlarmEmail": run.stage.alarm_email}
    else:
        found |= {name: base[name] for name in ("DerivativesBucket", "OriginalsBucket")}
        found |= {"AlarmEmail": run.stage.alarm_email}
        found |= {"PublicBaseUrl": run.origin, "BaseRegion": run.account.region}
        found |= {"ApiId": run.api_id, "ApiStage": gateway.API_STAGE, "SignerKeyA": run.signer_key}
    return {**found, **run.stage.parameters[kind]}


def check_prerequisites(run: Deployment) -> Iterator[str]:
    """Find out whether the machine and the account can do it."""
    try:
        build_layers.check_interpreter((sys.version_info.major, sys.version_info.minor))
    except build_layers.BuildError as error:
        raise DeployError(str(error)) from error
    listed = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    if any(not line.startswith("#") for line in listed):
        raise DeployError("requirements.txt must stay empty: dependencies go into layers/*.in")
    if not shutil.which("make"):
        yield "make is not on the path"
    if not run.base:
        _refuse_elsewhere(run)
    yield f"{run.account.caller} in {run.account.id}, {run.account.region}, stage {run.stage.name}"
    limits = run.account.client("lambda").get_account_settings()["AccountLimit"]
    run.concurrency = int(limits.get("ConcurrentExecutions", 0))
    if 0 < run.concurrency < 1000:
        run.warnings.append(
            f"this account may run {run.concurrency} functions at a time, a surge needs 1000 or more: "
            "ask for it in Service Quotas (Lambda, Concurrent executions)"
        )


def _refuse_elsewhere(run: Deployment) -> None:
    """Raise DeployError if the stage is there, only not in this region: its buckets' names hold none."""
    bucket = f"cara-{run.stage.name}-deploy-{run.account.id}"
    try:
        found = run.account.client("s3").head_bucket(Bucket=bucket)["ResponseMetadata"]
    except ClientError as error:
        found = error.response["ResponseMetadata"]
    if found["HTTPStatusCode"] in {200, 301, 403}:
        region = found["HTTPHeaders"].get("x-amz-bucket-region", "another region")
        raise DeployError(
            f"there is a bucket {bucket} in {region}, but no stack {run.stage.stack('base')} in {run.account.region}: "
            "is this the wrong region, or what a deleted stage left?"
        )


def deploy_base(run: Deployment) -> Iterator[str]:
    """Take the stage's lock, and deploy tables, buckets, queues and identities; the first time the lock comes after."""
    first = not run.base
    if not first:
        run.held.enter_context(state.locked(run.account, run.base["DeployBucket"]))
        run.known()
    run.base = run.stacks("base").apply(run.stage.stack("base"), template("base"), parameters("base", run))
    if first:
        run.held.enter_context(state.locked(run.account, run.base["DeployBucket"]))
    yield f"{len(run.base)} outputs"
    if run.base.get("MailDnsRecords"):
        yield f"records for the domain that mail comes from: {run.base['MailDnsRecords']}"
    if certificates.ensure(run.account, run.base):
        run.warnings.append(
            "Content Credentials are signed with self-made certificates: others will read them as untrusted. "
            "See docs/operations.md, Certificates"
        )


def publish_layers(run: Deployment) -> Iterator[str]:
    """Build the layers and publish those that changed."""
    for layer in layers.built(run.stage.architecture):
        arn = layers.publish(run.account, run.stage.application, layer, run.base["DeployBucket"])
        run.layer_arns[layer.layer] = arn
        yield arn.rpartition(":layer:")[2]


def render_config(run: Deployment) -> Iterator[str]:
    """Write .chalice/config.json and the functions' policies."""
    stage = run.stage
    variables = render.environment(run.account, run.base, run.origin, stage.contact_email, stage.mail_from)
    changed = render.write(run.folder, run.stage, run.base, variables, run.layer_arns)
    run.functions_as_configured = run.functions_as_configured and not changed
    yield "changed" if changed else "as it was"


def deploy_functions(run: Deployment) -> Iterator[str]:
    """Run chalice deploy, and keep its note of what it made."""
    if run.functions_as_configured:
        yield "as they are"
        return
    state.pull(run.account, run.stage, run.base["DeployBucket"], run.folder)
    try:
        project = functions.staged(ROOT / ".local" / "deploy" / run.stage.name)
        functions.chalice(project, "deploy", "--stage", run.stage.name, region=run.account.region)
    finally:
        # Whatever came of it: what is there must be found by the next run.
        found = state.pull(run.account, run.stage, run.base["DeployBucket"], run.folder)
        state.push(run.account, run.stage, run.base["DeployBucket"], run.folder)
    run.api_id, run.functions_as_configured = state.api_id(found), True
    yield run.account.api_url(run.api_id, gateway.API_STAGE)


def bind(run: Deployment) -> Iterator[str]:
    """Deploy event sources, alarms, dashboard, budget and canary, and what API Gateway answers by itself."""
    yield from _allow_gateway_logs(run)
    yield from gateway.apply(run.account, run.api_id, run.origin, run.base["AccessLogGroupArn"])
    outputs = run.stacks("bindings").apply(
        run.stage.stack("bindings"), template("bindings"), parameters("bindings", run)
    )
    yield f"{len(outputs)} outputs"


def _allow_gateway_logs(run: Deployment) -> Iterator[str]:
    """Let API Gateway write logs, where nobody has done so: the setting is the account's, not the stage's."""
    client = run.account.client("apigateway")
    if client.get_account().get("cloudwatchRoleArn") or "GatewayLogRoleArn" not in run.base:
        return
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": run.base["GatewayLogRoleArn"]}
    client.update_account(patchOperations=[role])
    yield "API Gateway may write logs in this account and region"


def deploy_budget(run: Deployment) -> Iterator[str]:
    """Deploy the budget that sheds load when it is used up, where somebody is to be told."""
    if not run.stage.alarm_email:
        if run.stacks("budget").delete(run.stage.stack("budget")):
            yield "the one that was there is gone"
        run.warnings.append(f"no alarm_email in infra/stages/{run.stage.name}.json: nobody is told of anything")
        yield "none"
        return
    run.stacks("budget").apply(run.stage.stack("budget"), template("budget"), parameters("budget", run))
    yield f"tells {run.stage.alarm_email}"


def deploy_edge(run: Deployment) -> Iterator[str]:
    """Deploy the CDN, its list of crawlers and the web client, and tell the functions what it is called."""
    run.signer_key = link_keys.ensure(run.account, run.base)
    run.edge = run.stacks("edge").apply(run.stage.stack("edge"), template("edge"), parameters("edge", run))
    wanted = edge_agents.store(edge_agents.read_agents(), run.origin)
    link_keys.tell(run.account, run.base, distribution=run.edge["DistributionId"], key_pair_id=_signing_key_pair(run))
    yield from edge.sync_store(run.account, run.edge["AgentsStoreArn"], wanted)
    yield from edge.sync_web(run.account, run.edge["WebBucket"], run.edge["DistributionId"])
    yield run.edge["DistributionDomain"]


def _signing_key_pair(run: Deployment) -> str:
    """Return what CloudFront calls the key whose private half signs: it is A's, unless ops gave it as B."""
    chosen = run.stage.parameters["edge"]
    given_as_b = chosen.get("SignerKeyB", "").strip() == run.signer_key.strip()
    return run.edge["SignerBId" if given_as_b else "SignerAId"]


def admit_edge(run: Deployment) -> Iterator[str]:
    """Tell the base stack which distribution may read published pictures, and which origin may post uploads."""
    run.base = run.stacks("base").apply(run.stage.stack("base"), template("base"), parameters("base", run))
    yield run.origin


def smoke_test(run: Deployment) -> Iterator[str]:
    """Ask the deployed platform a few things that must be so."""
    yield from smoke.run(smoke.api_checks(run.account.api_url(run.api_id, gateway.API_STAGE)))
    if run.account.endpoint:
        run.warnings.append("not asked through the CDN: an emulated AWS has none")
    elif run.stage.domain and not _points_here(run):
        run.warnings.append(f"{run.stage.domain} does not answer yet: point it at {run.edge['DistributionDomain']}")
    else:
        yield from smoke.run(smoke.edge_checks(run.origin))


def _points_here(run: Deployment) -> bool:
    try:
        return "x-amz-cf-id" in smoke.ask(f"{run.origin}/v1/health").headers
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its name on the command line, what people read, and what it does."""

    name: str
    title: str
    run: Callable[[Deployment], Iterator[str]]


STEPS = (
    Step("check", "Prerequisites", check_prerequisites),
    Step("base", "Base: tables, buckets, queues, identities", deploy_base),
    Step("layers", "Layers", publish_layers),
    Step("config", "Chalice's configuration and the policies", render_config),
    Step("functions", "Functions and API: chalice deploy", deploy_functions),
    Step("bindings", "Bindings: event sources, gateway responses, alarms", bind),
    Step("budget", "Budget", deploy_budget),
    Step("edge", "Edge: CDN, crawlers, web client", deploy_edge),
    Step("admit", "Base again: let the edge in", admit_edge),
    Step("smoke", "Smoke test", smoke_test),
)


def config_of(run: Deployment) -> dict[str, object]:
    """Return the stage's part of .chalice/config.json; empty before it was rendered."""
    path = run.folder / render.CONFIG
    if not path.exists():
        return {}
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8")).get("stages", {}).get(run.stage.name, {})
    return found
