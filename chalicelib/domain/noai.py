"""What an artist allows machines to do with a picture, and every form in which that is said: the one place for both.

Whatever says it (metadata, manifests, headers, pages, files for robots) asks the :class:`Reservation` of the artist's
choice, which derives all forms from three answers. So no form can say what another denies.

Sources: PLUS LDF vocabulary; CAWG training and data mining assertion 1.1; W3C TDMRep 1; IETF AIPREF vocabulary 07;
Cloudflare Content Signals; RSL 1.0; DeviantArt's noai directives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

DataMining = Literal["ai-training", "all", "all-but-search", "allowed"]
"""The artist's choice: what is prohibited.

``ai-training``: training AI, and the mining of data that serves it; ``all``: every kind of data mining, search engines'
included; ``all-but-search``: every kind but theirs; ``allowed``: nothing.
"""

DEFAULT: DataMining = "ai-training"

CHOICES: tuple[DataMining, ...] = get_args(DataMining)

STRICTEST_FIRST: tuple[DataMining, ...] = ("all", "all-but-search", "ai-training", "allowed")

POLICY_PATH = "/policies/tdm.json"
LICENSE_PATH = "/license.xml"
"""Where the origin that people see has its policy on data mining, and its licence."""

CONFIRMATION = (
    "must be true beside data_mining allowed: anybody may then train artificial intelligence on this picture, and what "
    "was learned from it cannot be taken back"
)
"""What an artist is told who gives up the protection without having confirmed it."""

Use = Literal["allowed", "notAllowed"]
"""How CAWG says yes and no."""

MINING_USES = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")
"""Entries of a training and data mining assertion, without their namespace."""

_PLUS = "http://ns.useplus.org/ldf/vocab/"
_PLUS_WORDS: dict[DataMining, str] = {
    "ai-training": "DMI-PROHIBITED-AIMLTRAINING",
    "all": "DMI-PROHIBITED",
    "all-but-search": "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "allowed": "DMI-ALLOWED",
}
_SENTENCES: dict[DataMining, str] = {
    "ai-training": (
        "Not for training, fine-tuning or evaluating artificial intelligence, nor for collecting such data. "
        "Text and data mining is reserved (Directive (EU) 2019/790, Article 4)."
    ),
    "all": (
        "Not for data mining of any kind, neither for indexing by search engines nor for training, fine-tuning or "
        "evaluating artificial intelligence. Text and data mining is reserved (Directive (EU) 2019/790, Article 4)."
    ),
    "all-but-search": (
        "Not for data mining of any kind but indexing by search engines; not for training, fine-tuning or evaluating "
        "artificial intelligence. Text and data mining is reserved (Directive (EU) 2019/790, Article 4)."
    ),
    "allowed": "Data mining and the training of artificial intelligence are allowed by the artist.",
}


@dataclass(frozen=True, slots=True)
class Reservation:
    """One choice in all its forms.

    TDMRep knows no finer word than all of data mining, of which training is a part: where training is reserved, so is
    data mining in every form that names it. What remains open is search, unless that is refused as well.
    """

    choice: DataMining

    @property
    def training(self) -> bool:
        """Whether AI training, AI input and data mining are reserved."""
        return self.choice != "allowed"

    @property
    def search(self) -> bool:
        """Whether indexing by search engines is reserved."""
        return self.choice == "all"

    @property
    def plus(self) -> str:
        """URI for ``plus:DataMining``."""
        return _PLUS + _PLUS_WORDS[self.choice]

    @property
    def mining(self) -> dict[str, Use]:
        """Use by entry, for ``cawg.training-mining`` and ``c2pa.training-mining``; see MINING_USES."""
        return dict.fromkeys(MINING_USES, "notAllowed" if self.training else "allowed")

    @property
    def robots(self) -> str | None:
        """Content of ``X-Robots-Tag`` and ``<meta name="robots">``; None where neither may stand."""
        if not self.training:
            return None
        return "noai, noimageai, noindex" if self.search else "noai, noimageai"

    def page_robots(self, *, listed: bool) -> str:
        """Content of ``X-Robots-Tag`` and ``<meta name="robots">`` on a page; search engines keep out of unlisted ones.

        ``all`` where nothing is refused: the CDN adds its own refusal to answers that have no such header.
        """
        said = self.robots or ("all" if listed else "noindex")
        return said if listed or "noindex" in said else f"{said}, noindex"

    @property
    def tdm_reservation(self) -> Literal["0", "1"]:
        """Value of the header, the meta tag and the entry of ``tdmrep.json``."""
        return "1" if self.training else "0"

    @property
    def content_usage(self) -> str:
        """Value of ``Content-Usage``; search is left unmentioned where it is open, which is neither yes nor no."""
        if not self.training:
            return "train-ai=y"
        return "train-ai=n, search=n" if self.search else "train-ai=n"

    @property
    def content_signal(self) -> dict[str, Literal["yes", "no"]]:
        """Values of Cloudflare's ``Content-Signal``, by name."""
        ai: Literal["yes", "no"] = "no" if self.training else "yes"
        return {"search": "no" if self.search else "yes", "ai-input": ai, "ai-train": ai}

    @property
    def rsl(self) -> dict[Literal["permits", "prohibits"], str]:
        """Uses in the words of RSL, each with its permission."""
        if not self.training:
            return {"permits": "all"}
        return {"prohibits": "all"} if self.search else {"permits": "search", "prohibits": "ai-all"}

    @property
    def sentence(self) -> str:
        """The same for people."""
        return _SENTENCES[self.choice]

    def headers(self, public_base_url: str) -> dict[str, str]:
        """Return the headers of a media file; see :func:`media_headers`."""
        said = {"tdm-reservation": self.tdm_reservation, "Content-Usage": self.content_usage}
        if self.robots is None:
            return said  # policy and licence reserve what is allowed here
        base = public_base_url.rstrip("/")
        return {
            "X-Robots-Tag": self.robots,
            "tdm-reservation": self.tdm_reservation,
            "tdm-policy": base + POLICY_PATH,
            "Content-Usage": self.content_usage,
            "Link": f'<{base}{LICENSE_PATH}>; rel="license"; type="application/rsl+xml"',
        }

    def page_headers(self, public_base_url: str, *, listed: bool) -> dict[str, str]:
        """Return the headers of a page that shows what this choice is about."""
        return self.headers(public_base_url) | {"X-Robots-Tag": self.page_robots(listed=listed)}


