"""Runs infra/edge/viewer-request.js as CloudFront would: an event goes in, a request or an answer comes out.

The engine is QuickJS, not CloudFront's own: it knows more of JavaScript, and its speed says nothing about CloudFront's.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import quickjs

from tools.edge_agents import FUNCTION, EdgeError

Event = dict[str, Any]

_IMPORT = "import cf from 'cloudfront';"

# CPU time of the whole process, so that a busy machine is no error. CloudFront takes about a millisecond; a loop that
# does not end is all that should be caught here.
_TIME_LIMIT_SECONDS = 1.0
_MEMORY_LIMIT_BYTES = 16 * 1024 * 1024

# The store: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
_RUNTIME = """
(function (pairs) {
    let reads = 0;
    function read(key) {
        reads++;
        if (pairs === null) { throw new Error('InternalError'); }
        if (key.length > 512) { throw new Error('KeyTooLong'); }
        return Object.prototype.hasOwnProperty.call(pairs, key) ? pairs[key] : undefined;
    }
    globalThis.cf = {kvs: function () { return {
        exists: async function (key) { return read(key) !== undefined; },
        get: async function (key) {
            const value = read(key);
            if (value === undefined) { throw new Error('KeyNotFound'); }
            return value;
        },
    }; }};
    globalThis.startEvent = function (event) {
        reads = 0;
        globalThis.outcome = '{}';
        Promise.resolve(JSON.parse(event)).then(handler).then(
            answer => { globalThis.outcome = JSON.stringify({answer: answer, reads: reads}); },
            error => { globalThis.outcome = JSON.stringify({error: String(error)}); });
    };
})"""


class FunctionError(Exception):
    """The function threw, took too long or gave no answer: what CloudFront calls FunctionExecutionError."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the function made of an event.

    Attributes:
        answer: the request, changed or not, or a response; both in the form of CloudFront's events.
        reads: how often it read the store.
    """

    answer: dict[str, Any]
    reads: int


class EdgeFunction:
    """The function with a store of its own. Safe to use from many threads, each of which gets an engine."""

    def __init__(self, pairs: Mapping[str, str] | None, *, file: Path = FUNCTION) -> None:
        """Take what the store holds, or None for a store that does not answer.

        Raises EdgeError if `file` does not begin as a function with a store does.
        """
        first, _, rest = file.read_text(encoding="utf-8").partition("\n")
        if first != _IMPORT:
            raise EdgeError(f"{file.name} must begin with: {_IMPORT}")
        stored = None if pairs is None else dict(pairs)
        # The line of the import stays as an empty one, so that errors name the lines of the file.
        self._program = f"\n{rest}"
        self._runtime = f"{_RUNTIME}({json.dumps(stored)})"
        self._engines = threading.local()

    def run(self, event: Event) -> Outcome:
        """Return what the function makes of `event`. Raises FunctionError."""
        engine = self._engine()
        try:
            engine.get("startEvent")(json.dumps(event))
            while engine.execute_pending_job():
                pass
            outcome = json.loads(engine.get("outcome"))
        except quickjs.JSException as error:
            # What was interrupted may be left in any state.
            del self._engines.engine
            raise FunctionError(str(error).strip()) from error
        if not isinstance(outcome.get("answer"), dict):
            raise FunctionError(outcome.get("error", "it gave no answer"))
        return Outcome(outcome["answer"], outcome["reads"])

    def _engine(self) -> Any:
        if not hasattr(self._engines, "engine"):
            engine = quickjs.Context()
            engine.set_time_limit(_TIME_LIMIT_SECONDS)
            engine.set_memory_limit(_MEMORY_LIMIT_BYTES)
            try:
                engine.eval(self._runtime)
                engine.eval(self._program)
            except quickjs.JSException as error:
                raise FunctionError(str(error).strip()) from error
            self._engines.engine = engine
        return self._engines.engine
