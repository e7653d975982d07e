"""Writes what the platform costs into docs/cost.md, between the markers there.

    .venv/bin/python tools/cost.py            write it
    .venv/bin/python tools/cost.py --check    exit code 1 if it is not up to date

The model and its assumptions are in tools/cost_model.py.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The folder of a script is where Python looks for modules; the checkout is above it.
sys.path.insert(0, str(ROOT))

from tools import cost_model as model  # noqa: E402

DOCUMENT = ROOT / "docs" / "cost.md"

PLAN_USD, PLAN_REQUESTS = 1000.0, 500e6
"""CloudFront's largest flat-rate plan, a month. That it covers transfer, firewall and function is remembered."""
SIGN_IN_SECONDS, SIGN_INS = 0.2, 3
"""Hashing a password in a function of 1 GB, and how often a new account does so in its first week."""


def money(value: float) -> str:
    """Return an amount as people read it: whole dollars where there are many, two digits that count elsewhere."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.01 else "<0.01" if value > 0 else "-"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown; all columns but the first to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def units() -> str:
    """Return the table of prices, with what each comes to at rest and by use."""
    uses = (model.at_rest(), model.upload(1000), model.call(1e6), model.view(1e6))
    costs = [model.usd(use) for use in uses]
    rows = []
    for name, price in model.PRICES.items():
        per = f"{price.usd:.10f}".rstrip("0").rstrip(".")
        amount = "" if price.units in {1, model.GB} else f"{price.units:,.0f} "
        unit = f"{price.service}: {amount}{price.unit}"
        rows.append(
            [unit, per, "given" if price.given else "remembered", *(money(each.get(name, 0)) for each in costs)]
        )
    rows.append(["**Sum**", "", "", *(f"**{money(model.total(each))}**" for each in costs)])
    head = ("what is counted", "USD", "price", "a month at rest", "1,000 uploads", "1 M calls", "1 M page views")
    return table(head, rows)


def week() -> str:
    """Return the table of the surge, dearest first."""
    use = model.surge()
    costs = model.usd(use)
    everything = model.total(costs)
    rows = []
    for name, value in sorted(costs.items(), key=lambda each: -each[1]):
        price = model.PRICES[name]
        quantity = use[name] / (model.GB if price.units == model.GB else 1)
        shown = f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:.2f}"
        rows.append([f"{price.service}: {price.unit}", shown, money(value), f"{value / everything:.1%}"])
    rows.append(["**Sum**", "", f"**{money(everything)}**", ""])
    rows.append([f"target: a hundredth of {model.OLD_BILL_USD:,}", "", money(model.TARGET_USD), ""])
    rows.append(["over the target by", "", money(everything - model.TARGET_USD), ""])
    rows.append(["times the target", "", f"{everything / model.TARGET_USD:.1f}", ""])
    rows.append(["of the old bill", "", f"{everything / model.OLD_BILL_USD:.1%}", ""])
    return table(("line", "quantity", "USD", "share"), rows)


def alternatives() -> str:
    """Return the table of what other choices would change in the week of the surge."""
    use = model.surge()
    costs = model.usd(use)
    edge = model.total(costs, "CloudFront", "WAF")
    pictures = model.week_calls() / model.CALLS_PER_VIEW * model.PICTURES_PER_VIEW
    own = model.PRICES["lambda_gbs"].of((model.GROWTH[1] - model.GROWTH[0]) * SIGN_INS * SIGN_IN_SECONDS)
    tokens = model.total(model.usd(model.surge(hit_rate=0))) - model.total(costs)
    essentials = (model.GROWTH[1] - 10_000) * model.ESSENTIALS_USD - costs["accounts"]
    plan = f"CloudFront's flat plan of {PLAN_USD:,.0f} a month, all of it counted, "
    plan += f"for {PLAN_REQUESTS / 1e6:.0f} M requests (the week has {use['cdn_requests'] / 1e6:.0f} M)"
    changes = [
        ("Accounts of our own instead of Cognito: functions that hash passwords", own - costs["accounts"]),
        (plan, PLAN_USD - edge),
        ("Pictures of half the bytes", -model.PRICES["cdn_bytes"].of(pictures * model.PICTURE_BYTES / 2)),
        ("Function URLs behind the CDN instead of API Gateway REST", -costs["gateway"]),
        ("An HTTP API (1.00 a million) instead of REST", use["gateway"] / 1e6 - costs["gateway"]),
        ("No firewall on pictures: a distribution of their own without it", -model.PRICES["waf_requests"].of(pictures)),
        ("No firewall at all", -model.total(costs, "WAF")),
        ("Half as many files for each picture", -costs["s3_puts"] * model.FILES / (1 + 2 * model.FILES)),
        ("No tracing", -costs["traces"]),
        ("Cognito Essentials, its default, instead of Lite", essentials),
        ("Every reader sends a token with public reads, so that the CDN keeps no answer for all", tokens),
    ]
    rows = [[what, f"{change:+,.0f}", f"{model.total(costs) + change:,.0f}"] for what, change in changes]
    lean = model.total(costs) + sum(change for _, change in (changes[0], changes[1], changes[3]))
    functions = model.total(costs, "API Gateway", "Lambda", "DynamoDB", "CloudWatch", "X-Ray")
    rows.append(["The first, second and fourth together", f"{lean - model.total(costs):+,.0f}", f"{lean:,.0f}"])
    lean -= PLAN_USD * (1 - model.DAYS / 30)
    rows.append(["The same, with a week's share of the plan", f"{lean - model.total(costs):+,.0f}", f"{lean:,.0f}"])
    rows.append(["Calls and functions alone (API Gateway, Lambda, DynamoDB, logs, traces)", "", f"{functions:,.0f}"])
    return table(("choice", "change, USD", "the week then"), rows)


def updated(text: str) -> str:
    """Return the document with its tables renewed. Raises ValueError if it lacks a marker."""
    for name, content in (("units", units()), ("week", week()), ("alternatives", alternatives())):
        begin, end = f"<!-- {name}: written by tools/cost.py -->\n", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{DOCUMENT.name} must have the markers of {name} once")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{content}\n\n{end}{rest.partition(end)[2]}"
    return text


def main(arguments: list[str] | None = None, document: Path = DOCUMENT) -> int:
    """Write or check the document and return the exit code."""
    parser = argparse.ArgumentParser(description="Write what the platform costs into docs/cost.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if it is not up to date")
    options = parser.parse_args(arguments)
    text = document.read_text(encoding="utf-8")
    wanted = updated(text)
    if options.check:
        if text != wanted:
            print(f"{document.name} is not what the model says: run tools/cost.py", file=sys.stderr)
        return int(text != wanted)
    if text != wanted:
        document.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