RESERVATIONS: dict[DataMining, Reservation] = {choice: Reservation(choice) for choice in CHOICES}
"""Each choice in all its forms."""

PREFIXES: dict[str, DataMining] = {"media": DEFAULT, "unindexed": "all", "open": "allowed"}
"""First part of the addresses of published pictures, and the choice whose headers the CDN sends below it.

The CDN's headers belong to paths, robots.txt and its like speak of paths: so what the pictures of one path may not
differ in is what any form says about a path, AI and search.
"""


def prefix(choice: DataMining) -> str:
    """Return the first part of the addresses of pictures whose artists chose so."""
    said = RESERVATIONS[choice]
    for name, sent in PREFIXES.items():
        other = RESERVATIONS[sent]
        if (said.training, said.search) == (other.training, other.search):
            return name
    raise ValueError(f"no path speaks for {choice}")


def strictest(choices: Iterable[DataMining]) -> DataMining:
    """Return the choice that reserves most; the default where there is none."""
    return min(choices, key=STRICTEST_FIRST.index, default=DEFAULT)


def media_headers(public_base_url: str, choice: DataMining = DEFAULT) -> dict[str, str]:
    """Return the headers that say on a media file what its artist chose.

    Media files carry these on every answer, errors included, so that a crawler meets them even where it looks for
    headers alone. Each is a header line of its own: tools that read `X-Robots-Tag` go past a line with a
    colon in it.

    Args:
        public_base_url: the origin people see, such as `https://cara.example`; policy and licence live there.
        choice: the artist's.
    """
    return RESERVATIONS[choice].headers(public_base_url)
