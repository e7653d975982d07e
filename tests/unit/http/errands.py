"""Doing what the queue of errands has, as the function does."""

import boto3

from chalicelib.composition import errand_queue, errand_workers
from chalicelib.domain.errands import Errand
from chalicelib.services.errands import ErrandService
from chalicelib.settings import settings


def do_errands(*kinds: str, twice: bool = False) -> list[Errand]:
    """Do all errands of some kinds, and what follows of these; others are forgotten. Return what was done."""
    service, done = ErrandService(errand_workers(), errand_queue()), []
    client, url = boto3.client("sqs"), settings().errand_queue_url
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            errand = Errand.from_text(message["Body"])
            if errand.kind in kinds:
                if twice:
                    service.workers[errand.kind](errand)
                service.run(errand)
                done.append(errand)
    return done
