"""Brings back what a table held at a moment of the last 35 days.

    tools/restore.py --stage prod --table posts --at 2026-11-22T10:00:00Z --keep   say what has changed since
    tools/restore.py ... --missing   put back what is not there any more, and nothing else
    tools/restore.py ... --all       also overwrite what has changed since
    tools/restore.py ... --item ID   these items alone; may be given several times

The table is restored beside the live one (DynamoDB's point-in-time recovery), compared with it, and removed at the end;
`--keep` leaves it for the next run. Without `--missing` or `--all` nothing is written. What others wrote after the
comparison is never overwritten. Cut short, the same command goes on with the copy that is there.
Exit codes: 0 done, 1 it could not be done, 2 wrong usage. docs/operations.md says the rest.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy.account import default_region, open_account
from tools.deploy.errors import DeployError
from tools.deploy.stacks import Stacks
from tools.deploy.stage import read_stage
from tools.restored_items import (
    CHANGED,
    LEFT,
    MISSING,
    OVERWRITTEN,
    PUT_BACK,
    UNCHANGED,
    UNKNOWN,
    Findings,
    Tables,
    bring_back,
)

TABLES = ("profiles", "handles", "media", "posts")
"""What can be restored. Remembered answers to requests live for a day: old ones would only mislead."""

RESTORE_SECONDS = 3 * 3600
"""How long a restore is waited for. Most take less than an hour
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/pointintimerecovery_restores.html)."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (DeployError, BotoCoreError, ClientError) as error:
        print(f"restore: {' '.join(str(error).split())}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nrestore: stopped; the same command goes on", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Bring back what a table held at a moment.")
    parser.add_argument("--stage", required=True, help="such as prod")
    parser.add_argument("--table", required=True, choices=TABLES)
    parser.add_argument("--at", required=True, type=_moment, help="such as 2026-11-22T10:00:00Z; to the second")
    parser.add_argument("--item", metavar="KEY", action="append", help="only this item; may be given several times")
    writing = parser.add_mutually_exclusive_group()
    writing.add_argument("--missing", action="store_true", help="put back what is not there any more")
    writing.add_argument("--all", action="store_true", help="also overwrite what has changed since")
    parser.add_argument("--keep", action="store_true", help="keep the restored copy for the next run")
    return parser


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-22T10:00:00Z") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} says no time zone: end it with Z for UTC")
    if found > datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text} is yet to come")
    return found.astimezone(UTC).replace(microsecond=0)


def _run(options: argparse.Namespace) -> int:
    stage = read_stage(options.stage, default_region())
    account = open_account(stage.region)
    outputs = Stacks(account.client("cloudformation")).outputs(stage.stack("base"))
    if not outputs:
        raise DeployError(f"there is no stage {stage.name} in {account.id}, {account.region}")
    client, live = account.client("dynamodb"), outputs[f"{options.table.capitalize()}Table"]
    copy = restored_copy(client, live, options.at, pause=0.1 if account.endpoint else 15)
    tables = _described(client, live, copy, outputs["MediaTable"])
    found = bring_back(client, tables, options.item or (), missing=options.missing or options.all, changed=options.all)
    _report(options, found)
    if not options.keep:
        client.delete_table(TableName=copy)
    print(f"{copy}: {'kept' if options.keep else 'removed'}")
    return 1 if found.counts[UNKNOWN] else 0


def _report(options: argparse.Namespace, found: Findings) -> None:
    kinds = [MISSING, CHANGED, UNCHANGED]
    kinds += [PUT_BACK, OVERWRITTEN, LEFT] if options.missing or options.all else []
    for kind in [*kinds, *sorted(set(found.counts) - set(kinds))]:
        print(found.line(kind))
    if not options.missing and not options.all:
        print("Nothing was written: --missing puts back what is missing, --all also overwrites what has changed.")


def restored_copy(client: Any, live: str, at: datetime, *, deadline: float = RESTORE_SECONDS, pause: float = 15) -> str:
    """Return the name of a table that holds what `live` held at `at`, once it is there.

    One that an earlier run left, finished or not, is taken. Asks every `pause` seconds, and raises DeployError after
    `deadline` seconds, and for a time that the table cannot be restored to.
    """
    copy = f"{live}-at-{at:%Y%m%dT%H%M%S}"
    if _status(client, copy):
        print(f"{copy}: found, going on with it")
    else:
        _start(client, live, copy, at)
        print(f"{copy}: being restored")
    started = said = time.monotonic()
    while (status := _status(client, copy)) != "ACTIVE":
        now = time.monotonic()
        if status == "DELETING":
            raise DeployError(f"{copy} is being deleted by an earlier run: try again in a minute")
        if now - started > deadline:
            raise DeployError(f"{copy} is still {status}: it goes on by itself, run the same command again later")
        if now - said > 60:
            print(f"  {(now - started) / 60:.0f} min so far", flush=True)
            said = now
        time.sleep(pause)
    return copy


def _status(client: Any, table: str) -> str:
    try:
        return str(client.describe_table(TableName=table)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return ""
        raise


def _start(client: Any, live: str, copy: str, at: datetime) -> None:
    try:
        client.restore_table_to_point_in_time(
            SourceTableName=live,
            TargetTableName=copy,
            RestoreDateTime=at,
            BillingModeOverride="PAY_PER_REQUEST",
            GlobalSecondaryIndexOverride=[],  # none: it is read by key alone, and is there sooner without
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "PointInTimeRecoveryUnavailableException":
            raise DeployError(f"{live} cannot be restored: its point-in-time recovery is off") from error
        if code == "InvalidRestoreTimeException":
            raise DeployError(f"{live} cannot be restored to {_text(at)}, only to {_window(client, live)}") from error
        raise


def _window(client: Any, live: str) -> str:
    backups = client.describe_continuous_backups(TableName=live)["ContinuousBackupsDescription"]
    window = backups["PointInTimeRecoveryDescription"]
    ends = [window[f"{end}RestorableDateTime"].astimezone(UTC) for end in ("Earliest", "Latest")]
    return " until ".join(_text(end) for end in ends)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _described(client: Any, live: str, copy: str, media: str) -> Tables:
    [key] = client.describe_table(TableName=live)["Table"]["KeySchema"]
    expiry = client.describe_time_to_live(TableName=live)["TimeToLiveDescription"]
    return Tables(live, copy, key["AttributeName"], expiry.get("AttributeName", ""), media)


if __name__ == "__main__":
    raise SystemExit(main())
