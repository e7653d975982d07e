"""Shows the whole of it against a running `make run`: sign up, upload, wait, publish, look at the protection.

    .venv/bin/python tools/demo.py [off|low|default|high]

All of it is what any client can do over HTTP, without credentials of the emulated AWS. The level is that of the cloak.
"""

import argparse
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.noai import media_headers
from chalicelib.imaging.cloak.levels import LEVELS
from tools.localcloud.access import anonymous_client, sign_in, sign_up
from tools.localcloud.config import read_config
from tools.localcloud.environment import clean_environment
from tools.painting import paint

READY_SECONDS = 300.0
PUBLISHED_SECONDS = 90.0


class DemoError(Exception):
    """A step did not do what it should; the message says which and what came instead."""


def main() -> int:
    """Run the demo. Returns 0, or 1 after one line on standard error."""
    parser = argparse.ArgumentParser(description="Show the platform at work, against a running `make run`.")
    parser.add_argument("cloak", nargs="?", choices=("off", *LEVELS), default="default", help="default: %(default)s")
    cloak = parser.parse_args().cloak
    environ = clean_environment()
    os.environ.clear()
    os.environ.update(environ)
    try:
        base_url = read_config().base_url
        with httpx.Client(base_url=base_url, timeout=40, trust_env=False) as stranger:
            show(stranger, cloak)
    except httpx.ConnectError:
        print(f"demo: nothing answers at {base_url}; start it with: make run", file=sys.stderr)
        return 1
    except (DemoError, httpx.HTTPError, BotoCoreError, ClientError, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def show(stranger: httpx.Client, cloak: str) -> None:
    """Do all of it, with one line for each step; `stranger` is a client that is not signed in."""
    token, name = enter(stranger)
    with httpx.Client(base_url=stranger.base_url, timeout=40, trust_env=False) as artist:
        artist.headers["Authorization"] = f"Bearer {token}"
        expect(artist.put("/v1/me", json={"handle": name, "display_name": "Demo Artist"}), "profile", 201)
        step("profile", f"{stranger.base_url}/v1/profiles/{name}")
        upload = send_picture(artist, cloak)
        media_id = upload["media_id"]
        post = make_post(artist, media_id)
        wait_for_protection(artist, media_id)
    wait_for_publication(stranger, post)
    media = expect(stranger.get(f"/v1/media/{media_id}"), "media", 200).json()
    show_rendition(stranger, media)
    show_original(stranger, upload["upload"])
    show_record(stranger, media_id)
    print(f"\nThe post: {stranger.base_url}/v1/posts/{post}", flush=True)


def enter(stranger: httpx.Client) -> tuple[str, str]:
    """Sign up and in by Cognito's anonymous calls; return an access token and the name."""
    auth = expect(stranger.get("/v1/config"), "configuration", 200).json()["auth"]
    name, password = f"demo_{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    cognito = anonymous_client(auth["endpoint"])
    sign_up(cognito, auth["client_id"], name, password)
    token = sign_in(cognito, auth["client_id"], name, password)
    step("signed up", f"as {name}, confirmed, signed in")
    return token, name


def send_picture(artist: httpx.Client, cloak: str) -> dict[str, Any]:
    """Announce a picture, post it by the form, and return the announcement."""
    picture = paint(secrets.randbits(32))
    announced = {"filename": "painting.jpg", "content_type": "image/jpeg", "bytes": len(picture), "cloak": cloak}
    answer = expect(artist.post("/v1/uploads", json=announced), "announcing the upload", 201)
    upload: dict[str, Any] = answer.json()
    # The form goes to the bucket, without the token: its fields are all the permission there is.
    form = upload["upload"]
    files = {"file": ("painting.jpg", picture, "image/jpeg")}
    sent = httpx.post(form["url"], data=form["fields"], files=files, timeout=60, trust_env=False)
    if not sent.is_success:
        raise DemoError(f"uploading: {sent.status_code} {sent.text[:200]}")
    step("uploaded", f"{len(picture):,} bytes, 2400 x 1600 JPEG, media {upload['media_id']}")
    return upload


def make_post(artist: httpx.Client, media_id: str) -> str:
    """Make a post with the picture, to publish itself as soon as that is protected; return its id."""
    body = {
        "title": "Demo painting",
        "text": "Painted by strokes along a field.",
        "media": [{"id": media_id, "alt": "Curved brush strokes that follow one another in waves"}],
        "publish": "now",
        "portfolio": True,
    }
    post = expect(artist.post("/v1/posts", json=body), "making the post", 201).json()
    step("posted", f"{post['id']} is {post['state']}")
    return str(post["id"])


def wait_for_protection(artist: httpx.Client, media_id: str) -> None:
    """Wait until the picture is ready, saying each change."""
    started, state = time.monotonic(), ""
    while time.monotonic() - started < READY_SECONDS:
        media = expect(artist.get(f"/v1/media/{media_id}", params={"wait": 20}), "media", 200).json()
        if media["state"] != state:
            state = media["state"]
            step("picture", f"{state} after {time.monotonic() - started:.1f} s")
        if state == "ready":
            return
        if state in {"refused", "failed"}:
            raise DemoError(f"the picture was {state}: {media['reason']}")
    raise DemoError(f"the picture was not ready within {READY_SECONDS:.0f} s but {state}")


def wait_for_publication(stranger: httpx.Client, post: str) -> None:
    """Wait until everybody sees the post."""
    deadline = time.monotonic() + PUBLISHED_SECONDS
    while time.monotonic() < deadline:
        answer = stranger.get(f"/v1/posts/{post}")
        if answer.is_success and answer.json()["state"] == "published":
            step("published", "a stranger sees the post")
            return
        time.sleep(0.3)
    raise DemoError(f"the post was not published within {PUBLISHED_SECONDS:.0f} s: {answer.status_code}")


def show_rendition(stranger: httpx.Client, media: dict[str, Any]) -> None:
    """Fetch the largest file as anybody would and show the headers that refuse training."""
    largest = max(media["renditions"], key=lambda item: int(item["width"]))
    answer = expect(httpx.get(largest["url"], timeout=40, trust_env=False), "fetching a rendition", 200)
    step("fetched", f"{largest['url']} ({len(answer.content):,} bytes)")
    for name, value in media_headers(str(stranger.base_url)).items():
        if answer.headers.get(name) != value:
            raise DemoError(f"the rendition came with {name}: {answer.headers.get(name)}")
        print(f"              {name}: {value}", flush=True)


def show_original(stranger: httpx.Client, form: dict[str, Any]) -> None:
    """Show that the original cannot be had, neither from the bucket nor through the CDN."""
    key = form["fields"]["key"]
    direct = httpx.get(f"{form['url'].rstrip('/')}/{key}", timeout=20, trust_env=False)
    through_cdn = stranger.get(f"/media/{key}")
    step("original", f"{direct.status_code} from {urlsplit(form['url']).path}, {through_cdn.status_code} from the CDN")
    if (direct.status_code, through_cdn.status_code) != (403, 403):
        raise DemoError("the original can be had")


def show_record(stranger: httpx.Client, media_id: str) -> None:
    """Show the public record of what was done to the picture."""
    record = expect(stranger.get(f"/v1/media/{media_id}/protection"), "protection record", 200).json()
    cloak = record["cloak"]
    step("protection", f"cloak {cloak['level']}, applied: {'yes' if cloak['applied'] else 'no'}")
    for name, effect in cloak["encoders"].items():
        print(f"              {name}: D {effect['none']}, after JPEG 75 at half size {effect['jpeg75_half']}")
    if cloak["applied"]:
        seen = f"PSNR {cloak['psnr_db']} dB, SSIM {cloak['ssim']}, mean ΔE00 {cloak['color_difference']}"
        print(f"              {seen}, {cloak['cpu_seconds']} CPU seconds")
    print(f"              signals: {', '.join(record['signals'])}")
    print(f"              perceptual hash: {record['perceptual_hash']}")
    print(f"              Content Credentials: {'signed' if record['provenance']['signed'] else 'none'}")
    print(
        f"              record: {'signed' if record['signature'] else 'not signed'}, tools/verify_record.py verifies it"
    )
    for item in record["renditions"]:
        size = f"{item['width']} x {item['height']}"
        print(
            f"              {item['format']:<5} {size:<12} {item['bytes']:>9,} bytes  sha256 {item['sha256']}",
            flush=True,
        )


def expect(answer: httpx.Response, what: str, status: int) -> httpx.Response:
    """Return `answer` if it has `status`; raise DemoError if not."""
    if answer.status_code != status:
        raise DemoError(f"{what}: {answer.status_code} instead of {status}: {answer.text[:300]}")
    return answer


def step(name: str, text: str) -> None:
    """Tell what was done."""
    print(f"  {name:<11} {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
