"""Each function's policy against the calls that the function really makes.

The calls are recorded, not read from the source: which of a repository's queries a function reaches depends on services
and on what was stored, and a walk through the code would take everything for reachable. So the real application, with
an AWS in this process, is put through what its functions are for (:func:`recorded`), and each call to AWS, signed form
and item of a transaction counts as the IAM actions that it needs. Then nothing may be called that the policy does not
allow, and nothing allowed that is never called. What no call shows, Lambda's own doing above all, is in UNRECORDED,
with its reason.

That AWS itself refuses what is missing is shown against the emulated cloud, in tests/localcloud/test_stack.py.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.signers import S3PostPresigner

from tests.support.unit_env import VARIABLES, read_settings
from tools.localcloud.environment import variable_name
from tools.policies import FUNCTIONS, POLICIES, render

read_settings()

from chalicelib import composition, links  # noqa: E402  what knows tables reads their names as it is imported
from chalicelib.domain import clock  # noqa: E402  what knows tables reads their names as it is imported
from chalicelib.domain.errands import Errand  # noqa: E402
from chalicelib.domain.errors import TemporaryError  # noqa: E402
from chalicelib.domain.moderation import Case  # noqa: E402
from chalicelib.domain.notifications import Note  # noqa: E402
from chalicelib.domain.posts import Post  # noqa: E402
from chalicelib.domain.reactions import Reaction  # noqa: E402
from chalicelib.queues import ErrandQueue  # noqa: E402
from chalicelib.repositories.cases import CaseRepository  # noqa: E402
from chalicelib.repositories.media import MediaRepository  # noqa: E402
from chalicelib.repositories.posts import PostRepository  # noqa: E402
from chalicelib.repositories.reactions import ReactionRepository  # noqa: E402
from chalicelib.services import deletion  # noqa: E402
from chalicelib.services.cards import make_card  # noqa: E402
from chalicelib.services.errands import ErrandService  # noqa: E402
from chalicelib.services.views import MOST_HELD  # noqa: E402
from chalicelib.triggers import errands  # noqa: E402
from chalicelib.triggers.changes import follow_changes  # noqa: E402
from tests.support.fakes import look_of, protected_picture  # noqa: E402
from tests.unit.http.api import Account, Api  # noqa: E402
from tests.unit.http.applying import applied, move, with_resume  # noqa: E402
from tests.unit.http.background import in_background  # noqa: E402
from tests.unit.http.lives import live, write  # noqa: E402
from tests.unit.http.studios import make_job, make_studio, open_job, verified_studio  # noqa: E402
from tests.unit.http.tokens import open_url  # noqa: E402
from tests.unit.support import emulated_aws  # noqa: E402

TABLES = (
    *("Profiles", "Handles", "Media", "Posts", "Idempotency", "Cases", "Works", "Matches"),
    *("ModerationLog", "Accounts", "Relations", "Reactions", "Comments", "Counters", "Feeds", "Directory"),
    *("Notifications", "Messages", "Errands", "Studios", "Jobs", "Applications"),
)
ORIGINALS, DERIVATIVES = VARIABLES["CARA_ORIGINALS_BUCKET"], VARIABLES["CARA_DERIVATIVES_BUCKET"]
ACCOUNT = "arn:aws:{service}:eu-central-1:123456789012:"
OUTPUTS = {
    **{
        f"{table}TableArn": f"{ACCOUNT.format(service='dynamodb')}table/{VARIABLES[f'{variable_name(table)}_TABLE']}"
        for table in TABLES
    },
    "OriginalsBucketArn": f"arn:aws:s3:::{ORIGINALS}",
    "DerivativesBucketArn": f"arn:aws:s3:::{DERIVATIVES}",
    "DataKeyArn": f"{ACCOUNT.format(service='kms')}key/the-key-of-local",
    "SigningKeyArn": f"{ACCOUNT.format(service='kms')}{VARIABLES['CARA_SIGNING_KEY_ID']}",
    "RecordKeyArn": f"{ACCOUNT.format(service='kms')}{VARIABLES['CARA_RECORD_KEY_ID']}",
    "SigningCertificatesArn": f"{ACCOUNT.format(service='ssm')}parameter"
    + VARIABLES["CARA_SIGNING_CERTIFICATES_PARAMETER"],
    **{
        f"{table}StreamArn": f"{ACCOUNT.format(service='dynamodb')}table/cara-local-{table.lower()}/stream/now"
        for table in ("Posts", "Profiles", "Relations", "Reactions", "Comments", "Applications")
    },
    **{
        f"{name}ParameterArn": f"{ACCOUNT.format(service='ssm')}parameter" + VARIABLES[f"CARA_{name.upper()}_PARAMETER"]
        for name in ("Signer", "Edge")
    },
    "ProtectQueueArn": f"{ACCOUNT.format(service='sqs')}cara-local-protect",
    "DistributionArn": "arn:aws:cloudfront::123456789012:distribution/local",
    "UserPoolArn": f"{ACCOUNT.format(service='cognito-idp')}userpool/{VARIABLES['CARA_USER_POOL_ID']}",
    "MailIdentityArn": f"{ACCOUNT.format(service='ses')}identity/local.example",
    "MailSettingsArn": f"{ACCOUNT.format(service='ses')}configuration-set/cara-local",
    "ErrandQueueArn": f"{ACCOUNT.format(service='sqs')}cara-local-errands",
    "ChangesDeadQueueArn": f"{ACCOUNT.format(service='sqs')}cara-local-changes-dead",
    "ApiLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local:*",
    "AuthorizerLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local-bearer:*",
    "ProtectImageLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local-protect_image:*",
    "SweepLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local-sweep:*",
    "FollowChangesLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local-follow_changes:*",
    "RunErrandsLogGroupArn": f"{ACCOUNT.format(service='logs')}log-group:/aws/lambda/cara-local-run_errands:*",
}

UNRECORDED = {
    "logs:CreateLogStream": "Lambda writes the log, not the code",
    "logs:PutLogEvents": "Lambda writes the log, not the code",
    "xray:PutTelemetryRecords": "Lambda sends traces, not the code",
    "xray:PutTraceSegments": "Lambda sends traces, not the code",
    "sqs:DeleteMessage": "the event source mapping acts by the function's role",
    "sqs:GetQueueAttributes": "the event source mapping acts by the function's role",
    "sqs:ReceiveMessage": "the event source mapping acts by the function's role",
    "dynamodb:DescribeStream": "the event source mapping acts by the function's role",
    "dynamodb:GetRecords": "the event source mapping acts by the function's role",
    "dynamodb:GetShardIterator": "the event source mapping acts by the function's role",
    "dynamodb:ListStreams": "the event source mapping acts by the function's role",
}
"""Actions that are allowed though no call of the code shows them."""

UNRECORDED_OF_ONE = {
    (
        "protect_image",
        "s3:ListBucket",
    ): "no call: with it S3 says that a file is missing, without it that it is forbidden",
    ("api", "s3:GetObject", "exports"): "no call: whoever has a signed address reads by the rights of its signer",
    ("api", "dynamodb:GetItem", "idempotency"): "powertools reads a record that a refused write did not bring along",
}
"""The same for one function, and one resource if a part of its name is given."""

NO_RESOURCE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments", "dynamodb:ListStreams"}
"""Actions for which IAM knows no resource but everything."""


@dataclass(frozen=True)
class Need:
    """One thing that IAM must allow: an action on a resource, in a context."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Statement:
    """One action on one resource that a policy allows."""

    action: str
    resource: str
    condition: str

    def covers(self, need: Need) -> bool:
        """Tell whether it allows this."""
        if need.action != self.action or not fnmatchcase(need.resource, self.resource):
            return False
        context = dict(need.context)
        for operator, keys in json.loads(self.condition).items():
            assert operator in {"StringLike", "StringLikeIfExists"}, f"teach this test what {operator} means"
            for key, patterns in keys.items():
                if key not in context:
                    if not operator.endswith("IfExists"):
                        return False
                elif not any(fnmatchcase(context[key], pattern) for pattern in listed(patterns)):
                    return False
        return True


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def statements(function: str) -> list[Statement]:
    """Return all that a function's policy allows, one by one."""
    return [
        Statement(action, resource, json.dumps(statement.get("Condition", {})))
        for statement in render(function, OUTPUTS)["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


# ---------------------------------------------------------------- what a call needs


def table_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what an operation of DynamoDB needs."""

    def need(action: str, table: str, index: str | None = None) -> Need:
        arn = f"{ACCOUNT.format(service='dynamodb')}table/{table}"
        return Need(f"dynamodb:{action}", f"{arn}/index/{index}" if index else arn)

    if operation == "TransactWriteItems":
        actions = {
            "Put": "PutItem",
            "Update": "UpdateItem",
            "Delete": "DeleteItem",
            "ConditionCheck": "ConditionCheckItem",
        }
        for item in params["TransactItems"]:
            yield from (need(actions[kind], part["TableName"]) for kind, part in item.items())
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        yield from (need(operation, table) for table in params["RequestItems"])
    else:
        yield need(operation, params["TableName"], params.get("IndexName"))


def object_needs(action: str, bucket: str, key: str) -> Iterator[Need]:
    """Give what reading or writing an object needs: the key of its bucket as well (a bucket key: one for all of it)."""
    yield Need(f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")
    use = {"PutObject": "GenerateDataKey", "GetObject": "Decrypt", "GetObjectVersion": "Decrypt"}.get(action)
    if use:
        yield Need(
            f"kms:{use}", OUTPUTS["DataKeyArn"], (("kms:EncryptionContext:aws:s3:arn", f"arn:aws:s3:::{bucket}"),)
        )


def bucket_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what an operation of S3 needs."""
    bucket = params["Bucket"]
    if operation == "ListObjectsV2":
        yield Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", (("s3:prefix", params["Prefix"]),))
    elif operation in {"ListObjectVersions", "ListMultipartUploads"}:
        listed = {"ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads"}
        yield Need(f"s3:{listed[operation]}", f"arn:aws:s3:::{bucket}", (("s3:prefix", params["Prefix"]),))
    elif operation == "DeleteObjects":
        for each in params["Delete"]["Objects"]:
            for action in ("DeleteObject", "DeleteObjectVersion"):
                yield from object_needs(action, bucket, each["Key"])
    elif operation in {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}:
        yield from object_needs("PutObject", bucket, params["Key"])
        # parts are decrypted when they are put together
        yield Need(
            "kms:Decrypt", OUTPUTS["DataKeyArn"], (("kms:EncryptionContext:aws:s3:arn", f"arn:aws:s3:::{bucket}"),)
        )
    elif operation == "CopyObject":
        yield from object_needs("GetObject", params["CopySource"]["Bucket"], params["CopySource"]["Key"])
        yield from object_needs("PutObject", bucket, params["Key"])
    else:
        reads = "GetObjectVersion" if params.get("VersionId") else "GetObject"
        actions = {"GetObject": reads, "HeadObject": reads, "PutObject": "PutObject", "DeleteObject": "DeleteObject"}
        actions |= {"AbortMultipartUpload": "AbortMultipartUpload"}
        assert operation in actions, f"teach this test what S3's {operation} needs"
        yield from object_needs(actions[operation], bucket, params["Key"])


def key_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a direct call to KMS needs; IAM sees the key, whatever it was called by."""
    yield Need(f"kms:{operation}", f"{ACCOUNT.format(service='kms')}{params['KeyId']}")


def queue_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a call to SQS needs; several messages in a call need what one does."""
    queue = f"{ACCOUNT.format(service='sqs')}{params['QueueUrl'].rpartition('/')[2]}"
    yield Need(f"sqs:{operation.removesuffix('Batch')}", queue)


def parameter_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a call to Parameter Store needs."""
    yield Need(f"ssm:{operation}", f"{ACCOUNT.format(service='ssm')}parameter{params['Name']}")


def distribution_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a call to CloudFront needs; there is one distribution."""
    assert params["DistributionId"]
    yield Need(f"cloudfront:{operation}", OUTPUTS["DistributionArn"])


def user_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a call to Cognito needs."""
    assert params["UserPoolId"] == VARIABLES["CARA_USER_POOL_ID"]
    yield Need(f"cognito-idp:{operation}", OUTPUTS["UserPoolArn"])


def mail_needs(operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a mail needs: its sender's domain, and the settings that this has by default."""
    domain = params["FromEmailAddress"].partition("@")[2]
    for resource in (f"identity/{domain}", "configuration-set/cara-local"):
        yield Need(f"ses:{operation}", f"{ACCOUNT.format(service='ses')}{resource}")


def canned(service: str, params: Mapping[str, Any]) -> Any:
    """Return what a service answers that is not emulated in this process."""
    said = {"sub": params.get("Username"), "email": "somebody@mail.test", "email_verified": "true"}
    account = {"UserAttributes": [{"Name": name, "Value": value} for name, value in said.items()]}
    return {"cognito-idp": account | {"Users": [{"Username": "ada"}]}, "sesv2": {"MessageId": "x"}}[service]


@dataclass
class Calls:
    """What was called meanwhile; nothing is noted of what is but made ready for it."""

    needs: set[Need] = field(default_factory=set)
    noting: bool = True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Make something ready."""
        self.noting = False
        try:
            yield
        finally:
            self.noting = True

    def note(self, needs: Iterable[Need]) -> None:
        """Note what a call needs."""
        if self.noting:
            self.needs.update(needs)


@contextmanager
def recording() -> Iterator[Calls]:
    """Record each call to AWS and each form that is signed, by whatever client."""
    calls = Calls()
    client_class: Any = BaseClient
    make, sign = client_class._make_api_call, S3PostPresigner.generate_presigned_post

    def call(client: Any, operation: str, params: dict[str, Any]) -> Any:
        kinds = {
            "dynamodb": table_needs,
            "s3": bucket_needs,
            "kms": key_needs,
            "ssm": parameter_needs,
            "sqs": queue_needs,
            "cloudfront": distribution_needs,
            "cognito-idp": user_needs,
            "sesv2": mail_needs,
        }
        service = client.meta.service_model.service_name
        assert not calls.noting or service in kinds, f"teach this test what {service} needs"
        if not calls.noting:
            return make(client, operation, params)
        calls.note(kinds[service](operation, params))
        if service in {"cognito-idp", "sesv2"}:
            return canned(service, params)
        return make(client, operation, params)

    def form(signer: Any, **asked: Any) -> Any:
        given = {name: value for each in asked["conditions"] if isinstance(each, dict) for name, value in each.items()}
        calls.note(object_needs("PutObject", given["bucket"], given["key"]))
        return sign(signer, **asked)

    with (
        mock.patch.object(BaseClient, "_make_api_call", call),
        mock.patch.object(S3PostPresigner, "generate_presigned_post", form),
    ):
        yield calls


# ---------------------------------------------------------------- what the functions are for


def stored(post_id: str) -> Post:
    found = PostRepository().get(post_id, consistent=True)
    assert found is not None
    return found


def force(post_id: str, **changes: Any) -> None:
    """Store a post as somebody leaves it who is cut off before the rest is done."""
    old = stored(post_id)
    new = replace(old, version=old.version + 1, **changes)
    PostRepository().save(old, new, make_card(new, {}), clock.now())


def near_work(api: Api, data: bytes) -> None:
    """Have another artist publish a picture that looks like that of some bytes."""
    other = api.join()
    media_id = api.upload(other)
    api.arrive(other, media_id, lambda _, options: protected_picture(data, options))
    api.post(other, media_id)


def message(account: Account, media_id: str, *, versioned: bool) -> dict[str, Any]:
    """Put an upload where it belongs, and return what the queue says of it; a message made by hand has no version."""
    key = f"originals/{account.account_id}/{media_id}"
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=ORIGINALS, VersioningConfiguration={"Status": "Enabled"})
    made: dict[str, Any] = {"key": key}
    version = s3.put_object(Bucket=ORIGINALS, Key=key, Body=media_id.encode())["VersionId"]
    if versioned:
        made["versionId"] = version
    body = json.dumps({"Records": [{"eventName": "ObjectCreated:Post", "s3": {"object": made}}]})
    return {"messageId": media_id, "body": body, "attributes": {"ApproximateReceiveCount": "1"}}


def ready_each(api: Api, ada: Account) -> list[str]:
    """Have pictures protected that will be published below each of the paths that pictures have."""
    open_to_ai = {"data_mining": "allowed", "confirm_ai_training": True}
    return [api.ready(ada), api.ready(ada, data_mining="all"), api.ready(ada, **open_to_ai)]


def react(api: Api, post_id: str) -> None:
    """Like a post and take that back, and look at what is liked."""
    bob = api.join()
    put = ReactionRepository.put

    def changed_meanwhile(store: ReactionRepository, reaction: Reaction) -> None:
        put(store, reaction)
        force(post_id)

    with mock.patch.object(ReactionRepository, "put", changed_meanwhile):
        assert api.ask("PUT", f"/v1/posts/{post_id}/like", by=bob).status == 204
    assert api.ask("GET", "/v1/me/likes", by=bob).json["items"]
    asked = {"posts": [post_id], "handles": [bob.handle]}
    assert api.ask("POST", "/v1/viewer_state", asked, by=bob).json["posts"][post_id]["liked"]
    for _ in range(MOST_HELD):
        composition.view_counter().add_views(post_id)
    assert api.ask("POST", f"/v1/posts/{post_id}/views").status == 204
    assert api.ask("DELETE", f"/v1/posts/{post_id}/like", by=bob).status == 204


def discuss(api: Api, ada: Account, post_id: str) -> None:
    """Comment on an own post, answer, pin, and take all of it back."""
    path = f"/v1/posts/{post_id}/comments"
    comment = api.ask("POST", path, {"text": f"@{ada.handle} says"}, by=ada).json["id"]
    answer = api.ask("POST", path, {"text": "Yes", "parent_id": comment}, by=ada).json["id"]
    assert api.ask("PUT", f"/v1/posts/{post_id}/pinned_comment", {"comment_id": comment}, by=ada).status == 204
    assert api.ask("GET", path).json["pinned"]["mentions"] == [ada.handle]
    for each in (comment, answer):
        assert api.ask("DELETE", f"/v1/comments/{each}", by=ada).status == 204


def use_the_api(api: Api, calls: Calls) -> None:
    """Do what artists and strangers do."""
    ada = api.join()
    api.ask("GET", "/v1/me", by=ada)
    api.ask("GET", f"/v1/profiles/{ada.handle}")
    awaited = api.upload(ada)
    with calls.paused():
        message(ada, awaited, versioned=False)
    api.ask("GET", f"/v1/media/{awaited}", by=ada)
    missing = {"title": "x", "media": [{"id": ada.account_id}]}
    refused = api.ask("POST", "/v1/posts", missing, by=ada, idempotency_key="a key of this client")
    assert refused.status == 422
    made = api.ask("POST", "/v1/posts", {"title": "x"}, by=ada, idempotency_key="another key of this client")
    assert made.status == 201
    with calls.paused():
        first, second, *others = api.ready(ada), api.ready(ada), *ready_each(api, ada)
    assert api.ask("PUT", f"/v1/media/{second}/data_mining", {"data_mining": "all"}, by=ada).status == 200
    with calls.paused():
        api.arrive(ada, second)
        near_work(api, first.encode())
    shown = api.post(ada, first, second, *others)
    assert api.ask("GET", "/v1/me/matches", by=ada).json["items"][0]["other_media_id"]
    for path in (f"/@{ada.handle}", f"/@{ada.handle}/feed.atom", f"/posts/{shown['id']}", "/sitemap.xml"):
        assert api.ask("GET", path).status == 200
    lookup = {"hashes": [look_of(first.encode()).hash]}
    assert api.ask("POST", "/v1/registry/lookup", lookup).json["items"][0]["registered"]
    api.ask("GET", f"/v1/posts/{shown['id']}")
    react(api, shown["id"])
    for path in ("/v1/latest", "/v1/discover"):
        api.ask("GET", path)
    api.ask("GET", "/v1/latest")
    discuss(api, ada, shown["id"])
    assert not api.ask("GET", "/v1/feed", by=ada).json["complete"]
    api.ask("GET", f"/v1/media/{first}/protection")
    composition.published_keys.cache_clear()  # what was made ready asked for them
    api.ask("GET", "/.well-known/jwks.json")
    for visibility in ("private", "public"):
        api.ask("PATCH", f"/v1/posts/{shown['id']}", {"visibility": visibility}, by=ada)
    api.ask("GET", f"/v1/profiles/{ada.handle}/posts", by=ada)
    api.ask("GET", f"/v1/profiles/{ada.handle}/posts")
    api.ask("GET", f"/v1/profiles/{ada.handle}/posts?portfolio=true")
    api.join(ada, avatar_media_id=first, bio="a bio")
    assert api.ask("DELETE", f"/v1/posts/{shown['id']}", by=ada).status == 204
    assert api.ask("PUT", "/v1/me", {"handle": ada.handle[:-1], "display_name": "Ada"}, by=ada).status == 200
    moderate(api, calls)
    meet(api, calls)


def meet(api: Api, calls: Calls) -> None:
    """Follow, ask to follow, list, mute and block; read what one was told."""
    ada, bob = api.join(), api.join(protected=True)
    with calls.paused():
        at = clock.to_text(clock.now())
        composition.telling_service().tell([Note(ada.account_id, "follow", "", "x", bob.account_id, at)])
    talk = api.ask("POST", "/v1/conversations", {"handle": bob.handle}, by=ada).json["id"]
    for _ in range(2):
        assert api.ask("POST", f"/v1/conversations/{talk}/messages", {"text": "x"}, by=ada).status == 201
    assert api.ask("GET", f"/v1/conversations/{talk}/messages", by=ada).status == 200
    assert api.ask("GET", "/v1/conversations", by=ada).json["items"]
    [told] = api.ask("GET", "/v1/notifications", by=ada).json["items"]
    assert api.ask("POST", "/v1/notifications/read", {"ids": [told["id"]]}, by=ada).status == 204
    api.ask("PUT", "/v1/me/notification_preferences", {"kinds": {"like": False}}, by=ada)
    api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=bob)
    api.ask("PUT", f"/v1/profiles/{bob.handle}/follow", by=ada)
    api.ask("PUT", f"/v1/me/follow_requests/{ada.handle}", by=bob)
    api.ask("GET", f"/v1/profiles/{bob.handle}/followers", by=ada)
    api.ask("GET", f"/v1/profiles/{bob.handle}/following", by=ada)
    api.ask("PUT", "/v1/me/muted_tags/oil", by=ada)
    assert api.ask("PUT", f"/v1/profiles/{bob.handle}/block", by=ada).status == 204
    run_a_studio(api)
    made = api.ask("POST", "/v1/me/exports", by=ada)
    assert api.ask("GET", f"/v1/me/exports/{made.json['id']}", by=ada).status == 200
    gone = api.ask("DELETE", "/v1/me", {"confirm": ada.handle}, by=ada)
    assert api.ask("GET", gone.headers["location"]).json["state"] == "queued"


def run_a_studio(api: Api) -> None:
    """Make a studio, invite somebody, have it verified, and let somebody go."""
    ada, bob, moderator = api.join(), api.join(), Account(groups=("moderators",))
    path = f"/v1/studios/s{ada.account_id.lower()}"
    asked = {"name": "Blue", "slug": f"s{ada.account_id.lower()}"}
    assert api.ask("POST", "/v1/studios", asked, by=ada).status == 201
    api.ask("GET", path)
    api.ask("GET", "/v1/me/studios", by=ada)
    assert api.ask("PATCH", path, {"about": "x"}, by=ada).status == 200
    assert api.ask("POST", f"{path}/members", {"handle": bob.handle}, by=ada).status == 201
    assert api.ask("PUT", f"/v1/me{path.removeprefix('/v1')}", by=bob).status == 204
    api.ask("GET", f"{path}/members", by=bob)
    proof = {"method": "dns", "domain": "blue.example"}
    assert api.ask("POST", f"{path}/verification", proof, by=ada).status == 201
    decision = {"action": "verify_studio", "target": path.removeprefix("/v1/"), "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", decision, by=moderator).status == 201
    assert api.ask("DELETE", f"{path}/members/{bob.handle}", by=ada).status == 204
    offer_a_job(api, ada, path)
    assert api.ask("GET", "/v1/talent?medium=ink", by=ada).status == 200


def offer_a_job(api: Api, ada: Account, studio: str) -> None:
    """Send a job in, have it approved, look at it, and close it."""
    job = open_job(api, ada, studio)
    api.ask("GET", job)
    api.ask("GET", f"{studio}/jobs")
    api.ask("GET", f"{job}/changes", by=ada)
    api.ask("GET", "/v1/jobs?level=mid")
    for path in (job.removeprefix("/v1"), studio.removeprefix("/v1"), "/jobs/feed.atom", "/jobs/sitemap.xml"):
        assert api.ask("GET", path).status == 200
    assert api.ask("PUT", f"{job}/save", by=ada).status == 204
    api.ask("GET", "/v1/me/saved_jobs", by=ada)
    assert api.ask("POST", "/v1/me/job_alerts", {"name": "x", "q": "skies"}, by=ada).status == 201
    assert api.ask("DELETE", "/v1/me/job_alerts", by=ada).status == 204
    assert api.ask("DELETE", f"{job}/save", by=ada).status == 204
    take_applications(api, ada, studio, job)
    assert api.ask("POST", f"{job}/close", by=ada).status == 200
    draft = make_job(api, ada, studio, publish="draft")
    assert api.ask("DELETE", draft, by=ada).status == 204


def take_applications(api: Api, studio_owner: Account, studio: str, job: str) -> None:
    """Apply with a résumé, look at it from both sides, move it, withdraw it and apply anew."""
    artist = api.join()
    application = applied(api, artist, job, resume_id=with_resume(api, artist, job))
    for path in (application, f"{application}/resume", f"{application}/changes"):
        assert api.ask("GET", path, by=artist).status == 200
    for path in (f"{job}/applications", f"{job}/applications.csv", f"{studio}/dashboard", application):
        assert api.ask("GET", path, by=studio_owner).status == 200
    assert api.ask("GET", "/v1/me/applications", by=artist).status == 200
    assert move(api, studio_owner, application, "interview").status == 200
    assert api.ask("POST", f"{application}/conversation", by=studio_owner).status == 200
    assert move(api, artist, application, "withdrawn").status == 200
    applied(api, artist, job)
    api.ask("POST", f"{job}/views")
    composition.hiring_figures().views.flush()  # type: ignore[attr-defined]  # those that are buffered


def moderate(api: Api, calls: Calls) -> None:
    """Appeal, look at the queue and at a case, and decide."""
    ada, moderator = api.join(), Account(groups=("moderators",))
    with calls.paused():
        refused, sketch = api.refused(ada), api.ready(ada)
        api.post(ada, refused)
    CaseRepository().open(Case("report", f"media/{sketch}", ada.account_id, "", (), clock.to_text(clock.now())))
    appeal = {"text": "x", "process_media_ids": [sketch]}
    assert api.ask("POST", f"/v1/media/{refused}/appeals", appeal, by=ada).status == 201
    api.ask("GET", "/v1/moderation/queue", by=moderator)
    [case] = api.ask("GET", "/v1/moderation/queue?kind=appeal", by=moderator).json["items"]
    api.ask("GET", f"/v1/moderation/cases/{case['id']}", by=moderator)
    for action, target in (("grant_appeal", refused), ("dismiss", sketch)):
        decision = {"action": action, "target": f"media/{target}", "reason": "x"}
        assert api.ask("POST", "/v1/moderation/decisions", decision, by=moderator).status == 201
    api.ask("GET", f"/v1/moderation/log?target=media/{refused}", by=moderator)
    remove(api, ada, moderator)
    suspension = {"action": "suspend", "target": f"profiles/{ada.handle}", "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", suspension, by=moderator).status == 201


def remove(api: Api, ada: Account, moderator: Account) -> None:
    """Report a post, have it removed, and appeal."""
    post = api.post(ada)["id"]
    reported = {"target": f"posts/{post}", "reason": "spam"}
    assert api.ask("POST", "/v1/reports", reported, by=api.join()).status == 201
    decision = {"action": "remove", "target": f"posts/{post}", "reason": "x"}
    assert api.ask("POST", "/v1/moderation/decisions", decision, by=moderator).status == 201
    assert api.ask("POST", f"/v1/posts/{post}/appeals", {"text": "x"}, by=ada).status == 201


def protect(api: Api, calls: Calls) -> None:
    """Have two pictures protected that bring posts on and to their end, one by a message that names its version."""
    from chalicelib.triggers.uploads import protect_image

    with calls.paused():
        ada = api.join()
        before = ready_each(api, ada)
        make_studio(api, ada, logo_media_id=before[0])
        shown = api.post(ada, *before)
        first, second = api.upload(ada), api.upload(ada)
        near_work(api, first.encode())
        api.post(ada, first, *ready_each(api, ada))
        deleted = api.post(ada, second, *before)
        # nothing public shows the earlier pictures any more, and nobody has closed them yet
        force(shown["id"], fields=replace(stored(shown["id"]).fields, visibility="private"), counted=False)
        force(deleted["id"], state="deleted")
        messages = [message(ada, first, versioned=True), message(ada, second, versioned=False)]
    composition.published_keys.cache_clear()
    no_models = mock.patch("chalicelib.imaging.cloak.encoders.check_encoders")
    with no_models, mock.patch("chalicelib.imaging.protect.protect", protected_picture):
        assert protect_image({"Records": messages}, None) == {"batchItemFailures": []}
    with calls.paused():
        client, url = boto3.client("sqs"), VARIABLES["CARA_PROTECT_QUEUE_URL"]
        client.purge_queue(QueueUrl=url)  # pictures wait in it
        client.send_message(QueueUrl=url, MessageBody="not understood")
        [found] = client.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    record = {"messageId": found["MessageId"], "receiptHandle": found["ReceiptHandle"], "body": found["Body"]}
    failed = protect_image({"Records": [{**record, "attributes": found["Attributes"]}]}, None)
    assert len(failed["batchItemFailures"]) == 1


def sweep(api: Api, calls: Calls) -> None:
    """Look after what is overdue three hours later."""
    from chalicelib.composition import sweep_service

    with calls.paused():
        ada = api.join()
        waiting, closing, later_shown = api.upload(ada), ready_each(api, ada), ready_each(api, ada)
        near_work(api, later_shown[0].encode())
        refused = MediaRepository().get(api.refused(ada), consistent=True)
        assert refused is not None
        MediaRepository().save_state(refused, replace(refused, state="queued", recalled=True), clock.now())
        api.post(ada, waiting)
        api.post(ada, *later_shown, publish=clock.later(clock.now(), 3600))
        api.join(ada, avatar_media_id=closing[0])
        shown = api.post(ada, *closing)
        make_studio(api, ada, logo_media_id=closing[1])
        api.join(ada, avatar_media_id=None)
        force(shown["id"], state="deleted", counted=False)
        message(ada, waiting, versioned=False)
        anew = api.ready(ada)
        api.ask("PUT", f"/v1/media/{anew}/data_mining", {"data_mining": "all"}, by=ada)
        api.arrive(ada, anew)
        studio = verified_studio(api, ada)
        open_job(api, ada, studio)  # no list shows it yet
        open_job(api, ada, studio, closes_at=clock.later(clock.now(), 3600))
        left = leave_applications(api)
    service, now = sweep_service(), datetime.now(UTC) + timedelta(hours=3)
    exposure = replace(service.exposure, now=lambda: now)
    publication = replace(service.publication, now=lambda: now, exposure=exposure)
    expiry = replace(composition.job_expiry(), now=lambda: now)
    whole = replace(service, now=lambda: now, exposure=exposure, publication=publication, others=(expiry,))
    report = whole.run(now - timedelta(hours=5))
    assert (report.failed, bool(report.media), bool(report.posts)) == (0, True, True)
    forget_applications(*left)


def leave_applications(api: Api) -> tuple[str, str]:
    """Have an application of which all is to go one day, and a résumé that no application took."""
    ada, artist = api.join(), api.join()
    job = open_job(api, ada, verified_studio(api, ada))
    application = applied(api, artist, job, resume_id=with_resume(api, artist, job))
    unused = with_resume(api, artist, job)
    api.ask("POST", f"{job}/close", by=ada)
    return f"application#{application.rpartition('/')[2]}/application", f"account#{artist.account_id}/resume#{unused}"


def forget_applications(application: str, resume: str) -> None:
    """Look after them 200 and 500 days later."""
    upkeep = composition.application_upkeep()
    upkeep.due(clock.now(), clock.now())
    for moment in (datetime.now(UTC) + timedelta(days=days) for days in (200, 500)):
        replace(upkeep, now=partial(clock.from_text, clock.to_text(moment))).look_after(application)
    upkeep.look_after(resume)


def authorize(api: Api, calls: Calls) -> None:
    """Let somebody in, and somebody else not."""
    account = Account()
    api.ask("GET", "/v1/me", by=account)
    calls.needs.clear()  # those were the route's own
    assert api.ask("GET", "/v1/me", authorization="Bearer nonsense").status == 401
    with calls.paused():
        ada = api.join()
        suspension = {"action": "suspend", "target": f"accounts/{ada.account_id}", "reason": "x"}
        api.ask("POST", "/v1/moderation/decisions", suspension, by=Account(groups=("moderators",)))
    assert api.ask("GET", "/v1/me/posts", by=ada).status == 403  # the route is not reached


def follow(api: Api, calls: Calls) -> None:
    """Follow what each table's stream tells, and something that nobody can read."""
    with calls.paused():
        ada = api.join()
        post = api.post(ada)
        leave_applications(api)
        posts, profiles, sent = (table_items(name) for name in ("posts", "profiles", "applications"))
    told = [*posts, *profiles, *sent]
    assert post["id"] in str(posts)
    for table, image in told:
        assert follow_changes(stream(table, {"NewImage": image}, {"OldImage": image}), None) == FOLLOWED
    assert follow_changes(stream("posts", {"NewImage": {"post_id": {"S": "unreadable"}}}), None) == FOLLOWED
    tell_people(api, calls)


def tell_people(api: Api, calls: Calls) -> None:
    """Tell of followers, likes and comments, one after the other and together, and take some back."""
    with calls.paused():
        ada = api.join()
        fans = [Account(), Account()]
        for each in fans:
            api.join(each)
            api.join(each, avatar_media_id=api.ready(each))
        post = api.post(ada)["id"]
        for each in fans:
            api.ask("PUT", f"/v1/posts/{post}/like", by=each)
        said = {"text": f"look, @{fans[1].handle}"}
        above = api.ask("POST", f"/v1/posts/{post}/comments", said, by=fans[0]).json["id"]
        api.ask("POST", f"/v1/posts/{post}/comments", {"text": "y", "parent_id": above}, by=fans[1])
        told = [*table_items("reactions"), *table_items("comments")]
    assert len(told) > 3
    for side in ("NewImage", "OldImage"):
        for table, image in told:
            assert follow_changes(stream(table, {side: image}), None) == FOLLOWED


FOLLOWED: dict[str, list[str]] = {"batchItemFailures": []}


def table_items(table: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every item of a table, as DynamoDB has it."""
    name = VARIABLES[f"CARA_{table.upper()}_TABLE"]
    items = boto3.client("dynamodb").scan(TableName=name)["Items"]
    return [(table, {key: as_event(value) for key, value in item.items()}) for item in items]


def as_event(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value as an event has it: that is JSON, where bytes are base64."""
    return {kind: base64.b64encode(held).decode() if kind == "B" else held for kind, held in value.items()}


def stream(table: str, *images: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a table's stream."""
    arn = OUTPUTS[f"{table.title()}StreamArn"]
    return {
        "Records": [
            {"eventID": f"{number}", "eventSourceARN": arn, "dynamodb": {"SequenceNumber": f"{number}", **each}}
            for number, each in enumerate(images)
        ]
    }


def run_errands(api: Api, calls: Calls) -> None:
    """Do an errand of two pieces, and one that cannot be done this time."""

    def worker(errand: Errand) -> Errand | None:
        if errand.cursor:
            raise TemporaryError("not now")
        return replace(errand, cursor="the second piece")

    client = boto3.client("sqs")
    url = VARIABLES["CARA_ERRAND_QUEUE_URL"]
    with calls.paused():
        client.purge_queue(QueueUrl=url)  # others put theirs
        composition.errand_queue().put(Errand("x", "y"))
    with mock.patch.object(composition.working, "errand_workers", return_value={"x": worker}):
        for failed in (0, 1):
            with calls.paused():
                [found] = client.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
            record = {"messageId": found["MessageId"], "receiptHandle": found["ReceiptHandle"], "body": found["Body"]}
            answer = errands.run_errands({"Records": [{**record, "attributes": found["Attributes"]}]}, None)
            assert len(answer["batchItemFailures"]) == failed
    forget_copies(calls)
    keep_the_directory(api, calls)
    keep_what_stands_on_posts(api, calls)
    follow_people(api, calls)
    export(api, calls)
    keep_lists_of_jobs(api, calls)
    delete_accounts(api, calls)


def delete_accounts(api: Api, calls: Calls) -> None:
    """Delete somebody who did whatever can be done, and pass over everything once more when the time has come."""
    service = composition.deletion_service()
    with calls.paused(), in_background() as background:
        life = live(api, background)
        write(api, life.ada, life.dora, *["x"] * 2)
        task = service.begin(life.dora.account_id, life.dora.handle, moderates=False)
        [first] = [each for each in background.errands if each.kind == deletion.KIND]
    past = {**first.arguments, "begun_at": clock.to_text(clock.now() - timedelta(days=1))}
    errand: Errand | None = replace(first, arguments=past)
    with mock.patch.multiple(ErrandQueue, put=mock.DEFAULT, put_all=mock.DEFAULT):
        while errand is not None:
            errand = service.work(errand)
    composition.errand_workers()["forget-files"](Errand("forget-files", life.media))
    assert service.get(task.task_id).state == "done"
    with calls.paused():  # a deleted comment that was answered
        left = api.ask("GET", f"/v1/posts/{life.others}/comments").json["items"][0]["id"]
    composition.errand_workers()["forget-answered"](Errand("forget-answered", left))


def keep_lists_of_jobs(api: Api, calls: Calls) -> None:
    """List a job, and take it away once it is closed."""
    with calls.paused():
        ada = api.join()
        job = open_job(api, ada, verified_studio(api, ada), software=[])
    list_job(job)
    with calls.paused():
        api.ask("PUT", f"{job}/save", by=ada)
        api.ask("POST", f"{job}/close", by=ada)
    list_job(job)
    composition.saved_job_service().refresh(Errand("refresh-saved-job", job.rpartition("/")[2]))
    tell_of_jobs(api, calls)
    for availability in ("open", "closed"):
        with calls.paused():
            api.join(ada, availability=availability)
        composition.talent_lister().work(Errand("list-talent", ada.account_id))


def tell_of_jobs(api: Api, calls: Calls) -> None:
    """Find who waits for a job, at once and for the day, and tell them."""
    service = composition.errand_service()
    with calls.paused():
        ada, bob = api.join(), api.join()
        studio, word = verified_studio(api, ada), f"w{bob.account_id.lower()}"
        for cadence in ("at_once", "daily"):
            body = {"name": "x", "q": word, "cadence": cadence}
            assert api.ask("POST", "/v1/me/job_alerts", body, by=bob).status == 201
        job = open_job(api, ada, studio, software=[], title=word).rpartition("/")[2]
    for cursor in (None, "100"):
        service.run(Errand("match-job", job, cursor))
    shards = {each.shard for each in composition.job_alert_service().of_account(bob.account_id).alerts}
    for shard in shards:
        service.run(Errand("look-at-alerts", job, None, {"term": f"q={word}", "shard": str(shard)}))
    seeker = composition.job_alert_service().of_account(bob.account_id).seeker
    for arguments in ({"cadence": "at_once"}, {"cadence": "daily", "round": str(seeker.round)}):
        service.run(Errand("tell-of-jobs", bob.account_id, None, arguments))


def list_job(job: str) -> None:
    """Do a job's errands to their end."""
    errand: Errand | None = Errand("list-job", job.rpartition("/")[2])
    while errand is not None:
        errand = composition.job_lister().work(errand)


def follow_people(api: Api, calls: Calls) -> None:
    """Refresh somebody's cards in others' lists, and take back what somebody did among others."""
    service = composition.errand_service()
    with calls.paused():
        ada, bob, carol = (api.join() for _ in range(3))
        api.join(carol, avatar_media_id=api.ready(carol))
        api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=carol)
        api.join(carol, display_name="Another", avatar_media_id=api.ready(carol))
        at = clock.to_text(clock.now())
        for fan in (bob, carol):
            composition.telling_service().tell([Note(ada.account_id, "like", "P", fan.account_id, fan.account_id, at)])
        composition.telling_service().tell([Note(ada.account_id, "follow", "", "x", bob.account_id, at)])
    for cursor in (None, "2|"):
        service.run(Errand("refresh-people", carol.account_id, cursor))
    service.run(Errand("forget-notifications", ada.account_id, None, {"person": bob.account_id}))
    with calls.paused():
        api.post(carol, api.ready(carol))
    service.run(Errand("settle-author", carol.account_id))


def export(api: Api, calls: Calls) -> None:
    """Put together all that is held of an artist with a post, a picture and a résumé."""
    service = composition.export_service()
    with calls.paused():
        ada, owner = api.join(), api.join()
        job = open_job(api, owner, verified_studio(api, owner))
        applied(api, ada, job, resume_id=with_resume(api, ada, job))
        post = api.post(ada, api.ready(ada))
        assert api.ask("POST", f"/v1/posts/{post['id']}/comments", {"text": "x"}, by=ada).status == 201
        task = service.begin(ada.account_id)
    with mock.patch("chalicelib.services.export.PIECE_BYTES", 0):
        errand: Errand | None = Errand("export", task.task_id)
        while errand:
            errand = service.work(errand)
    assert service.get(ada.account_id, task.task_id)[0].state == "done"


def forget_copies(calls: Calls) -> None:
    """Have copies of a picture forgotten by a distribution that the edge's parameter names."""
    with calls.paused():
        origin = {"Id": "x", "DomainName": "x.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
        config: Any = {
            "CallerReference": "x",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "x", "ViewerProtocolPolicy": "https-only"},
        }
        made = boto3.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]["Id"]
        known = json.dumps({"distribution": made, "key_pair_id": "K1"})
        boto3.client("ssm").put_parameter(Name=VARIABLES["CARA_EDGE_PARAMETER"], Value=known, Overwrite=True)
    links._edge.cache_clear()  # another one was known
    order = Errand("invalidate", "01J", None, {"paths": "/media/01J/* /media/01K/*", "reference": "once"})
    composition.errand_workers()["invalidate"](order)


def keep_the_directory(api: Api, calls: Calls) -> None:
    """List posts and draw tickets, anew after a change."""
    composition.errand_service.cache_clear()  # it was made with a worker of this test alone
    service = composition.errand_service()
    with calls.paused():
        ada = api.join()
        first, second = (api.post(ada, tags=["ink"])["id"] for _ in range(2))
    service.run(Errand("list-author", ada.account_id))
    service.run(Errand("draw-ticket", ada.account_id))
    service.run(Errand("list-person", ada.account_id))
    with calls.paused():
        api.ask("PATCH", f"/v1/posts/{first}", {"tags": ["oil"]}, by=ada)
        api.ask("DELETE", f"/v1/posts/{second}", by=ada)
    for post_id in (first, second):
        service.run(Errand("list-post", post_id))
    keep_the_sitemap(api, calls, service)
    service.run(Errand("draw-ticket", ada.account_id, None, {"post": second}))
    fill_feeds(api, calls, ada, first)


def fill_feeds(api: Api, calls: Calls, ada: Account, post_id: str) -> None:
    """Push a post, make its author a hub, and have somebody follow and unfollow."""
    service, author = composition.errand_service(), {"author": ada.account_id}
    with calls.paused():
        bob = api.join()
        api.ask("PUT", f"/v1/profiles/{ada.handle}/follow", by=bob)
        api.ask("GET", "/v1/feed", by=bob)
        place = stored(post_id).order_key
    service.run(Errand("push-post", post_id, None, {**author, "position": place}))
    with mock.patch("chalicelib.services.pushing.HUB_FOLLOWERS", -1):
        service.run(Errand("push-post", post_id, None, {**author, "position": place}))
    service.run(Errand("feed-follow", bob.account_id, None, author))
    service.run(Errand("spread-hub", ada.account_id))
    service.run(Errand("fill-feed", bob.account_id))
    with calls.paused():
        api.ask("DELETE", f"/v1/profiles/{ada.handle}/follow", by=bob)
    service.run(Errand("feed-unfollow", bob.account_id, None, author))


def keep_what_stands_on_posts(api: Api, calls: Calls) -> None:
    """Have reactions and comments follow a post and its author, and end with the post."""
    service = composition.errand_service()
    with calls.paused():
        ada = api.join()
        post = api.post(ada)["id"]
        api.ask("PUT", f"/v1/posts/{post}/like", by=api.join())
        comment = api.ask("POST", f"/v1/posts/{post}/comments", {"text": "x"}, by=ada).json["id"]
        api.ask("POST", f"/v1/posts/{post}/comments", {"text": "x", "parent_id": comment}, by=ada)
    for kind, subject in (
        ("follow-author", ada.account_id),
        ("rename-comments", ada.account_id),
        ("follow-post", post),
    ):
        service.run(Errand(kind, subject))
    with calls.paused():
        api.ask("DELETE", f"/v1/posts/{post}", by=ada)
    for kind, subject in (("follow-post", post), ("drop-thread", post)):
        service.run(Errand(kind, subject))


def keep_the_sitemap(api: Api, calls: Calls, service: ErrandService) -> None:
    """Map an artist and a post, and one that is gone."""
    with calls.paused():
        ada = api.join()
        post_id = api.post(ada, api.ready(ada))["id"]
    born = {"born_at": "2026-11-26T00:00:00.000Z"}
    service.run(Errand("map-artist", ada.account_id, None, born | {"with_posts": "yes"}))
    service.run(Errand("map-post", post_id, None, born))
    service.run(Errand("map-post", ada.account_id, None, born))


SCENARIOS = {
    "api": use_the_api,
    "authorizer": authorize,
    "protect_image": protect,
    "sweep": sweep,
    "follow_changes": follow,
    "run_errands": run_errands,
}


@pytest.fixture(scope="module")
def recorded() -> dict[str, set[Need]]:
    """What each function needed of AWS in its scenario."""
    needed = {}
    with emulated_aws(), mock.patch("urllib.request.OpenerDirector.open", open_url):
        for function, scenario in SCENARIOS.items():
            with recording() as calls:
                scenario(Api(), calls)
            needed[function] = calls.needs
    return needed


# ---------------------------------------------------------------- what must hold


def excused(function: str, statement: Statement) -> bool:
    one = [key for key in UNRECORDED_OF_ONE if key[:2] == (function, statement.action)]
    return statement.action in UNRECORDED or any("".join(key[2:]) in statement.resource for key in one)


def test_every_function_has_a_policy_and_a_scenario() -> None:
    from app import app

    functions = {"api"} | {handler.name for handler in app.pure_lambda_functions}
    functions |= {source.name for source in app.event_sources} | {"authorizer" for _ in app.builtin_auth_handlers}
    assert functions == set(FUNCTIONS) == set(SCENARIOS) == {path.stem for path in POLICIES.glob("*.json")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_call_lacks_its_permission(function: str, recorded: dict[str, set[Need]]) -> None:
    allowed = statements(function)
    assert not [need for need in recorded[function] if not any(each.covers(need) for each in allowed)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_permission_lacks_its_call(function: str, recorded: dict[str, set[Need]]) -> None:
    needed = recorded[function]
    unused = [each for each in statements(function) if not any(each.covers(need) for need in needed)]
    assert not [each for each in unused if not excused(function, each)]


def test_no_excuse_is_out_of_date(recorded: dict[str, set[Need]]) -> None:
    for key in UNRECORDED_OF_ONE:
        uncalled = [
            each
            for each in statements(key[0])
            if each.action == key[1] and "".join(key[2:]) in each.resource
            if not any(each.covers(need) for need in recorded[key[0]])
        ]
        assert uncalled, f"{key} needs no excuse"
    allowed = {each.action for function in FUNCTIONS for each in statements(function)}
    assert set(UNRECORDED) <= allowed


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_permission_names_what_it_is_for(function: str) -> None:
    document = json.loads((POLICIES / f"{function}.json").read_text(encoding="utf-8"))
    assert document["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in document["Statement"]:
        assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
    for each in statements(function):
        assert "*" not in each.action
        if each.resource == "*":
            assert each.action in NO_RESOURCE
        else:
            assert "local" in each.resource, f"{each.resource} is not of the stage alone"


def test_what_the_key_is_used_for() -> None:
    context = "kms:EncryptionContext:aws:s3:arn"
    buckets = (OUTPUTS["OriginalsBucketArn"], OUTPUTS["DerivativesBucketArn"])
    key = [Need("kms:Decrypt", OUTPUTS["DataKeyArn"], ((context, bucket),)) for bucket in buckets]
    may = {
        function: [any(each.covers(need) for each in statements(function)) for need in key] for function in FUNCTIONS
    }
    assert may == {
        "api": [False, True],
        "authorizer": [False, False],
        "protect_image": [True, True],
        "sweep": [False, True],
        "follow_changes": [False, False],
        "run_errands": [True, True],
    }
