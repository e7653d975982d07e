"""Bringing back what was damaged or deleted: tools/restore.py, rehearsed in an emulated account.

The emulated DynamoDB restores what a table holds at the moment of the call, whatever time it is asked for. So the copy
is made before the damage here and found by the runs after it. That AWS restores an earlier state is not shown.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.domain.ids import new_id
from tests.deploy.restoring import AT, COPY, LIVE, Stage, held_picture, item, stubbed, title
from tests.support.processes import run_tool
from tools import restore
from tools.deploy.errors import DeployError
from tools.localcloud.config import ROOT
from tools.localcloud.plan import root_session
from tools.localcloud.stack import deploy
from tools.restored_items import COUNTERS, Tables, bring_back, kind_of, put_back, read

SWEEP = """
from datetime import UTC, datetime, timedelta
from tools.redrive import use_stage
use_stage("mend")
from chalicelib.composition import sweep_service
print(sweep_service().run(datetime.now(UTC) - timedelta(hours=1)))
"""


@pytest.fixture(scope="module")
def base(account: str) -> Stage:
    parameters = {"Stage": "mend", "WebOrigin": "https://mend.example"}
    return Stage(account, deploy(root_session(), account, parameters, stack="cara-mend-base"))


@pytest.fixture
def stage(base: Stage) -> Iterator[Stage]:
    """The stage, with no posts before and no copies after."""
    client = base.client("dynamodb")
    for post_id in base.posts():
        client.delete_item(TableName=LIVE, Key={"post_id": {"S": post_id}})
    yield base
    for table in base.tables():
        if table.startswith("cara-mend-") and "-at-" in table:
            client.delete_table(TableName=table)


@pytest.fixture
def damaged(stage: Stage) -> Stage:
    """A copy of three posts was made; then one was deleted, one spoiled, and a new one came."""
    for post_id in ("deleted", "spoiled", "sound"):
        stage.put(post_id, "as it was", version=3)
    made = stage.run("--keep")
    assert made.returncode == 0, made.stderr
    assert f"{COPY}: being restored" in made.stdout
    stage.client("dynamodb").delete_item(TableName=LIVE, Key={"post_id": {"S": "deleted"}})
    stage.put("spoiled", "spoiled", version=7, extra={"S": "came with the damage"}, counted={"BOOL": False})
    stage.put("new", "written since")
    return stage


# ---------------------------------------------------------------- what people run


def test_by_default_it_says_what_changed_and_writes_nothing(damaged: Stage) -> None:
    before = damaged.posts()
    done = damaged.run("--keep")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert f"{COPY}: found, going on with it".split() in lines
    assert ["missing", "now", "1", "deleted"] in lines
    assert ["changed", "since", "1", "spoiled"] in lines
    assert ["unchanged", "1", "sound"] in lines
    assert "Nothing was written" in done.stdout
    assert damaged.posts() == before
    assert COPY in damaged.tables()


def test_what_is_missing_comes_back_and_nothing_else_is_touched(damaged: Stage) -> None:
    before = damaged.posts()
    done = damaged.run("--missing")
    assert done.returncode == 0, done.stderr
    after = damaged.posts()
    back = after.pop("deleted")
    assert (title(back), back["version"]) == ("as it was", {"N": "3"})
    assert after == before
    assert COPY not in damaged.tables()


def test_what_changed_is_overwritten_if_asked_for(damaged: Stage) -> None:
    before = damaged.posts()
    done = damaged.run("--all", "--keep")
    assert done.returncode == 0, done.stderr
    after = damaged.posts()
    assert title(after["deleted"]) == title(after["spoiled"]) == "as it was"
    assert "extra" not in after["spoiled"]
    # who has read the spoiled one must notice; and the author's count goes by what it said
    assert after["spoiled"]["version"] == {"N": "8"}
    assert after["spoiled"]["counted"] == {"BOOL": False}
    assert [after[each] for each in ("sound", "new")] == [before[each] for each in ("sound", "new")]
    again = damaged.run("--all")
    assert "unchanged" in again.stdout
    assert damaged.posts() == after


def test_one_item_alone(damaged: Stage) -> None:
    damaged.client("dynamodb").delete_item(TableName=LIVE, Key={"post_id": {"S": "sound"}})
    done = damaged.run("--missing", "--keep", "--item", "sound")
    assert done.returncode == 0, done.stderr
    assert set(damaged.posts()) == {"sound", "spoiled", "new"}
    unknown = damaged.run("--missing", "--item", "sound", "--item", "never-was")
    assert unknown.returncode == 1
    assert ["not", "there", "then", "1", "never-was"] in [line.split() for line in unknown.stdout.splitlines()]


def test_a_reservation_that_ran_out_is_left_in_peace(stage: Stage) -> None:
    client, table = stage.client("dynamodb"), stage.outputs["HandlesTable"]
    for handle, expires in (("long-gone", "1700000000"), ("reserved", "4102444800")):
        client.put_item(TableName=table, Item={"handle": {"S": handle}, "expires_at": {"N": expires}})
    assert stage.run("--keep", table="handles").returncode == 0
    # infra/base.yaml declares it, but the emulated CloudFormation passes it over
    expiry = {"AttributeName": "expires_at", "Enabled": True}
    client.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
    for handle in ("long-gone", "reserved"):
        client.delete_item(TableName=table, Key={"handle": {"S": handle}})
    done = stage.run("--missing", table="handles")
    assert done.returncode == 0, done.stderr
    assert [each["handle"]["S"] for each in client.scan(TableName=table)["Items"]] == ["reserved"]
    assert "expired by itself" in done.stdout


def test_the_sweep_makes_the_pictures_of_a_post_public_again(stage: Stage) -> None:
    client, s3, bucket = stage.client("dynamodb"), stage.client("s3"), stage.outputs["DerivativesBucket"]
    media_id = new_id()
    # as it is once the post is gone: held back, and used by nothing
    client.put_item(TableName=stage.outputs["MediaTable"], Item=held_picture(media_id))
    s3.put_object(Bucket=bucket, Key=f"held/{media_id}/a.webp", Body=b"x")
    stage.put("shown", "with a picture", media=media_id)
    assert stage.run("--keep").returncode == 0
    client.delete_item(TableName=LIVE, Key={"post_id": {"S": "shown"}})
    assert stage.run("--missing").returncode == 0
    swept = run_tool("-c", SWEEP, PYTHONPATH=str(ROOT), **stage.environ)
    assert "posts=1, failed=0" in swept.stdout, swept.stderr
    shown = s3.list_objects_v2(Bucket=bucket, Prefix=f"media/{media_id}/").get("Contents", [])
    assert [each["Key"] for each in shown] == [f"media/{media_id}/a.webp"]


def test_a_picture_that_is_brought_back_is_looked_after_as_well(stage: Stage) -> None:
    client, table = stage.client("dynamodb"), stage.outputs["MediaTable"]
    picture = held_picture(new_id())
    picture |= {"exposure": {"S": "public"}, "used_by": {"SS": ["made-since"]}}
    client.put_item(TableName=table, Item=picture)
    then = {**picture, "used_by": {"SS": ["shown", "shown-too"]}, "state": {"S": "ready"}}
    assert put_back(client, Tables(table, "", "media_id"), then, picture)
    found = client.get_item(TableName=table, Key={"media_id": picture["media_id"]})["Item"]
    assert (found["exposure"], found["exposure_version"]) == ({"S": "changing"}, {"N": "1"})
    assert found["due_bucket"]["S"].startswith(found["due_at"]["S"][:13])
    assert set(found["used_by"]["SS"]) == {"made-since", "shown", "shown-too"}


def test_an_artist_keeps_the_count_of_the_posts_that_are_there(stage: Stage) -> None:
    client, table = stage.client("dynamodb"), stage.outputs["ProfilesTable"]
    then = {"account_id": {"S": "ada"}, "bio": {"S": "as it was"}, "posts_count": {"N": "3"}, "version": {"N": "2"}}
    now = {**then, "bio": {"S": ""}, "posts_count": {"N": "5"}, "version": {"N": "6"}}
    client.put_item(TableName=table, Item=now)
    assert put_back(client, Tables(table, "", "account_id"), then, now)
    found = client.get_item(TableName=table, Key={"account_id": then["account_id"]})["Item"]
    assert found == {**then, "posts_count": {"N": "5"}, "version": {"N": "7"}}
    assert kind_of(then, found, "") == "unchanged"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--at", "yesterday"],
        ["--at", "2026-01-02T10:00:00"],
        ["--at", "2999-01-01T00:00:00Z"],
        ["--table", "idempotency"],
        ["--missing", "--all"],
    ],
)
def test_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        restore.main(["--stage", "mend", "--table", "posts", "--at", AT, *wrong])
    assert ended.value.code == 2


def test_a_stage_that_is_not_there(base: Stage) -> None:
    done = run_tool("tools/restore.py", "--stage", "nowhere", "--table", "posts", "--at", AT, **base.environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "restore: there is no stage nowhere in 000000000000, us-east-1\n"


# ---------------------------------------------------------------- what hardly ever happens


def test_what_others_wrote_meanwhile_stays(stage: Stage) -> None:
    client, tables = stage.client("dynamodb"), Tables(LIVE, COPY, "post_id")
    stage.put("late", "newer")
    assert not put_back(client, tables, item("late", "older"), None)
    compared = item("late", "spoiled")
    assert not put_back(client, tables, item("late", "older"), compared)
    stage.put("late", "spoiled", due_at={"S": AT})  # a change that leaves the version as it is
    assert not put_back(client, tables, item("late", "older", due_at={"S": "then"}), compared)
    assert title(stage.get("late")) == "spoiled"
    stage.put("late", "spoiled")
    assert put_back(client, tables, item("late", "older"), compared)
    assert title(stage.get("late")) == "older"


def test_more_than_fits_into_one_page(stage: Stage) -> None:
    client, copy = stage.client("dynamodb"), f"{LIVE}-at-many"
    for number in range(230):
        stage.put(f"{number:03}", "one of many")
    client.restore_table_to_point_in_time(SourceTableName=LIVE, TargetTableName=copy, UseLatestRestorableTime=True)
    gone = [f"{number:03}" for number in range(0, 230, 2)]
    for post_id in gone:
        client.delete_item(TableName=LIVE, Key={"post_id": {"S": post_id}})
    found = bring_back(client, Tables(LIVE, copy, "post_id"), (), missing=True, changed=False)
    assert found.counts == {"missing now": 115, "unchanged": 115, "put back": 115}
    assert found.line("put back").endswith(" and 105 more")
    assert set(gone) <= set(stage.posts())


def test_what_dynamodb_holds_back_is_asked_for_again() -> None:
    with stubbed() as (client, stubber):
        for keys, held_back in ((["a", "b"], ["b"]), (["b"], [])):
            left = {"t": {"Keys": [{"k": {"S": key}} for key in held_back], "ConsistentRead": True}}
            answer = {
                "Responses": {"t": [{"k": {"S": key}} for key in keys if key not in held_back]},
                "UnprocessedKeys": left if held_back else {},
            }
            asked = {"t": {"Keys": [{"k": {"S": key}} for key in keys], "ConsistentRead": True}}
            stubber.add_response("batch_get_item", answer, {"RequestItems": asked})
        assert set(read(client, "t", "k", ["a", "b"], pause=0)) == {"a", "b"}


def test_sets_come_in_any_order_and_counters_are_no_content() -> None:
    then = {"k": {"S": "a"}, "used_by": {"SS": ["x", "y"]}, "map": {"M": {"set": {"NS": ["1", "2"]}}}}
    now = {**then, "used_by": {"SS": ["y", "x"]}, **{name: {"N": "9"} for name in COUNTERS}}
    now["map"] = {"M": {"set": {"NS": ["2", "1"]}}}
    assert kind_of(then, now, "") == "unchanged"
    assert kind_of(then, {**now, "used_by": {"SS": ["y"]}}, "") == "changed since"


def test_a_time_outside_of_the_window_names_the_window() -> None:
    at, latest = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 9, 55, tzinfo=UTC)
    with stubbed() as (client, stubber):
        stubber.add_client_error("describe_table", "ResourceNotFoundException")
        stubber.add_client_error("restore_table_to_point_in_time", "InvalidRestoreTimeException")
        window = {"EarliestRestorableDateTime": latest.replace(day=1), "LatestRestorableDateTime": latest}
        described = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": window}
        stubber.add_response("describe_continuous_backups", {"ContinuousBackupsDescription": described})
        with pytest.raises(DeployError, match="only to 2026-11-01T09:55:00Z until 2026-11-22T09:55:00Z"):
            restore.restored_copy(client, LIVE, at)


@pytest.mark.parametrize(("status", "said"), [("CREATING", "run the same command again"), ("DELETING", "try again")])
def test_a_copy_that_does_not_come_to_be(status: str, said: str) -> None:
    with stubbed() as (client, stubber):
        for _ in range(2):
            stubber.add_response("describe_table", {"Table": {"TableStatus": status}})
        with pytest.raises(DeployError, match=said):
            restore.restored_copy(client, LIVE, datetime(2026, 1, 1, tzinfo=UTC), deadline=-1, pause=0)
