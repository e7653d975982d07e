"""Studios: made by anybody, seen by everybody, held where they look like somebody else."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain import clock
from chalicelib.domain.answering import AnsweredShare, answered_share, months_of_figure
from chalicelib.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PreconditionFailedError,
    TemporaryError,
)
from chalicelib.domain.ids import is_id
from chalicelib.domain.media import Media
from chalicelib.domain.moderation import Case
from chalicelib.domain.studios import (
    MAX_STUDIOS,
    Member,
    Studio,
    StudioFields,
    Verification,
    VerificationMethod,
    is_slug,
    look,
)
from chalicelib.services.application_ports import ApplicationCounts
from chalicelib.services.exposure import STUDIO, ExposureService
from chalicelib.services.hiring_ports import StudioStore
from chalicelib.services.ports import Clock, MediaStore

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class StudioView:
    """A studio as somebody sees it.

    Attributes:
        studio: the studio.
        membership: what the reader is to it.
        logo: None while nobody may see it.
        share: how many applications it answered within 30 days; None where there are too few, and where it was not
            asked for.
    """

    studio: Studio
    membership: Member | None = None
    logo: Media | None = None
    share: AnsweredShare | None = None


@dataclass(frozen=True, slots=True)
class StudioService:
    """Makes, changes and shows studios, and asks moderators to verify them."""

    studios: StudioStore
    media: MediaStore
    exposure: ExposureService
    counts: ApplicationCounts
    now: Clock = clock.now

    def create(self, account_id: str, slug: str, fields: StudioFields) -> StudioView:
        """Make a studio whose first owner is the account.

        One that looks like a verified studio is held: nobody else sees it before a moderator has looked.

        Raises:
            ConflictError: the slug is taken (``slug-taken``), or the account has enough studios (``too-many-studios``).
            InvalidError: the logo is no ready picture of the account.
        """
        self._check_logo(account_id, fields.logo_media_id)
        if sum(each.state == "member" for each in self.studios.of_account(account_id)) >= MAX_STUDIOS:
            raise ConflictError(f"An account has {MAX_STUDIOS} studios at most.", code="too-many-studios")
        at = clock.to_text(self.now())
        studio = Studio(slug=slug, fields=fields, created_at=at, updated_at=at)
        holder = self.studios.holder(studio.marks)
        studio = replace(studio, held=holder is not None)
        owner = Member(slug, account_id, "owner", "member", at)
        text = f"It looks like the verified studio {holder}."
        taken = ConflictError(
            f"There is a studio {slug} already.", code="slug-taken", title="Somebody else has this slug"
        )
        if fields.logo_media_id is not None and self.studios.get(slug) is not None:
            raise taken  # before the picture notes that the studio shows it
        try:
            with self._showing(slug, account_id, None, fields.logo_media_id):
                self.studios.create(studio, owner, _case(studio, account_id, text, (), at) if holder else None)
        except LostRaceError as error:
            raise taken from error
        return self.view(studio, owner)

    def get(self, slug: str, account_id: str | None) -> StudioView:
        """Return a studio to whoever may see it.

        Raises:
            NotFoundError: there is none, or it is held and the asker is no member.
        """
        studio = self.studios.get(slug) if is_slug(slug) else None
        member = self.studios.member(slug, account_id) if studio and account_id else None
        if studio is None or (studio.held and member is None):
            raise no_studio(slug)
        moment = self.now()
        share = answered_share(self.counts.months(slug, months_of_figure(moment)), moment)
        return replace(self.view(studio, member), share=share)

    def mine(self, account_id: str) -> list[StudioView]:
        """List an account's studios, those that invited it included, by slug."""
        members = self.studios.of_account(account_id)
        found = self.studios.get_many(member.slug for member in members)
        shown = (StudioView(found[member.slug], member) for member in members if member.slug in found)
        return sorted(shown, key=lambda view: view.studio.slug)

    def change(self, slug: str, account_id: str, changes: Mapping[str, Any], versions: set[int]) -> StudioView:
        """Change what ``changes`` names, for an owner.

        Args:
            slug: which studio.
            account_id: who asks.
            changes: fields by name.
            versions: those that the client has seen; empty for any.

        Raises:
            NotFoundError, ForbiddenError: see :meth:`as_owner`.
            PreconditionFailedError: it was changed since the client read it.
            ConflictError: the name is what a verification is about (``name-verified``), or looks like that of another
                verified studio (``name-held``).
            InvalidError: the logo is no ready picture of the account.
        """
        for _ in range(ATTEMPTS):
            old, member = self.as_owner(slug, account_id)
            if versions and old.version not in versions:
                raise PreconditionFailedError("The studio was changed since you read it. Read it again, then retry.")
            fields = replace(old.fields, **changes)
            if fields.logo_media_id != old.fields.logo_media_id:
                self._check_logo(account_id, fields.logo_media_id)
            self._check_name(old, fields.name)
            new = replace(old, fields=fields, updated_at=clock.to_text(self.now()))
            try:
                with self._showing(slug, account_id, old.fields.logo_media_id, fields.logo_media_id):
                    saved = self.studios.save(old, new)
            except LostRaceError:
                continue
            return self.view(saved, member)
        raise TemporaryError(f"studio {slug} is being changed by others")

    def request_verification(self, slug: str, account_id: str, method: VerificationMethod, domain: str) -> StudioView:
        """Ask moderators to verify that a studio has a domain, and return the token by which it shows that.

        The same once more changes nothing. While moderators have one to decide, what they look at does not change.

        Raises:
            NotFoundError, ForbiddenError: see :meth:`as_owner`.
            ConflictError: it is verified (``studio-verified``), or waits for another domain (``verification-pending``).
        """
        for _ in range(ATTEMPTS):
            old, member = self.as_owner(slug, account_id)
            asked = old.verification
            if asked is not None and asked.state == "verified":
                raise ConflictError(f"The studio is verified by {asked.domain}.", code="studio-verified")
            if asked is not None and asked.state == "pending":
                if (asked.method, asked.domain) != (method, domain):
                    raise ConflictError(
                        f"Moderators are looking at {asked.domain}; ask again once they have decided.",
                        code="verification-pending",
                    )
                return self.view(old, member)
            made = Verification(method, domain, secrets.token_urlsafe(24), "pending", clock.to_text(self.now()))
            new = replace(old, verification=made)
            try:
                return self.view(self.studios.save(old, new, self._request(new, made, account_id)), member)
            except LostRaceError:
                continue
        raise TemporaryError(f"studio {slug} is being changed by others")

    def as_owner(self, slug: str, account_id: str) -> tuple[Studio, Member]:
        """Return a studio, read consistently, to one of its owners.

        Raises:
            NotFoundError: there is none, or none that the account may see.
            ForbiddenError: the account is none of its owners (``owners-only``).
        """
        studio, member = self.as_member(slug, account_id)
        if member.role != "owner":
            raise ForbiddenError("Only the studio's owners may do this.", code="owners-only")
        return studio, member

    def as_member(self, slug: str, account_id: str) -> tuple[Studio, Member]:
        """Return a studio, read consistently, to one of its members.

        Raises:
            NotFoundError: there is none, or none that the account may see.
            ForbiddenError: the account is none of its members (``members-only``).
        """
        studio = self.studios.get(slug, consistent=True) if is_slug(slug) else None
        member = self.studios.member(slug, account_id) if studio else None
        if studio is None or (studio.held and member is None):
            raise no_studio(slug)
        if member is None or member.state != "member":
            raise ForbiddenError("Only members of the studio may do this.", code="members-only")
        return studio, member

    def view(self, studio: Studio, member: Member | None) -> StudioView:
        """Return a studio with its logo; members see that before everyone does."""
        logo_id = studio.fields.logo_media_id
        logo = self.media.get(logo_id) if logo_id else None
        shown = logo is not None and logo.picture is not None and logo.exposure == "public"
        return StudioView(studio, member, logo if shown else None)

    @contextmanager
    def _showing(self, slug: str, account_id: str, before: str | None, after: str | None) -> Iterator[None]:
        """Open the logo that a studio is about to have, and close the one that it had unless something else shows it.

        At once if that can be; the sweep does the rest, so that a hiccup here is no failure of the request.
        """
        if before == after:
            yield
            return
        if after is not None:
            self.media.add_use(after, account_id, STUDIO + slug)
            self.exposure.begin(after, public=True)
        if before is not None:
            self.exposure.begin(before, public=False)
        try:
            yield
        finally:
            with suppress(TemporaryError):
                self.exposure.reconcile_all(media_id for media_id in (after, before) if media_id)

    def _check_logo(self, account_id: str, media_id: str | None) -> None:
        if media_id is None:
            return
        media = self.media.get(media_id, consistent=True) if is_id(media_id) else None
        if media is None or media.owner_id != account_id:
            raise InvalidError.of("logo_media_id", "is no media of yours")
        if media.state != "ready":
            raise InvalidError.of("logo_media_id", "is not ready")

    def _check_name(self, old: Studio, name: str) -> None:
        if look(name) == look(old.fields.name):
            return
        if old.verification is not None and old.verification.state in {"pending", "verified"}:
            raise ConflictError(
                "The name is part of the verification. Ask the moderators to change it.", code="name-verified"
            )
        holder = self.studios.holder({look(name)} - {""})
        if holder not in {None, old.slug}:
            raise ConflictError(f"The name looks like that of the verified studio {holder}.", code="name-held")

    def _request(self, studio: Studio, asked: Verification, account_id: str) -> Case:
        holder = self.studios.holder(studio.marks)
        evidence = [f"domain: {asked.domain}", f"method: {asked.method}", where_to_look(asked)]
        if holder not in {None, studio.slug}:
            evidence.append(f"looks like the verified studio {holder}")
        text = f"{studio.fields.name} asks to be verified."
        return _case(studio, account_id, text, tuple(evidence), asked.requested_at)


def _case(studio: Studio, account_id: str, text: str, evidence: tuple[str, ...], at: str) -> Case:
    return Case("studio", studio.target, account_id, text, evidence, at, version=at)


def where_to_look(asked: Verification) -> str:
    """Return where a moderator finds the token, in words that the studio's owners are told as well."""
    if asked.method == "dns":
        return f"A TXT record of _cara.{asked.domain} must be: cara-verification={asked.token}"
    return f"A mail from an address at {asked.domain}, signed by it, to the platform's contact must hold: {asked.token}"


def no_studio(slug: str) -> NotFoundError:
    """Return what everyone is told of a studio that does not exist or that they may not know of."""
    return NotFoundError(f"There is no studio {slug}.")
