"""What SES tells of mail that did not arrive, or that somebody called spam."""

import json
from collections.abc import Iterable, Iterator

from chalicelib.domain.errands import Errand
from chalicelib.services.job_letters import RETURNED, digest_of


def errands_of(messages: Iterable[str]) -> Iterator[Errand]:
    """Give an errand for each letter of ours that came back for good, or was complained about.

    Takes event records of SES's publishing, as JSON
    (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html). Whose letter it was, its
    tag says; mail of Cognito has none, and a mailbox that is but full is no reason to end anything.
    """
    for told in map(json.loads, messages):
        [account_id, *_] = told.get("mail", {}).get("tags", {}).get("account") or [""]
        match told.get("eventType"):
            case "Bounce" if told["bounce"].get("bounceType") == "Permanent":
                what, people = "bounced", told["bounce"]["bouncedRecipients"]
            case "Complaint":
                what, people = "complained", told["complaint"]["complainedRecipients"]
            case _:
                continue
        if account_id and people:
            address = digest_of(people[0]["emailAddress"])
            yield Errand(RETURNED, account_id, None, {"what": what, "address": address})
