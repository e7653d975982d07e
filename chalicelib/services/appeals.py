"""Appeals: an artist asks moderators to look at a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import clock
from chalicelib.domain.errors import (
    ConflictError,
    FieldError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id
from chalicelib.domain.media import APPEAL_DAYS, Media
from chalicelib.domain.moderation import Appeal, Case
from chalicelib.services.ports import Clock, MediaStore, ModerationStore, OriginalStore

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class AppealService:
    """Takes appeals: one for a picture, and one for each time that a moderator removes it."""

    media: MediaStore
    cases: ModerationStore
    originals: OriginalStore
    now: Clock = clock.now

    def appeal(self, account_id: str, media_id: str, text: str, pictures: Sequence[str]) -> Appeal:
        """Open an appeal against the refusal of an own media, or against its removal by a moderator.

        Args:
            account_id: who asks.
            media_id: the refused media.
            text: why it should be shown.
            pictures: ids of own media that show how it was made; moderators see them, and nobody else.

        Raises:
            NotFoundError: the account has no such media.
            InvalidError: a picture is not the account's own, or the refused one.
            ConflictError: there is nothing to appeal (``not-appealable``), or no more (``appeal-open``,
                ``appeal-decided``, ``appeal-too-late``, ``original-gone``).
        """
        self._check_pictures(account_id, media_id, pictures)
        for _ in range(_ATTEMPTS):
            media = self.media.get(media_id, consistent=True) if is_id(media_id) else None
            if media is None or media.owner_id != account_id:
                raise NotFoundError(f"There is no media {media_id} of yours.")
            moment = self.now()
            _check_appealable(media, moment)
            removed = media.withheld is not None
            if not removed and not self.originals.arrived(media.original_key):
                raise original_gone()
            appeal = Appeal("open", clock.to_text(moment))
            found = media.reason.evidence if media.reason else ()
            evidence = (media.reason.message,) if removed and media.reason else found
            case = Case(
                *("appeal", media_target(media_id), account_id, text, evidence, appeal.at, tuple(pictures)),
                version=media.removed_by,
            )
            try:
                self.cases.open_appeal(case, media, replace(media, appeal=appeal), moment)
            except LostRaceError:
                continue
            return appeal
        raise TemporaryError(f"media {media_id} is being changed by others")

    def _check_pictures(self, account_id: str, media_id: str, pictures: Sequence[str]) -> None:
        found = self.media.get_many([each for each in pictures if is_id(each)]) if pictures else {}
        wrong = []
        for index, each in enumerate(pictures):
            picture = found.get(each)
            if picture is None or picture.owner_id != account_id:
                wrong.append(FieldError(f"process_media_ids[{index}]", "is no media of yours"))
            elif each == media_id:
                wrong.append(FieldError(f"process_media_ids[{index}]", "is the refused picture itself"))
            elif each in pictures[:index]:
                wrong.append(FieldError(f"process_media_ids[{index}]", "stands here twice"))
            elif picture.state in {"refused", "failed"}:
                wrong.append(FieldError(f"process_media_ids[{index}]", f"was {picture.state} itself"))
        if wrong:
            raise InvalidError("Please correct the pictures of the appeal.", errors=tuple(wrong))


def media_target(media_id: str) -> str:
    """Return how cases and decisions name a media."""
    return f"media/{media_id}"


def media_key(target: str) -> str | None:
    """Return the media that a target names, or None where it is none."""
    kind, _, key = target.partition("/")
    return key if kind == "media" and is_id(key) else None


def original_gone() -> ConflictError:
    """Return the error of a picture that cannot be processed once more."""
    return ConflictError("The uploaded picture is no longer there. Please upload it again.", code="original-gone")


def _check_appealable(media: Media, moment: datetime) -> None:
    if media.appeal is not None and media.appeal.asked:
        if media.appeal.state == "open":
            raise ConflictError("You have appealed already. A moderator will look into it.", code="appeal-open")
        raise ConflictError(
            "A moderator has decided on your appeal, as the media's answer shows. There is one for each picture.",
            code="appeal-decided",
        )
    if media.withheld is not None:
        return
    if not media.appealable:
        detail = (
            "This refusal is about the file itself. Correct it and upload it again."
            if media.state == "refused"
            else f"The picture was not refused; it is {media.state}."
        )
        raise ConflictError(detail, code="not-appealable")
    if clock.from_text(media.updated_at) + timedelta(days=APPEAL_DAYS) < moment:
        raise ConflictError(
            f"An appeal is possible within {APPEAL_DAYS} days of the refusal. Please upload the picture again.",
            code="appeal-too-late",
        )
