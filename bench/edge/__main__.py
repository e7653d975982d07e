"""Microseconds that the CDN's function takes for a request, by client and path, and its reads of the store.

    .venv/bin/python -m bench.edge

The engine is QuickJS, not CloudFront's: compare rows with each other and with those of an earlier version. The rows of
robots.txt are about what the runner itself takes, which hands events over as JSON. What CloudFront takes is told by its
own test of a function (ComputeUtilization, in percent of what is allowed).
"""

import statistics
import time

from tools.edge_agents import FUNCTION, FUNCTION_BYTES, read_agents, store
from tools.localcloud.edge_event import viewer_request
from tools.localcloud.edge_function import EdgeFunction
from tools.localcloud.messages import Request

ROUNDS, WARM_UP = 2000, 200
PICTURE = "/media/01JABCDEFGHJKMNPQRSTVWXYZ0/0123456789abcdef0123456789abcdef.webp"
AGENTS = {
    "Firefox": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Chrome on Android": (
        "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
        "Safari/537.36"
    ),
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "GPTBot": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "img2dataset": "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:72.0) Gecko/20100101 Firefox/72.0",
    "500 words": " ".join(f"word{number}" for number in range(500)),
    "one word of 8 KB": "a" * 8000,
}
PATHS = {"picture": PICTURE, "API": "/v1/latest?limit=20&cursor=abc", "page": "/@ada/", "robots.txt": "/robots.txt"}


def main() -> None:
    """Print the table."""
    function = EdgeFunction(store(read_agents(), "https://cara.example"))
    print(f"{FUNCTION.name}: {FUNCTION.stat().st_size} of {FUNCTION_BYTES} bytes. QuickJS, not CloudFront's engine.\n")
    print(f"{'client':<18} | {'path':<10} | {'answer':<8} | reads | median us | 99 % us")
    for agent, sent in AGENTS.items():
        for path, target in PATHS.items():
            print(f"{agent:<18} | {path:<10} | {_measured(function, sent, target)}", flush=True)


def _measured(function: EdgeFunction, agent: str, target: str) -> str:
    headers = {"host": "cara.example", "user-agent": agent, "accept": "*/*", "sec-fetch-site": "same-origin"}
    event = viewer_request(Request("GET", target, target.partition("?")[0], headers, "192.0.2.1", bytes), "bench")
    taken = []
    for _ in range(WARM_UP + ROUNDS):
        started = time.perf_counter()
        outcome = function.run(event)
        taken.append((time.perf_counter() - started) * 1e6)
    percentiles = statistics.quantiles(taken[WARM_UP:], n=100)
    answer = outcome.answer.get("statusCode", "goes on")
    return f"{answer!s:<8} | {outcome.reads:>5} | {percentiles[49]:>9.0f} | {percentiles[98]:>7.0f}"


if __name__ == "__main__":
    main()
