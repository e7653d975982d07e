"""What the platform uses and what that costs: at rest, by use, and in a surge.

A model, not a bill: quantities are assumed, prices are list prices of us-east-1. Free tiers are left out, except for
Cognito's, which is a tier of its price. Alarms, keys and rules are counted in infra/*.yaml.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.telemetry import Metric
from tools.architecture_model import template

OLD_BILL_USD = 96_280
TARGET_USD = OLD_BILL_USD / 100
MONTH_HOURS = 730
GB = 1e9

type Usage = dict[str, float]
"""Quantities, by the keys of PRICES."""


def together(*uses: Usage) -> Usage:
    """Return the sum of quantities."""
    found: Usage = {}
    for use in uses:
        for name, quantity in use.items():
            found[name] = found.get(name, 0.0) + quantity
    return found


@dataclass(frozen=True, slots=True)
class Price:
    """A list price.

    Attributes:
        service: whose, for people.
        usd: of so many units.
        units: how many.
        unit: what is counted.
        given: whether it stands in the project's own list of prices; the others are remembered.
    """

    service: str
    usd: float
    units: float
    unit: str
    given: bool = False

    def of(self, quantity: float) -> float:
        """Return what a quantity costs, in USD."""
        return quantity * self.usd / self.units


MILLION = 1e6
PRICES = {
    "cdn_requests": Price("CloudFront", 1.00, MILLION, "HTTPS requests", given=True),
    "cdn_bytes": Price("CloudFront", 0.085, GB, "GB to viewers", given=True),
    "cdn_function": Price("CloudFront", 0.10, MILLION, "runs of the function"),
    "waf_requests": Price("WAF", 0.60, MILLION, "requests"),
    "waf_fixed": Price("WAF", 1.00, 1, "rules a month; the ACL counts as 5"),
    "gateway": Price("API Gateway", 3.50, MILLION, "calls (REST)", given=True),
    "lambda_calls": Price("Lambda", 0.20, MILLION, "invocations", given=True),
    "lambda_gbs": Price("Lambda", 0.0000133334, 1, "GB-seconds (arm64)", given=True),
    "reads": Price("DynamoDB", 0.125, MILLION, "read units", given=True),
    "writes": Price("DynamoDB", 0.625, MILLION, "write units", given=True),
    "sqs": Price("SQS", 0.40, MILLION, "requests", given=True),
    "s3_puts": Price("S3", 5.00, MILLION, "PUT, COPY, POST"),
    "s3_gets": Price("S3", 0.40, MILLION, "GET"),
    "s3_storage": Price("S3", 0.023, GB, "GB a month"),
    "kms_keys": Price("KMS", 1.00, 1, "keys a month"),
    "kms_requests": Price("KMS", 0.03, 10_000, "requests"),
    "kms_signatures": Price("KMS", 0.15, 10_000, "signatures"),
    "logs": Price("CloudWatch", 0.50, GB, "GB of logs"),
    "metrics": Price("CloudWatch", 0.30, 1, "custom metrics a month"),
    "alarms": Price("CloudWatch", 0.10, 1, "metrics of alarms a month"),
    "dashboards": Price("CloudWatch", 3.00, 1, "dashboards a month"),
    "canary": Price("Synthetics", 0.0012, 1, "runs"),
    "traces": Price("X-Ray", 5.00, MILLION, "traces"),
    "mail": Price("SES", 0.10, 1000, "mails"),
    "accounts": Price("Cognito Lite", 0.0055, 1, "accounts active in a month; see tiers"),
}

COGNITO_TIERS = ((10_000, 0.0), (100_000, 0.0055), (float("inf"), 0.0046))
"""Up to so many accounts, each costs so much: Lite. The next tier, above a million, is not reached here."""
ESSENTIALS_USD = 0.015

# ---- what is assumed
GROWTH = (40_000, 650_000)
DAYS = 7
PEAK_CALLS = 56 * MILLION
PUBLIC_SHARE = 0.80
"""Of the API's calls, those whose answer the CDN may keep; sent without a token, or each token has its own copy."""
HIT_RATE = 0.79
"""Of those: simulated for the peak, when answers are kept for 60 s."""
AUTHORIZED_SHARE = 0.20
AUTHORIZER_REUSE = 10
"""Calls for which API Gateway takes one word of the authorizer, which it keeps five minutes."""
CALL_SECONDS, CALL_GB = 0.030, 1.0
CALL_READS, CALL_WRITES = 2.0, 0.05
ANSWER_BYTES = 3_000
LINE_BYTES = 1_500
"""Our line, Lambda's own two and the access log's, for one call."""
TRACED = 0.05
CALLS_PER_VIEW = 5
PICTURES_PER_VIEW, PICTURE_BYTES = 8, 40_000
"""New pictures of a page view, those that the browser has left out, in the sizes that lists show."""
PICTURE_MISSES = 0.10
UPLOADS_PER_USER = 2.0
UPLOAD_SECONDS, UPLOAD_GB = 2.0, 1.769
"""CPU of a 12 MP picture (measured) at one vCPU; without a cloak."""
FILES, ORIGINAL_BYTES, RENDITION_BYTES = 12, 4_000_000, 3_000_000
UPLOAD_CALLS, UPLOAD_READS, UPLOAD_WRITES = 4, 70, 55
UPLOAD_LINE_BYTES = 3_000
BUCKET_KEY_MISSES = 0.01
MAILS_PER_USER = 1.2
REASONS = 10
CDN_METRICS = 8


