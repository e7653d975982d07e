"""The words artists use for what they make and with what.

They are suggestions that clients offer and facets count: another word is taken as well, as a slug, so that no artist
has to wait for us to know their craft.
"""

import re
import unicodedata
from collections.abc import Iterable

MEDIUMS = tuple(
    "2d-animation 3d-animation 3d-modeling acrylic calligraphy ceramics character-design collage comics concept-art "
    "digital-painting drawing fashion game-art gouache graphic-design illustration ink jewelry oil-painting "
    "photography pixel-art printmaking sculpture textile watercolor".split()
)
CATEGORIES = tuple(
    "abstract advertising animals anatomy animation-reel anime-manga architecture backgrounds board-games book-cover "
    "book-illustration botanical caricature cartoon character-modeling children city comic-cover comic-page costume "
    "creatures cute cyberpunk dark decorative editorial environment everyday fan-art fantasy fashion-design "
    "film-tv folklore food furry game-assets gestures hard-surface historical horror humor icons industrial-design "
    "infographic insects interior isometric key-frame landscape layout lettering logo look-development maps marine "
    "matte-painting mech medical merchandise minimalism motion-graphics music mythology nature nude-study ornament "
    "packaging pattern perspective-study pets plein-air poetry political pop-culture portrait poster product-design "
    "props psychedelic realism religious retro romance satire sci-fi scientific self-portrait sketchbook space "
    "spirituality sport stained-glass steampunk still-life storyboard street-art stylized surrealism tabletop tarot "
    "tattoo technical texturing toys traditional-animation tutorial typography ui-ux underwater urban vehicles vfx "
    "visual-development war weapons western wildlife woodcut zine".split()
)
SOFTWARE = tuple(
    "3d-coat 3ds-max aftereffects affinity-designer affinity-photo animate art-rage arnold aseprite autocad blender "
    "capture-one cinema-4d clip-studio-paint corel-draw corel-painter cycles dark-table daz-studio fusion-360 figma "
    "gaea gimp godot grease-pencil harmony houdini illustrator indesign inkscape inventor keyshot krita lightroom "
    "lightwave live2d magicavoxel mari marmoset-toolbag marvelous-designer maya mischief modo moho mudbox "
    "nomad-sculpt nuke octane paint-tool-sai photoshop plasticity premiere-pro procreate quixel-mixer redshift "
    "renderman resolve rebelle rhino rizom-uv sketchbook sketchup solidworks speedtree spine storyboard-pro "
    "substance-designer substance-painter terragen toon-boom tvpaint unity unreal-engine v-ray vectorworks "
    "world-machine wings-3d zbrush".split()
)

CONTENT_WARNINGS = tuple("nudity sexual gore violence self-harm flashing spoiler insects medical sensitive".split())

_JOINER = "\u200d"
_SPOKEN = {"+": "plus", "#": "sharp"}


def slug(text: str) -> str:
    """Return a word or phrase as it is stored and compared: lower case, hyphens between words, '' if none is left.

    Letters and digits of every script stay with their marks, and so do emoji, of a newer Unicode too. ``C++``
    and ``C#`` are not ``c``.
    """
    word = "".join(_SPOKEN.get(char, char) for char in unicodedata.normalize("NFC", text.strip().lstrip("#").lower()))
    kept = "".join(char if _belongs(char) else "-" for char in word)
    return re.sub("-+", "-", kept).strip("-_")


def _belongs(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category in {"So", "Sk", "Cn"} or char in {"_", _JOINER}


def slugs(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the slugs of phrases in their order, without repetition.

    Raises:
        ValueError: nothing is left of one of them.
    """
    words = [slug(text) for text in texts]
    if not all(words):
        raise ValueError("each word needs a letter, a digit or a symbol")
    return tuple(dict.fromkeys(words))
