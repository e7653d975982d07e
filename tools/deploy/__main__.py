"""Deploys a stage, shows what that would change, or takes it down again.

    python -m tools.deploy plan    --stage prod
    python -m tools.deploy apply   --stage prod
    python -m tools.deploy destroy --stage prod [--yes]
    python -m tools.deploy unlock  --stage prod

Every step finds out what is there and changes only what differs, so a run that stopped is taken up by the next one.
Exit codes: 0 done, 1 it could not be done, 2 wrong usage. docs/operations.md says the rest.
"""

import argparse
import sys
import traceback

from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy import state
from tools.deploy.account import default_region, open_account
from tools.deploy.destroy import destroy
from tools.deploy.errors import DeployError
from tools.deploy.plan import plan
from tools.deploy.stage import read_stage
from tools.deploy.steps import STEPS, Deployment, Step

_AGAIN = ("config", "functions", "bindings", "edge")
"""What is done twice where the first time the CDN, and with it the origin that people see, was not yet known."""


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description="Deploy a stage to an AWS account.")
    parser.add_argument("command", choices=("plan", "apply", "destroy", "unlock"))
    parser.add_argument("--stage", required=True, help="such as prod; its settings are in infra/stages/STAGE.json")
    parser.add_argument("--yes", action="store_true", help="destroy without asking")
    options = parser.parse_args(arguments)
    try:
        stage = read_stage(options.stage, default_region())
        run = Deployment(stage, open_account(stage.region), say)
        with run.held:
            if options.command == "plan":
                plan(run)
            elif options.command == "destroy":
                return destroy(run, confirmed=options.yes)
            elif options.command == "unlock":
                unlock(run)
            else:
                return apply(run)
    except (DeployError, BotoCoreError, ClientError) as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndeploy: stopped; run the same command again to go on", file=sys.stderr)
        return 1
    return 0


def unlock(run: Deployment) -> None:
    """Take away the lock that a deployment left which ended without a word."""
    run.known()
    if not run.base:
        raise DeployError(f"there is no stage {run.stage.name} in {run.account.id}, {run.account.region}")
    holder = state.unlock(run.account, run.base["DeployBucket"])
    say(f"Unlocked; it was held by: {holder}" if holder else "There was no lock.")


def apply(run: Deployment) -> int:
    """Bring a stage to what the checkout says, and return the exit code."""
    run.known()
    done: list[str] = []
    steps = list(STEPS)
    if not run.edge:
        # The last step is the smoke test, which asks for what the second round brings.
        steps[-1:-1] = [step for step in STEPS if step.name in _AGAIN]
    for number, step in enumerate(steps, start=1):
        say(f"\n[{number}/{len(steps)}] {step.title}")
        if not _go(run, step, done):
            return 1
        done.append(step.name)
    say(f"\nDone: {run.origin}")
    for warning in run.warnings:
        say(f"  Note: {warning}")
    return 0


def _go(run: Deployment, step: Step, done: list[str]) -> bool:
    """Do one step and tell whether it could be done; if not, say what was, and how to go on."""
    try:
        for line in step.run(run):
            say(f"  {line}")
    except Exception as error:  # noqa: BLE001  whatever it was, people must learn where they stand
        if not isinstance(error, DeployError | BotoCoreError | ClientError):
            traceback.print_exc()
        print(f"deploy: {step.name}: {error}", file=sys.stderr, flush=True)
        say(f"\nStopped at: {step.title}")
        say(f"Done before: {', '.join(done) or 'nothing'}. Nothing of that has to be undone.")
        say(f"To go on, put right what stands above and run make deploy STAGE={run.stage.name} again.")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