def call(number: float = 1) -> Usage:
    """Return what calls use that reach API Gateway, CDN included."""
    own: Usage = {
        "gateway": number,
        "lambda_calls": number * (1 + AUTHORIZED_SHARE / AUTHORIZER_REUSE),
        "lambda_gbs": number * CALL_SECONDS * CALL_GB,
        "reads": number * CALL_READS,
        "writes": number * CALL_WRITES,
        "logs": number * LINE_BYTES,
        "traces": number * TRACED,
    }
    return together(seen(number, ANSWER_BYTES), own)


def seen(number: float, size: float) -> Usage:
    """Return what requests use at the CDN."""
    return {"cdn_requests": number, "cdn_bytes": number * size, "cdn_function": number, "waf_requests": number}


def picture(number: float) -> Usage:
    """Return what pictures use that are looked at."""
    misses = number * PICTURE_MISSES
    return together(seen(number, PICTURE_BYTES), {"s3_gets": misses, "kms_requests": misses * BUCKET_KEY_MISSES})


def api(number: float, hit_rate: float = HIT_RATE) -> Usage:
    """Return what calls use, those that the CDN answers among them."""
    cached = number * PUBLIC_SHARE * hit_rate
    return together(call(number - cached), seen(cached, ANSWER_BYTES))


def view(number: float = 1) -> Usage:
    """Return what page views use."""
    return together(api(number * CALLS_PER_VIEW), picture(number * PICTURES_PER_VIEW))


def protection(number: float) -> Usage:
    """Return what uploads use until they are published, their calls apart, with a month's storage."""
    return {
        "lambda_calls": number,
        "lambda_gbs": number * UPLOAD_SECONDS * UPLOAD_GB,
        "sqs": number * 3,
        "s3_puts": number * (1 + 2 * FILES),
        "s3_gets": number * 2,
        "s3_storage": number * (ORIGINAL_BYTES + 2 * RENDITION_BYTES),
        "kms_requests": number * (3 + 4 * FILES) * BUCKET_KEY_MISSES,
        "kms_signatures": number * (FILES + 1),
        "reads": number * UPLOAD_READS,
        "writes": number * UPLOAD_WRITES,
        "logs": number * UPLOAD_LINE_BYTES,
    }


def upload(number: float = 1) -> Usage:
    """Return what uploads use, their calls included."""
    return together(call(number * UPLOAD_CALLS), protection(number))


def at_rest() -> Usage:
    """Return what a month uses in which nobody comes but the canary."""
    templates = {name: template(name)["Resources"] for name in ("base", "bindings", "edge")}
    resources = [each for found in templates.values() for each in found.values()]
    kinds = Counter(each["Type"] for each in resources)
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    [acl] = (each["Properties"] for each in resources if each["Type"] == "AWS::WAFv2::WebACL")
    runs = MONTH_HOURS * 60 / 5
    fixed: Usage = {
        "kms_keys": kinds["AWS::KMS::Key"],
        "waf_fixed": 5 + sum("If" not in rule for rule in acl["Rules"]),
        "alarms": sum(map(_metrics, alarms)),
        "metrics": len(Metric) - 1 + REASONS + CDN_METRICS,
        "dashboards": kinds["AWS::CloudWatch::Dashboard"],
        "canary": runs,
        # the canary is a function of 1 GB, the sweep one of half a GB; both take a second
        "lambda_calls": 2 * runs,
        "lambda_gbs": 1.5 * runs,
        "reads": 8 * runs,
    }
    return together(call(runs), fixed)


def _metrics(alarm: Mapping[str, Any]) -> int:
    """Return how many metrics an alarm is paid for; a query counts as those of its reasons."""
    parts = alarm.get("Metrics", [{"MetricStat": {}}])
    return sum(1 if "MetricStat" in part else REASONS if "SELECT" in str(part) else 0 for part in parts)


def accounts_usd(active: float) -> float:
    """Return what accounts cost that were active in a month."""
    total, below = 0.0, 0.0
    for most, usd in COGNITO_TIERS:
        total += max(0.0, min(active, most) - below) * usd
        below = most
    return total


def week_calls() -> float:
    """Return the calls of the surge: by day as the users, who grow by the same factor each day."""
    first, last = GROWTH
    factor: float = (last / first) ** (1 / (DAYS - 1))
    return PEAK_CALLS * sum(first * factor**day for day in range(DAYS)) / last


def surge(hit_rate: float = HIT_RATE) -> Usage:
    """Return what the week of the surge uses. The calls of uploads are among its calls."""
    new, calls = GROWTH[1] - GROWTH[0], week_calls()
    week = DAYS / 30
    uploads = protection(new * UPLOADS_PER_USER)
    uploads["s3_storage"] *= week
    standing = {name: quantity * week for name, quantity in at_rest().items()}
    people: Usage = {"mail": new * MAILS_PER_USER, "accounts": GROWTH[1]}
    pictures = picture(calls / CALLS_PER_VIEW * PICTURES_PER_VIEW)
    return together(api(calls, hit_rate), pictures, uploads, standing, people)


def usd(use: Usage) -> dict[str, float]:
    """Return what usage costs, by the keys of PRICES."""
    return {
        name: accounts_usd(quantity) if name == "accounts" else PRICES[name].of(quantity)
        for name, quantity in use.items()
    }


def total(costs: Mapping[str, float], *services: str) -> float:
    """Return the sum of some services' costs; of all if none is named."""
    return sum(value for name, value in costs.items() if not services or PRICES[name].service in services)
