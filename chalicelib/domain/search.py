"""What posts and people are found by: terms, one for each word and each thing that an artist named.

A text is found whatever its case and accents, and by singular or plural in English; what is written in Han and Kana has
no spaces, and is found by each two neighbours.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

from chalicelib.domain.cards import CardAuthor
from chalicelib.domain.errors import InvalidError
from chalicelib.domain.handles import canonical, is_handle
from chalicelib.domain.posts import PostFields
from chalicelib.domain.taxonomy import slug

MOST_WORDS = 40
"""Words by which one post is found, those of its title, of what it names and of its pictures' descriptions first."""

MOST_ASKED = 8
"""Terms that one search may combine."""

MARK_BYTES = 3
"""Of each term's mark: two of the some 30 terms of a post have the same once in 500,000."""

_LONGEST_WORD = 40
_ACCENTS = re.compile("[\u0300-\u036f]")
_DENSE = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々〆]+)")
_COMMON = frozenset(
    "a an and are as at be by de der die das for from i in is it la le my of on or the this to und with you".split()
)


def fold(text: str) -> str:
    """Return a text without case, accents of Latin, Greek and Cyrillic, and variants of width."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def words(text: str) -> Iterator[str]:
    """Give the words of a text as they are found, in their order; the most common words of the language are none."""
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in fold(text))
    for run in kept.split():
        for part in _DENSE.split(run):
            if _DENSE.fullmatch(part):
                yield from (part[at : at + 2] for at in range(max(1, len(part) - 1)))
            elif part and part not in _COMMON:
                yield _singular(part)[:_LONGEST_WORD]


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def post_terms(fields: PostFields, author: CardAuthor) -> tuple[str, ...]:
    """Return the terms by which a post is found, each once."""
    named = [
        *(f"tag:{each}" for each in fields.tags),
        *(f"medium:{each}" for each in fields.mediums),
        *(f"software:{each}" for each in fields.software),
        *(f"category:{each}" for each in fields.categories),
    ]
    spoken = (
        *(fields.title, *fields.tags, author.handle, author.display_name),
        *(*fields.mediums, *fields.categories, *fields.software),
        *(item.alt for item in fields.media),
        fields.text,
    )
    found = list(dict.fromkeys(word for text in spoken for word in words(text)))[:MOST_WORDS]
    return tuple(dict.fromkeys([*named, f"by:{author.handle}", *(f"word:{each}" for each in found)]))


def asked(
    text: str,
    *,
    tag: str | None = None,
    medium: str | None = None,
    software: str | None = None,
    category: str | None = None,
) -> tuple[str, ...]:
    """Return the terms that a search for posts combines; ``#tag`` and ``@handle`` are taken for what they look like.

    Raises:
        InvalidError: nothing is asked for, or too much.
    """
    named = {"tag": tag, "medium": medium, "software": software, "category": category}
    terms = [_named(kind, value) for kind, value in named.items() if value is not None]
    for part in text.split():
        if part.startswith("#") and slug(part):
            terms.append(f"tag:{slug(part)}")
        elif part.startswith("@") and is_handle(canonical(part)):
            terms.append(f"by:{canonical(part)}")
        else:
            terms += (f"word:{word}" for word in words(part))
    found = tuple(dict.fromkeys(terms))
    if not found:
        raise InvalidError.of("q", "name a word, a tag, a medium, a software or a category to search for")
    if len(found) > MOST_ASKED:
        raise InvalidError.of("q", f"no more than {MOST_ASKED} words, filters included")
    return found


def _named(kind: str, value: str) -> str:
    if not slug(value):
        raise InvalidError.of(kind, "needs a letter, a digit or a symbol")
    return f"{kind}:{slug(value)}"


def names(text: str) -> tuple[str, ...]:
    """Return the words of a name, or of a part of one, as people are found by them."""
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in fold(text))
    return tuple(dict.fromkeys(word[:_LONGEST_WORD] for word in kept.split()))


def names_of(handle: str, display_name: str) -> tuple[str, ...]:
    """Return all words by whose beginnings somebody is found: of the name, and the handle as a whole and in parts."""
    return tuple(dict.fromkeys([handle, *names(handle), *names(display_name)]))


def named(text: str) -> tuple[str, ...]:
    """Return what a search for people asks for, the longest first; each must begin one of somebody's names.

    Raises:
        InvalidError: nothing is asked for, or too much.
    """
    parts = text.split()
    handles = [canonical(part) for part in parts if "_" in part and is_handle(canonical(part))]
    plain = [word for part in parts if canonical(part) not in handles for word in names(part)]
    found = tuple(sorted(dict.fromkeys([*handles, *plain]), key=len, reverse=True))
    if not found:
        raise InvalidError.of("q", "name somebody, or the beginning of their name")
    if len(found) > MOST_ASKED:
        raise InvalidError.of("q", f"no more than {MOST_ASKED} words")
    return found


def mark(term: str) -> bytes:
    """Return a few bytes that stand for a term."""
    return hashlib.blake2b(term.encode(), digest_size=MARK_BYTES).digest()


def marks(terms: Iterable[str]) -> bytes:
    """Return the marks of some terms, one after the other."""
    return b"".join(sorted(mark(term) for term in terms))


def holds(marked: bytes, wanted: Iterable[bytes]) -> bool:
    """Tell whether some marks hold all of the wanted ones."""
    known = {marked[at : at + MARK_BYTES] for at in range(0, len(marked), MARK_BYTES)}
    return known.issuperset(wanted)
