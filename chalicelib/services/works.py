"""Works: registering what is published, and telling artists and moderators of pictures that are near each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.fingerprints import Fingerprint, Look, asked_keys
from chalicelib.domain.media import Media, Picture
from chalicelib.domain.moderation import Case
from chalicelib.domain.profiles import Profile
from chalicelib.domain.works import Entry, Match, digest_key, entries, matches, replaced_entries
from chalicelib.services.ports import CaseStore, MatchPage, MatchStore, MediaStore, ProfileStore, WorkStore

MOST_LOOKED_AT, MOST_TOLD = 100, 20
"""How many of a picture's nearest are looked at, which may be its own artist's variations of it, and how many of others
are told of: of a picture that many have uploaded it needs no more."""

type _Near = dict[str, tuple[int, bool]]
"""By media id: the distance, and whether it is that of the mirror image."""


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match, with the other picture and its artist as far as everybody may see them."""

    match: Match
    other: Media | None
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class MatchViews:
    """Some matches of an artist, newest first, and the position after them; None at the end."""

    matches: tuple[MatchView, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class WorkService:
    """Keeps the registry equal to what is published. All of it may be done again, by whomever, to the same end."""

    works: WorkStore
    matches: MatchStore
    cases: CaseStore
    media: MediaStore
    profiles: ProfileStore

    def register(self, media: Media) -> None:
        """Register a picture that is about to be shown, and tell of the works that it is near."""
        self.add(media)
        self.check(media)

    def add(self, media: Media) -> None:
        """Register a picture that is about to be shown; who calls this must have it checked afterwards."""
        self.works.add(entries(media))

    def withdraw(self, media: Media) -> None:
        """Take a picture out of the registry, all of it; what was told of it stays told."""
        self.works.remove(entries(media) + replaced_entries(media))

    def withdraw_replaced(self, media: Media) -> None:
        """Take files out of the registry that were made anew."""
        self.works.remove(replaced_entries(media))

    def forget(self, media: Media) -> None:
        """Remove whatever there is of a picture that is deleted: from the registry, and from the lists of matches."""
        self.withdraw(media)
        self.matches.forget(media.owner_id, media.media_id)

    def check(self, media: Media) -> None:
        """Tell both artists and the moderators of each registered work of another artist that a picture is near.

        Who registers first and looks afterwards sees, or is seen by, everybody else who does: reads are consistent.
        """
        if media.picture is None:
            return
        near = {media_id: how for media_id, how in self._near(media.picture).items() if media_id != media.media_id}
        nearest = sorted(near, key=lambda media_id: (near[media_id][0], media_id))[:MOST_LOOKED_AT]
        others = self.media.get_many(nearest) if nearest else {}
        pairs = [
            matches(media, others[media_id], near[media_id][0], mirrored=near[media_id][1])
            for media_id in nearest
            if media_id in others and others[media_id].owner_id != media.owner_id
        ]
        told = pairs[:MOST_TOLD]
        self.matches.put([each for pair in told for each in pair])
        for case in _cases([later for later, _ in told]):
            self.cases.open(case)

    def list_matches(self, account_id: str, *, limit: int, position: str | None) -> MatchViews:
        """List an artist's matches, newest first. Of the other picture only what is public is shown."""
        page: MatchPage = self.matches.of_account(account_id, limit=limit, position=position)
        media = self.media.get_many({each.other_id for each in page.matches}) if page.matches else {}
        shown = {media_id: each for media_id, each in media.items() if each.exposure == "public"}
        owners = self.profiles.get_many({each.owner_id for each in shown.values()}) if shown else {}

        def view(match: Match) -> MatchView:
            other = shown.get(match.other_id)
            return MatchView(match, other, owners.get(other.owner_id) if other else None)

        return MatchViews(tuple(view(each) for each in page.matches), page.position)

    def _near(self, picture: Picture) -> _Near:
        """Return which registered works look like a picture or its mirror image, or hold the very same file."""
        asked = [(print_, mirrored) for print_ in picture.fingerprints for mirrored in (False, True)]
        looks = [(print_.mirrored if mirrored else print_, mirrored) for print_, mirrored in asked]
        same_file = digest_key(picture.original_sha256)
        keys = {key for print_, _ in looks for key in asked_keys(print_)} | {same_file}
        found = self.works.find(keys, consistent=True)
        near: _Near = {entry.media_id: (0, False) for entry in found.pop(same_file, ())}
        for entry in {entry for bucket in found.values() for entry in bucket}:
            for distance, mirrored in _seen(looks, entry):
                known = near.get(entry.media_id)
                near[entry.media_id] = min(known, (distance, mirrored)) if known else (distance, mirrored)
        return near


def _seen(looks: Iterable[tuple[Fingerprint, bool]], entry: Entry) -> Iterable[tuple[int, bool]]:
    for print_, mirrored in looks:
        distance = Look(print_.hash, print_.detail).sees(entry.hash, entry.detail)
        if distance is not None:
            yield distance, mirrored


def _cases(later: list[Match]) -> list[Case]:
    """Return a case for each picture that came later, with every original that it is near as evidence."""
    by_media: dict[str, list[Match]] = {}
    for match in later:
        by_media.setdefault(match.media_id, []).append(match)
    return [
        Case(
            kind="near-duplicate",
            target=f"media/{media_id}",
            opened_by=None,
            text="",
            evidence=tuple(_evidence(match) for match in found),
            opened_at=found[0].found_at,
        )
        for media_id, found in by_media.items()
    ]


def _evidence(match: Match) -> str:
    turned = ", mirrored" if match.mirrored else ""
    return f"near media/{match.other_id}, which was here first: {match.distance} of 64 bits differ{turned}"
