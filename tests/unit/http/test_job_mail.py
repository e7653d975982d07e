"""Mail of job alerts: what it says, who gets none, and how it ends."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import composition, mail
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import TemporaryError
from chalicelib.domain.letters import Letter, pass_of
from chalicelib.signing import client
from chalicelib.triggers import errands
from tests.unit.http.api import Account, Api
from tests.unit.http.errands import do_errands
from tests.unit.http.mailbox import Mailbox, mailbox
from tests.unit.http.studios import decide, new_name, open_job, verified_studio
from tests.unit.http.test_job_alerts import FINDING, TELLING, alert, sweep, told

RETURNED = "mail-returned"


@pytest.fixture
def box(api: Api) -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def word() -> str:
    return new_name()


@pytest.fixture
def studio(api: Api, ada: Account) -> str:
    return verified_studio(api, ada)


def tell(api: Api, ada: Account, studio: str, word: str) -> str:
    """Open a job and have everybody told."""
    job = open_job(api, ada, studio, software=[], title=f"Painter {word}")
    do_errands(*FINDING, TELLING)
    return job


def state(api: Api, by: Account) -> str:
    answer = api.ask("GET", "/v1/me/job_alerts", by=by)
    return str(answer.json["mail"]["state"])


def path_in(letter: Letter) -> str:
    assert letter.unsubscribe.startswith("https://cara.test/v1/unsubscribe/")
    return letter.unsubscribe.removeprefix("https://cara.test")


def test_a_letter_says_what_was_found(api: Api, ada: Account, studio: str, word: str, box: Mailbox) -> None:
    bob = api.join()
    alert(api, bob, q=word, name="Skies")
    alert(api, bob, q=word, name="Not by mail", email=False)
    job = tell(api, ada, studio, word)
    do_errands(TELLING, twice=True)
    api.ask("PATCH", job, {"level": "lead"}, by=ada)
    do_errands(*FINDING, TELLING)  # it fits as before
    [letter] = box.of(bob.account_id)
    assert letter.subject == f"New job: Painter {word}"
    assert f"https://cara.test/jobs/{job.rpartition('/')[2]}\n" in letter.text
    assert "EUR 42,000.00 to 55,000.00 a year" in letter.text
    assert "Köln DE" in letter.text
    assert ("Skies" in letter.text, "Not by mail" in letter.text) == (True, False)
    assert letter.unsubscribe in letter.text
    assert bob.account_id not in letter.unsubscribe
    assert len(told(api, bob)) == 2


def test_a_day_is_one_letter_and_none_without_news(
    api: Api, ada: Account, studio: str, word: str, box: Mailbox
) -> None:
    bob = api.join()
    for name in ("One", "Two"):
        alert(api, bob, q=word, name=name, cadence="daily")
    jobs = [tell(api, ada, studio, word) for _ in range(2)]
    assert box.of(bob.account_id) == []
    api.ask("POST", f"{jobs[0]}/close", by=ada)
    sweep()
    do_errands(TELLING, twice=True)
    [letter] = box.of(bob.account_id)
    assert letter.text.count(jobs[1].rpartition("/")[2]) == 2  # for each alert that found it
    assert jobs[0].rpartition("/")[2] not in letter.text
    sweep(2)
    do_errands(TELLING)
    assert len(box.of(bob.account_id)) == 1


def test_a_letter_that_was_not_sent_is_sent_later_and_once(
    api: Api, ada: Account, studio: str, word: str, box: Mailbox
) -> None:
    bob, eve = api.join(), api.join()
    alert(api, bob, q=word)
    alert(api, eve, q=word, cadence="daily")
    open_job(api, ada, studio, software=[], title=word)
    do_errands(*FINDING)
    box.fails = 1
    again = Errand(TELLING, bob.account_id, None, {"cadence": "at_once"})
    with pytest.raises(TemporaryError):
        composition.job_delivery().deliver(again)
    for _ in range(2):
        composition.job_delivery().deliver(again)  # as the queue brings it again
    assert len(box.of(bob.account_id)) == len(told(api, bob)) == 1
    sweep()
    box.fails = 1
    with pytest.raises(TemporaryError):
        do_errands(TELLING)
    sweep(1.1)  # the round is not over
    do_errands(TELLING, twice=True)
    assert len(box.of(eve.account_id)) == len(told(api, eve)) == 1


def test_a_link_shows_a_button_and_the_button_ends_it(
    api: Api, ada: Account, studio: str, word: str, box: Mailbox
) -> None:
    bob = api.join()
    alert(api, bob, q=word)
    tell(api, ada, studio, word)
    path = path_in(box.of(bob.account_id)[0])
    page = api.ask("GET", path)
    assert page.status == 200
    assert re.search(r'<form method="post"><button', page.text)
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "private, no-store"
    assert (page.headers["referrer-policy"], "noindex" in page.headers["x-robots-tag"]) == ("no-referrer", True)
    assert state(api, bob) == "on"
    for _ in range(2):
        ended = api.ask("POST", path)
        assert (ended.status, "<form" in ended.text) == (200, False)
    assert state(api, bob) == "unsubscribed"
    assert "<form" not in api.ask("GET", path).text
    tell(api, ada, studio, word)
    assert (len(box.of(bob.account_id)), [each["count"] for each in told(api, bob)]) == (1, [2])
    assert api.ask("PUT", "/v1/me/job_alerts/mail", {"on": True}, by=bob).json["state"] == "on"
    tell(api, ada, studio, word)
    assert len(box.of(bob.account_id)) == 2
    assert api.ask("PUT", "/v1/me/job_alerts/mail", {"on": False}, by=bob).json["state"] == "unsubscribed"
    assert api.ask("PUT", "/v1/me/job_alerts/mail", {"on": True}, by=api.join()).status == 404


def test_nobody_ends_what_is_anothers(api: Api, ada: Account, studio: str, word: str, box: Mailbox) -> None:
    bob, eve = api.join(), api.join()
    for each in (bob, eve):
        alert(api, each, q=word)
    tell(api, ada, studio, word)
    theirs = path_in(box.of(bob.account_id)[0])
    for wrong in (theirs[:-3], f"{theirs}AAAA", "/v1/unsubscribe/x", f"/v1/unsubscribe/{pass_of(eve.account_id, 'x')}"):
        for method in ("GET", "POST"):
            answer = api.ask(method, wrong)
            assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (state(api, bob), state(api, eve)) == ("on", "on")


def returned(account_id: str | None, address: str, kind: str = "Bounce", **said: Any) -> None:
    """Have the function told what SES tells of a letter."""
    people = [{"emailAddress": address}]
    event = {
        "eventType": kind,
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": people, **said},
        "complaint": {"complainedRecipients": people, "complaintFeedbackType": "abuse"},
        "mail": {
            "messageId": "x",
            "destination": [address],
            "tags": {"ses:configuration-set": ["cara"]} | ({"account": [account_id]} if account_id else {}),
        },
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {"Message": json.dumps(event)}}
    assert errands.run_errands({"Records": [record]}, None) == {"batchItemFailures": []}
    do_errands(RETURNED, twice=True)


def test_an_address_that_bounced_gets_no_more(api: Api, ada: Account, studio: str, word: str, box: Mailbox) -> None:
    bob = api.join()
    alert(api, bob, q=word)
    address = str(box.address(bob.account_id))
    for account_id, kind, said in (
        (bob.account_id, "Bounce", {"bounceType": "Transient"}),
        (bob.account_id, "Delivery", {}),
        (None, "Bounce", {}),
        ("somebody who is gone", "Bounce", {}),
    ):
        returned(account_id, address, kind, **said)
        assert state(api, bob) == "on"
    returned(bob.account_id, address.upper())
    assert state(api, bob) == "bounced"
    tell(api, ada, studio, word)
    assert (box.of(bob.account_id), len(told(api, bob))) == ([], 1)
    box.addresses[bob.account_id] = "another@mail.test"
    tell(api, ada, studio, word)
    assert len(box.of(bob.account_id)) == 1
    box.addresses[bob.account_id] = address
    assert api.ask("PUT", "/v1/me/job_alerts/mail", {"on": True}, by=bob).json["state"] == "on"
    tell(api, ada, studio, word)
    assert len(box.letters) == 2


def test_who_complained_gets_no_more_whatever_bounces(
    api: Api, ada: Account, studio: str, word: str, box: Mailbox
) -> None:
    bob = api.join()
    alert(api, bob, q=word)
    address = str(box.address(bob.account_id))
    returned(bob.account_id, address, "Complaint")
    assert state(api, bob) == "complained"
    returned(bob.account_id, address)
    assert state(api, bob) == "complained"
    box.addresses[bob.account_id] = "another@mail.test"
    tell(api, ada, studio, word)
    assert box.letters == []


def test_who_may_not_have_mail_has_none(api: Api, ada: Account, studio: str, word: str, box: Mailbox) -> None:
    bob, eve = api.join(), api.join()
    for each in (bob, eve):
        alert(api, each, q=word)
    box.addresses[eve.account_id] = None  # Cognito knows no verified one
    decide(api, "suspend", f"profiles/{bob.handle}")
    tell(api, ada, studio, word)
    assert box.letters == []


# ---------------------------------------------------------------- SES and Cognito


def test_the_address_is_the_verified_one_of_that_account(api: Api) -> None:
    post = mail.Mail("jobs@cara.test", "pool")
    said = {"sub": "ada", "email": "ada@mail.test", "email_verified": "true"}
    for changed, enabled, expected in (
        ({}, True, "ada@mail.test"),
        ({"email_verified": "false"}, True, None),
        ({}, False, None),
        ({"sub": "who chose that name"}, True, None),
    ):
        attributes = [{"Name": name, "Value": value} for name, value in {**said, **changed}.items()]
        with Stubber(client("cognito-idp")) as cognito:
            answer = {"Username": "x", "UserAttributes": attributes, "Enabled": enabled}
            cognito.add_response("admin_get_user", answer, {"UserPoolId": "pool", "Username": "ada"})
            assert post.address("ada") == expected
    with Stubber(client("cognito-idp")) as cognito:
        cognito.add_client_error("admin_get_user", "UserNotFoundException")
        assert post.address("ada") is None
        cognito.add_client_error("admin_get_user", "TooManyRequestsException")
        with pytest.raises(TemporaryError):
            post.address("ada")


def test_a_letter_has_the_headers_of_one_click(api: Api) -> None:
    asked: list[dict[str, Any]] = []
    post = mail.Mail("jobs@cara.test", "pool")
    letter = Letter("New job: ä", "text", "https://cara.test/v1/unsubscribe/x")
    with pytest.raises(TemporaryError):  # SES does not know the sender yet
        post.send(letter, "ada@mail.test", "ada")
    boto3.client("sesv2").create_email_identity(EmailIdentity="cara.test")
    ses = mail._ses()
    ses.meta.events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: asked.append(params))
    post.send(letter, "ada@mail.test", "account-1")
    [sent] = asked
    headers = {each["Name"]: each["Value"] for each in sent["Content"]["Simple"]["Headers"]}
    assert headers == {
        "List-Unsubscribe": "<https://cara.test/v1/unsubscribe/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert sent["EmailTags"] == [{"Name": "account", "Value": "account-1"}]
    assert sent["Destination"] == {"ToAddresses": ["ada@mail.test"]}
