"""Muting tags and words."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, InvalidError, LostRaceError, TemporaryError
from chalicelib.domain.relations import MAX_MUTED_TEXTS
from chalicelib.services.ports import Clock, RelationStore

_ATTEMPTS = 5

TextKind = Literal["tags", "words"]


@dataclass(frozen=True, slots=True)
class MutedTextService:
    """Tags and words that an account wants to see nothing of."""

    relations: RelationStore
    now: Clock = clock.now

    def mute(self, account_id: str, kind: TextKind, text: str, until: datetime | None) -> None:
        """Mute a tag or word, until a time or for good; once more sets the time anew.

        Raises:
            ConflictError: as many are muted as may be (``too-many-mutes``).
            InvalidError: the time is past.
        """
        if until is not None and until <= self.now():
            raise InvalidError.of("until", "must be a time to come")

        def changed(texts: dict[str, str | None]) -> dict[str, str | None]:
            if text not in texts and len(texts) >= MAX_MUTED_TEXTS:
                raise ConflictError(f"No more than {MAX_MUTED_TEXTS} {kind} can be muted.", code="too-many-mutes")
            return {**texts, text: clock.to_text(until) if until else None}

        self._change(account_id, kind, changed)

    def unmute(self, account_id: str, kind: TextKind, text: str) -> None:
        """Mute a tag or word no longer."""
        self._change(account_id, kind, lambda texts: {each: until for each, until in texts.items() if each != text})

    def listed(self, account_id: str, kind: TextKind) -> list[tuple[str, str | None]]:
        """Return the muted tags or words in alphabetical order, each with the time until which it is."""
        texts = self.relations.muted_texts(account_id)
        return sorted(self._current(texts.tags if kind == "tags" else texts.words).items())

    def _change(
        self,
        account_id: str,
        kind: TextKind,
        change: Callable[[dict[str, str | None]], dict[str, str | None]],
    ) -> None:
        for _ in range(_ATTEMPTS):
            texts = self.relations.muted_texts(account_id)
            before = texts.tags if kind == "tags" else texts.words
            after = change(self._current(before))
            if after == before:
                return
            with suppress(LostRaceError):
                new = replace(texts, tags=after) if kind == "tags" else replace(texts, words=after)
                self.relations.save_muted_texts(account_id, new)
                return
        raise TemporaryError("the muted texts are being changed by others")

    def _current(self, texts: Mapping[str, str | None]) -> dict[str, str | None]:
        now = clock.to_text(self.now())
        return {text: until for text, until in texts.items() if until is None or until > now}
