"""Who speaks for a studio."""

from dataclasses import dataclass, replace

from chalicelib.domain import clock
from chalicelib.domain.errors import ConflictError, ForbiddenError, LostRaceError, NotFoundError, TemporaryError
from chalicelib.domain.handles import canonical, is_handle
from chalicelib.domain.profiles import Profile
from chalicelib.domain.studios import MAX_INVITATIONS, MAX_MEMBERS, Member, Role, Studio
from chalicelib.services.hiring_ports import StudioStore
from chalicelib.services.ports import BoundsStore, Clock, ProfileStore
from chalicelib.services.studios import ATTEMPTS, StudioService


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member with the profile by which people know them; None where that is gone."""

    member: Member
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class MemberService:
    """Invites, accepts, changes and removes members. Of everything there is one outcome, whoever comes at once."""

    studios: StudioStore
    profiles: ProfileStore
    access: StudioService
    bounds: BoundsStore
    now: Clock = clock.now

    def list(self, slug: str, account_id: str) -> list[MemberView]:
        """List a studio's members to one of them, owners first, then by time.

        Raises:
            NotFoundError, ForbiddenError: see :meth:`StudioService.as_member`.
        """
        self.access.as_member(slug, account_id)
        members = sorted(self.studios.members(slug), key=lambda each: (each.role != "owner", each.since))
        profiles = self.profiles.get_many(each.account_id for each in members)
        return [MemberView(each, profiles.get(each.account_id)) for each in members]

    def invite(self, slug: str, account_id: str, handle: str, role: Role) -> MemberView:
        """Invite somebody by handle; the same once more changes nothing.

        Raises:
            NotFoundError: there is no such artist or studio; whom a block parts from the account is none.
            ForbiddenError: the account is no owner.
            ConflictError: they are in it already, in another role (``member-already``), it is full
                (``too-many-members``) or held (``studio-held``), or too many invitations wait for their answer
                (``too-many-invitations``).
        """
        profile = self._artist(handle)
        if self.bounds.bounds(account_id).parted_from(profile.account_id):
            raise _no_artist(profile.fields.handle)
        for _ in range(ATTEMPTS):
            studio, _ = self.access.as_owner(slug, account_id)
            old = self.studios.member(slug, profile.account_id)
            if old is not None:
                if old.role != role:
                    raise ConflictError(f"@{handle} is {old.role} of the studio already.", code="member-already")
                return MemberView(old, profile)
            if len(self.studios.members(slug)) >= MAX_MEMBERS:
                raise ConflictError(f"A studio has {MAX_MEMBERS} members at most.", code="too-many-members")
            self._check_invitable(studio, profile)
            new = Member(slug, profile.account_id, role, "invited", clock.to_text(self.now()))
            if self._changed(studio, None, new):
                return MemberView(new, profile)
        raise TemporaryError(f"studio {slug} is being changed by others")

    def accept(self, slug: str, account_id: str) -> None:
        """Accept an invitation; once more changes nothing.

        Raises:
            NotFoundError: nobody invited the account.
        """
        for _ in range(ATTEMPTS):
            studio = self.studios.get(slug, consistent=True)
            old = self.studios.member(slug, account_id)
            if studio is None or old is None:
                raise NotFoundError("Nobody invited you to this studio.", code="no-invitation")
            new = replace(old, state="member", since=clock.to_text(self.now()))
            if old.state == "member" or self._changed(studio, old, new):
                return
        raise TemporaryError(f"studio {slug} is being changed by others")

    def change_role(self, slug: str, account_id: str, handle: str, role: Role) -> MemberView:
        """Give a member another role.

        Raises:
            NotFoundError: there is no such member or studio.
            ForbiddenError: the account is no owner.
            ConflictError: it is the last owner (``last-owner``).
        """
        profile = self._artist(handle)
        for _ in range(ATTEMPTS):
            studio, _ = self.access.as_owner(slug, account_id)
            old = self._member(studio, profile)
            new = replace(old, role=role)
            _check_owners(studio, old, new)
            if new == old or self._changed(studio, old, new):
                return MemberView(new, profile)
        raise TemporaryError(f"studio {slug} is being changed by others")

    def remove(self, slug: str, account_id: str, handle: str) -> None:
        """Remove a member or take an invitation back, for owners; everybody may go by themselves, but the last owner.

        Raises:
            NotFoundError: there is no such member or studio.
            ForbiddenError: the account is neither an owner nor the member.
            ConflictError: it is the last owner (``last-owner``).
        """
        profile = self._artist(handle)
        for _ in range(ATTEMPTS):
            studio = self._for_removal(slug, account_id, profile)
            old = self._member(studio, profile)
            _check_owners(studio, old, None)
            if self._changed(studio, old, None):
                return
        raise TemporaryError(f"studio {slug} is being changed by others")

    def _check_invitable(self, studio: Studio, profile: Profile) -> None:
        if studio.held:  # an invitation would show it to whom it wants to be taken for another by
            raise ConflictError("Moderators are looking at the studio; invite once they have.", code="studio-held")
        waiting = [each for each in self.studios.of_account(profile.account_id) if each.state == "invited"]
        if len(waiting) >= MAX_INVITATIONS:
            raise ConflictError(
                f"@{profile.fields.handle} has too many invitations to answer.", code="too-many-invitations"
            )

    def _for_removal(self, slug: str, account_id: str, profile: Profile) -> Studio:
        if profile.account_id != account_id:
            return self.access.as_owner(slug, account_id)[0]
        studio = self.studios.get(slug, consistent=True)
        if studio is None or self.studios.member(slug, account_id) is None:
            raise ForbiddenError("Only members of the studio may do this.", code="members-only")
        return studio

    def _artist(self, handle: str) -> Profile:
        name = canonical(handle)
        profile = self.profiles.get_by_handle(name) if is_handle(name) else None
        if profile is None:
            raise _no_artist(name)
        return profile

    def _member(self, studio: Studio, profile: Profile) -> Member:
        member = self.studios.member(studio.slug, profile.account_id)
        if member is None:
            raise NotFoundError(f"@{profile.fields.handle} is no member of the studio.")
        return member

    def _changed(self, studio: Studio, old: Member | None, new: Member | None) -> bool:
        try:
            self.studios.change_member(studio, old, new)
        except LostRaceError:
            return False
        return True


def _no_artist(handle: str) -> NotFoundError:
    return NotFoundError(f"There is no artist @{handle}.")


def _check_owners(studio: Studio, old: Member, new: Member | None) -> None:
    """Keep the last owner: the count is changed with the member, on the studio's version."""
    if old.owns and not (new and new.owns) and studio.owners <= 1:
        raise ConflictError("A studio needs an owner: make somebody else one first.", code="last-owner")
