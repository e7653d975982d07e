"""Studios: who offers jobs, who speaks for them, and how it is known that they are who they say.

A studio is named by its slug, for good: addresses and decisions hold. Whoever makes one may be somebody else than they
say, so that publishing a job takes a verification, and a name or slug that looks like a verified studio's is held until
a moderator has looked.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal, get_args

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.handles import is_reserved
from chalicelib.domain.places import Location
from chalicelib.domain.profiles import Link

StudioSize = Literal["1", "2-10", "11-50", "51-200", "201-500", "501+"]
Role = Literal["owner", "recruiter"]
MemberState = Literal["invited", "member"]
VerificationMethod = Literal["dns", "email"]
VerificationState = Literal["pending", "verified", "refused"]

SIZES: tuple[StudioSize, ...] = get_args(StudioSize)

MAX_MEMBERS = 50
"""How many a studio may have, invited ones included."""

MAX_STUDIOS = 5
"""How many an account may belong to before it can make another; an invitation is nothing that one belongs to."""

MAX_INVITATIONS = 20
"""How many may wait for one account's answer: what others send must not hide the studios that it belongs to."""

CLEAN_RECORD = 3
"""After so many jobs that moderators approved, with none refused since, a studio's jobs are public at once."""

_SLUG = re.compile(r"(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){2,39}")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_RESERVED = frozenset(
    "artists careers hiring job members new notification page pages portfolio portfolios public sitemap talent "
    "verification verified verify www".split()
)
_ANYBODYS = frozenset(
    "aol.com fastmail.com gmail.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com mail.com mail.ru "
    "me.com msn.com outlook.com posteo.de proton.me protonmail.com qq.com t-online.de tutanota.com web.de yahoo.com "
    "yandex.com yandex.ru zoho.com github.io gitlab.io netlify.app pages.dev vercel.app wixsite.com wordpress.com "
    "blogspot.com artstation.com deviantart.com carrd.co tumblr.com itch.io".split()
)
# Letters of other scripts that look like Latin ones, and digits that look like letters. The whole list of such pairs is
# Unicode's UTS 39; these are what names of studios are made of.
_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf"
    "\u03b1\u03bf\u03b5\u03c1\u03c4\u03c5\u03bd0135",
    "aeopcyxijsdhlaoeptuvoles",
)


@dataclass(frozen=True, slots=True)
class StudioFields:
    """What a studio says of itself.

    Attributes:
        name: 1 to 80 characters.
        about: up to 5,000 characters.
        logo_media_id: a ready picture of the member who set it.
        time_zone: by the IANA's name; days on which jobs close end there.
    """

    name: str
    about: str = ""
    logo_media_id: str | None = None
    links: tuple[Link, ...] = ()
    locations: tuple[Location, ...] = ()
    size: StudioSize | None = None
    mediums: tuple[str, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Verification:
    """A studio's proof that it has a domain.

    Attributes:
        method: ``dns``: a TXT record holds the token; ``email``: a mail from an address at the domain does.
        domain: whose.
        token: what must be found there; issued by us, and known to the studio's owners and to moderators alone.
        state: what moderators made of it.
        requested_at, decided_at: RFC 3339 texts.
        reason: the moderator's, in words for the studio.
    """

    method: VerificationMethod
    domain: str
    token: str
    state: VerificationState
    requested_at: str
    decided_at: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Studio:
    """A stored studio.

    Attributes:
        slug: its name in addresses, for good.
        held: whether only its members see it, until a moderator has looked: it looks like a verified one.
        owners: how many there are; the last one cannot go.
        approved_jobs: how many jobs moderators approved since they last refused one.
        version: grows by one with each change, of members as well.
    """

    slug: str
    fields: StudioFields
    created_at: str
    updated_at: str
    version: int = 1
    held: bool = False
    verification: Verification | None = None
    owners: int = 1
    approved_jobs: int = 0

    @property
    def verified(self) -> bool:
        """Whether moderators believe that it is who it says, and show it."""
        return not self.held and self.verification is not None and self.verification.state == "verified"

    @property
    def trusted(self) -> bool:
        """Whether its jobs need no review before they are public."""
        return self.verified and self.approved_jobs >= CLEAN_RECORD

    @property
    def target(self) -> str:
        """What moderators know it by."""
        return f"studios/{self.slug}"

    @property
    def marks(self) -> frozenset[str]:
        """The looks of what names it; those of a verified studio are its own."""
        named = {look(self.slug), look(self.fields.name)}
        if self.verification is not None:
            named |= {look(self.verification.domain), look(self.verification.domain.partition(".")[0])}
        return frozenset(named - {""})


@dataclass(frozen=True, slots=True)
class Member:
    """Who speaks for a studio.

    Attributes:
        state: ``invited`` speaks for nobody before accepting.
        since: of the invitation, then of its acceptance; RFC 3339.
    """

    slug: str
    account_id: str
    role: Role
    state: MemberState
    since: str

    @property
    def owns(self) -> bool:
        """Whether it counts as an owner."""
        return self.state == "member" and self.role == "owner"


@dataclass(frozen=True, slots=True)
class StudioPage:
    """A studio as it is shown to somebody: ``membership`` is theirs, None for everyone else."""

    studio: Studio
    membership: Member | None = field(default=None)


def look(text: str) -> str:
    """Return what a name looks like: the same for names that people would take for one another.

    Case, accents, spaces and punctuation do not count, nor do letters of other scripts that look like Latin ones.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(char for char in plain if char.isalnum())
    return letters.translate(_LOOKS)


def is_slug(text: str) -> bool:
    """Tell whether a text has the form of a slug."""
    return _SLUG.fullmatch(text) is not None


def new_slug(text: str) -> str:
    """Return the canonical form of a slug that somebody wants for a studio.

    Raises:
        InvalidError: it has another form than 3 to 40 of ``a-z 0-9`` with single hyphens between them, or is reserved.
    """
    slug = text.strip().lower()
    if not is_slug(slug) or len(slug) > 40:
        raise InvalidError.of("slug", "must be 3 to 40 letters a-z and digits, with single hyphens between them")
    if slug in _RESERVED or is_reserved(slug.replace("-", "")) or is_reserved(slug):
        raise InvalidError.of("slug", "is reserved for the platform")
    return slug


def new_domain(text: str) -> str:
    """Return the canonical form of a domain that a studio says to have.

    Raises:
        InvalidError: it is none, or one at which anybody can have an address or a page.
    """
    domain = text.strip().lower().rstrip(".").removeprefix("www.")
    if _DOMAIN.fullmatch(domain) is None:
        raise InvalidError.of("domain", "must be a domain such as studio.example")
    if any(domain == each or domain.endswith(f".{each}") for each in _ANYBODYS):
        raise InvalidError.of("domain", "is one at which anybody can have an address: take the studio's own")
    return domain
