"""Prints a bearer token of a local user, who is made if needed: `tools/local_user.py NAME [--group G]`.

Works while `make run` runs. Standard output is the token alone, so that
`curl -H "Authorization: Bearer $(.venv/bin/python tools/local_user.py ada)" …` does what it says.
"""

import argparse
import os
import sys
from pathlib import Path

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> int:
    """Return 0 after printing the token, 1 after one line on standard error."""
    from botocore.exceptions import BotoCoreError, ClientError

    from tools.localcloud.access import AccessError, ensure_token, local_password
    from tools.localcloud.config import read_config
    from tools.localcloud.environment import clean_environment
    from tools.localcloud.runfile import read_run

    parser = argparse.ArgumentParser(description="Print a bearer token of a local user.")
    parser.add_argument("name")
    parser.add_argument("--group", help="a group to be in, such as moderators")
    arguments = parser.parse_args()
    # Neither a proxy nor another account's settings must come between us and our own cloud.
    environ = clean_environment()
    os.environ.clear()
    os.environ.update(environ)
    directory = read_config().directory
    run = read_run(directory)
    if run is None:
        print("local_user: the local cloud is not running; start it with: make run", file=sys.stderr)
        return 1
    try:
        token = ensure_token(
            endpoint=run.endpoint,
            pool=run.env["CARA_USER_POOL_ID"],
            client_id=run.env["CARA_USER_POOL_CLIENT_ID"],
            name=arguments.name,
            password=local_password(directory, arguments.name),
            group=arguments.group,
        )
    except (AccessError, BotoCoreError, ClientError) as error:
        print(f"local_user: {error}", file=sys.stderr)
        return 1
    print(token)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
