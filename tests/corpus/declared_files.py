"""Pictures that declare AI, each kind of declaration in each type that carries it, and look-alikes that do not."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.screening import Verdict
from tests.corpus.carrying import (
    FORMATS,
    animated_with_text,
    with_c2pa,
    with_exif,
    with_extended_xmp,
    with_gif_comment,
    with_text,
    with_texts,
    with_xmp,
)
from tests.corpus.jpeg_files import plain as plain_jpeg
from tests.corpus.jpeg_files import segment, with_segments
from tests.corpus.manifests import SOURCE, actions, manifest, metadata, store

PARAMETERS = (
    "a lighthouse in a storm, oil painting\nNegative prompt: blurry\n"
    "Steps: 28, Sampler: DPM++ 2M, CFG scale: 7, Seed: 1234567, Size: 512x768, Model hash: 6ce0161689, Version: 1.9.3"
)
GRAPH = json.dumps({"3": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 20}}, "4": {"class_type": "x"}})
DRAWING = json.dumps({"last_node_id": 9, "nodes": [{"id": 3, "type": "KSampler"}], "links": [], "version": 0.4})
INVOKE = json.dumps({"generation_mode": "txt2img", "positive_prompt": "a fox", "model": {"name": "sdxl"}})
DREAM = '"a fox in snow" -s 50 -S 1950357039 -W 512 -H 512 -C 7.5 -A k_lms'
NOVEL = json.dumps({"prompt": "1girl", "steps": 28, "signed_hash": "q83vEjRWeJA=", "sampler": "k_euler"})
JOB = "a fox in snow --ar 3:2 --v 7 Job ID: 0e0ff4fd-2b6f-4a3b-9c1d-4f5a6b7c8d9e"
UUID = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"
SIGNATURE = "Signature: " + "Ab3/" * 20 + "Zg=="
AIGC = json.dumps({"Label": "1", "ContentProducer": "001191110108MA01KP2T5U00000", "ProduceID": "2026-1"})

_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_SPACES = (
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)


@dataclass(frozen=True, slots=True)
class DeclaredCase:
    """A picture and what must be recognised in it; ``signals`` are all that its evidence names."""

    name: str
    make: Callable[[], bytes]
    verdict: Verdict
    signals: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


def xmp(attributes: str = "", elements: str = "") -> bytes:
    """Return a packet of one description."""
    head = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    body = (
        f'<rdf:RDF {_RDF}><rdf:Description rdf:about="" {_SPACES} {attributes}>{elements}</rdf:Description></rdf:RDF>'
    )
    return f'{head}{body}</x:xmpmeta><?xpacket end="w"?>'.encode()


def source_attribute(source: str) -> bytes:
    """Return a packet with a source type as an attribute."""
    return xmp(f'Iptc4xmpExt:DigitalSourceType="{source}"')


def source_element(source: str) -> bytes:
    """Return a packet with a source type as an element."""
    return xmp("", f"<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>")


def _case(name: str, make: Callable[[], bytes], verdict: Verdict, *signals: str) -> DeclaredCase:
    return DeclaredCase(name, make, verdict, frozenset(signals))


def _source_types() -> list[DeclaredCase]:
    verdicts: dict[str, Verdict] = {
        "trainedAlgorithmicMedia": "generated",
        "compositeWithTrainedAlgorithmicMedia": "edited",
        "compositeSynthetic": "edited",
        "algorithmicMedia": "none",
        "algorithmicallyEnhanced": "none",
        "digitalCreation": "none",
        "digitalCapture": "none",
        "humanEdits": "none",
    }
    found = []
    for term, verdict in verdicts.items():
        signals = () if verdict == "none" else ("iptc:DigitalSourceType",)
        for name in FORMATS if term == "trainedAlgorithmicMedia" else ("jpeg", "png"):
            for form, packet in (("attribute", source_attribute), ("element", source_element)):
                make = partial(with_xmp, name, packet(SOURCE + term))
                found.append(_case(f"xmp-{term}-{form}-{name}", make, verdict, *signals))
        label = () if verdict == "none" else ("c2pa:digitalSourceType",)
        for name in FORMATS if term == "trainedAlgorithmicMedia" else ("jpeg",):
            made = store(manifest(actions(term)))
            found.append(_case(f"c2pa-{term}-{name}", partial(with_c2pa, name, made), verdict, *label))
    return found


def _xmp_forms() -> list[DeclaredCase]:
    address = SOURCE + "trainedAlgorithmicMedia"
    signal = "iptc:DigitalSourceType"
    resource = f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{address}"/>'
    nested = f"<Iptc4xmpExt:DigitalSourceType>\n {address}\n</Iptc4xmpExt:DigitalSourceType>"
    forms = {
        "https": source_attribute(address.replace("http:", "https:")),
        "resource": xmp("", resource),
        "spaces": xmp("", nested),
        "bare-term": source_attribute("trainedAlgorithmicMedia"),
        "other-prefix": source_attribute(address).replace(b"Iptc4xmpExt:", b"ext:").replace(b":Iptc4xmpExt=", b":ext="),
        "utf-16": source_attribute(address).decode().encode("utf-16"),
        "unbound-prefix": source_attribute(address).replace(b"xmlns:Iptc4xmpExt", b"xmlns:other"),
        "cut": source_element(address)[:-60],
        "without-wrapper": source_attribute(address)
        .partition(b"x:xmpmeta")[2]
        .partition(b">")[2]
        .partition(b"</x:")[0],
    }
    found = [
        _case(f"xmp-form-{name}", partial(with_xmp, "jpeg", data), "generated", signal) for name, data in forms.items()
    ]
    extended = partial(with_extended_xmp, xmp('xmp:CreatorTool="Photoshop"'), source_attribute(address))
    return [*found, _case("xmp-extended", extended, "generated", signal)]


def _iptc_2025() -> list[DeclaredCase]:
    system, used = "iptc:AISystemUsed", 'Iptc4xmpExt:AISystemUsed="Firefly"'
    composite = f'Iptc4xmpExt:DigitalSourceType="{SOURCE}compositeWithTrainedAlgorithmicMedia"'
    drawn = f'Iptc4xmpExt:DigitalSourceType="{SOURCE}digitalCreation"'
    found = [_case(f"iptc-system-{name}", partial(with_xmp, name, xmp(used)), "generated", system) for name in FORMATS]
    for name in ("AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName"):
        packet = xmp("", f"<Iptc4xmpExt:{name}>x</Iptc4xmpExt:{name}>")
        found.append(_case(f"iptc-{name}", partial(with_xmp, "png", packet), "generated", f"iptc:{name}"))
    edited = partial(with_xmp, "jpeg", xmp(f"{used} {composite}"))
    return [
        *found,
        _case("iptc-system-of-a-composite", edited, "edited", system, "iptc:DigitalSourceType"),
        _case("iptc-system-of-a-drawing", partial(with_xmp, "jpeg", xmp(f"{used} {drawn}")), "hint", system),
        _case("iptc-system-empty", partial(with_xmp, "jpeg", xmp('Iptc4xmpExt:AISystemUsed=" "')), "none"),
    ]


def _manifests() -> list[DeclaredCase]:
    signal = "c2pa:digitalSourceType"
    human, machine = (
        manifest(actions("digitalCreation")),
        manifest(actions("trainedAlgorithmicMedia"), label="urn:c2pa:2"),
    )
    filled = manifest(actions("compositeWithTrainedAlgorithmicMedia", action="c2pa.edited"))
    stores = {
        "ingredient": (store(machine, human), "generated"),
        "many-ingredients": (store(*[human] * 20, machine, human), "generated"),
        "filled": (store(human, filled), "edited"),
        "second-action": (store(manifest(actions(None, "digitalCreation", "trainedAlgorithmicMedia"))), "generated"),
        "old-label": (store(manifest(actions("trainedAlgorithmicMedia", label="c2pa.actions"))), "generated"),
        "second-assertion": (
            store(manifest(actions("digitalCreation"), actions("trainedAlgorithmicMedia", label="c2pa.actions__1"))),
            "generated",
        ),
        "https": (store(manifest(actions(f"https{SOURCE[4:]}trainedAlgorithmicMedia"))), "generated"),
        "metadata": (store(manifest(metadata("trainedAlgorithmicMedia"))), "generated"),
    }
    found = [
        DeclaredCase(f"c2pa-{name}", partial(with_c2pa, "png", data), verdict, frozenset((signal,)))  # type: ignore[arg-type]  # a verdict
        for name, (data, verdict) in stores.items()
    ]
    cut = partial(with_c2pa, "jpeg", store(machine, human)[:-300])
    elsewhere = store(manifest(actions("trainedAlgorithmicMedia", label="org.example.note")))
    return [
        *found,
        _case("c2pa-cut", cut, "generated", signal),
        _case("c2pa-human", partial(with_c2pa, "webp", store(human, human)), "none"),
        _case("c2pa-other-assertion", partial(with_c2pa, "png", elsewhere), "none"),
    ]


def _comment(text: str, code: str) -> bytes:
    return b"ASCII\0\0\0" + text.encode() if code == "ascii" else b"UNICODE\0" + text.encode(code)


def _generators() -> list[DeclaredCase]:
    found = []
    for name in ("jpeg", "webp", "avif", "heic", "tiff", "png"):
        make = partial(with_exif, name, {}, _comment(PARAMETERS, "utf-16-be"))
        found.append(_case(f"automatic1111-{name}", make, "generated", "automatic1111"))
    for code in ("ascii", "utf-16-le", "utf-16-be"):
        make = partial(with_exif, "jpeg", {}, _comment(PARAMETERS + ", Ωmega", code.replace("ascii", "utf-16-be")))
        found.append(_case(f"automatic1111-coded-{code}", make, "generated", "automatic1111"))
    for kind in (b"tEXt", b"zTXt", b"iTXt"):
        name = kind.decode()
        found.append(
            _case(
                f"automatic1111-png-{name}",
                partial(with_text, "parameters", PARAMETERS, kind=kind),
                "generated",
                "automatic1111",
            )
        )
        found.append(
            _case(f"comfyui-png-{name}", partial(with_text, "prompt", GRAPH, kind=kind), "generated", "comfyui")
        )
    texts: dict[str, tuple[Callable[[], bytes], Verdict, str]] = {
        "automatic1111-gif": (partial(with_gif_comment, PARAMETERS), "generated", "automatic1111"),
        "automatic1111-apng": (partial(animated_with_text, "parameters", PARAMETERS), "generated", "automatic1111"),
        "automatic1111-without-prompt": (
            partial(with_text, "parameters", PARAMETERS.rpartition("\n")[2]),
            "generated",
            "automatic1111",
        ),
        "automatic1111-fork": (
            partial(with_text, "parameters", "a fox\nSteps: 20, Size: 512x512, Seed: 3, Model: sdxl"),
            "generated",
            "automatic1111",
        ),
        "automatic1111-jpeg-comment": (
            partial(with_segments, segment(0xFE, PARAMETERS.encode())),
            "generated",
            "automatic1111",
        ),
        "automatic1111-xmp-comment": (
            partial(with_xmp, "jpeg", xmp("", f"<exif:UserComment>{PARAMETERS}</exif:UserComment>")),
            "generated",
            "automatic1111",
        ),
        "comfyui-both": (partial(with_texts, {"prompt": GRAPH, "workflow": DRAWING}), "generated", "comfyui"),
        "comfyui-drawing-alone": (partial(with_text, "workflow", DRAWING), "hint", "comfyui"),
        "comfyui-apng": (partial(animated_with_text, "prompt", GRAPH, kind=b"comf"), "generated", "comfyui"),
        "comfyui-webp": (
            partial(with_exif, "webp", {0x0110: f"prompt:{GRAPH}", 0x010F: f"workflow:{DRAWING}"}),
            "generated",
            "comfyui",
        ),
        "comfyui-large": (
            partial(with_text, "prompt", '{"1": {"inputs": {"text": "' + "x" * 600_000 + '"}, "class_type": "T"}}'),
            "generated",
            "comfyui",
        ),
        "invokeai-metadata": (partial(with_text, "invokeai_metadata", INVOKE), "generated", "invokeai"),
        "invokeai-workflow": (partial(with_text, "invokeai_workflow", DRAWING), "generated", "invokeai"),
        "invokeai-graph": (partial(with_text, "invokeai_graph", DRAWING), "generated", "invokeai"),
        "invokeai-old": (partial(with_text, "sd-metadata", INVOKE), "generated", "invokeai"),
        "invokeai-dream": (partial(with_text, "Dream", DREAM), "generated", "invokeai"),
        "novelai-software": (partial(with_text, "Software", "NovelAI"), "generated", "novelai"),
        "novelai-source": (partial(with_text, "Source", "NovelAI Diffusion V4 37442FCA"), "generated", "novelai"),
        "novelai-comment": (partial(with_text, "Comment", NOVEL), "generated", "novelai"),
        "midjourney-png": (partial(with_text, "Description", JOB), "generated", "midjourney"),
        "midjourney-exif": (partial(with_exif, "jpeg", {0x010E: JOB}), "generated", "midjourney"),
        "midjourney-xmp": (
            partial(
                with_xmp,
                "webp",
                xmp(
                    "",
                    f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{JOB}</rdf:li></rdf:Alt></dc:description>',
                ),
            ),
            "generated",
            "midjourney",
        ),
        "google-made": (
            partial(with_xmp, "jpeg", xmp('photoshop:Credit="Made with Google AI"')),
            "generated",
            "google",
        ),
        "google-edited": (
            partial(with_xmp, "jpeg", xmp('photoshop:Credit="Edited with Google AI"')),
            "edited",
            "google",
        ),
        "google-iim": (
            partial(with_segments, segment(0xED, _photoshop(b"Made with Google AI"))),
            "generated",
            "google",
        ),
        "apple-playground": (
            partial(with_xmp, "heic", xmp('photoshop:Credit="Apple Image Playground"')),
            "generated",
            "apple",
        ),
        "apple-clean-up": (
            partial(with_xmp, "heic", xmp('photoshop:Credit="Apple Photos Generative Edit: Clean Up"')),
            "edited",
            "apple",
        ),
        "gb45438-xmp": (partial(with_xmp, "jpeg", xmp("", f"<TC260:AIGC>{AIGC}</TC260:AIGC>")), "generated", "gb45438"),
        "gb45438-xmp-attribute": (
            partial(with_xmp, "png", xmp("TC260:AIGC='" + AIGC.replace('"', "&quot;") + "'")),
            "generated",
            "gb45438",
        ),
        "gb45438-png": (partial(with_text, "AIGC", AIGC), "generated", "gb45438"),
        "gb45438-comment": (
            partial(with_exif, "jpeg", {}, _comment(f'{{"AIGC":{AIGC}}}', "ascii")),
            "generated",
            "gb45438",
        ),
        "gb45438-suspected": (partial(with_text, "AIGC", AIGC.replace('"1"', '"3"')), "hint", "gb45438"),
        "grok": (partial(with_exif, "jpeg", {0x010E: SIGNATURE, 0x013B: UUID}), "generated", "grok"),
        "flux-software": (partial(with_exif, "png", {0x0131: "AI generated;txt2img;flux"}), "generated", "flux"),
    }
    found += [_case(name, make, verdict, signal) for name, (make, verdict, signal) in texts.items()]
    for name in ("jpeg", "webp"):
        tags = {0x0131: "AI generated;img2img;flux", 0x010F: "Black Forest Labs"}
        found.append(_case(f"flux-{name}", partial(with_exif, name, tags), "generated", "flux"))
    return found


def _photoshop(credit: bytes) -> bytes:
    iim = b"\x1c\x02\x6e" + len(credit).to_bytes(2) + credit
    first = b"8BIM\x04\x0c\0\0" + (4).to_bytes(4) + bytes(4)
    return b"Photoshop 3.0\0" + first + b"8BIM\x04\x04\0\0" + len(iim).to_bytes(4) + iim


def look_alikes() -> list[DeclaredCase]:
    """Return pictures whose texts speak of AI or look like a generator's, and declare nothing."""
    makes: dict[str, Callable[[], bytes]] = {
        "caption-mentions-midjourney": partial(with_exif, "jpeg", {0x010E: "Not made with Midjourney! Drawn in ink."}),
        "xmp-caption": partial(
            with_xmp, "jpeg", xmp('dc:description="No trainedAlgorithmicMedia, Made with Google AI? No."')
        ),
        "credit-of-a-person": partial(
            with_xmp, "jpeg", xmp('photoshop:Credit="Ada, who loathes what is made with Google AI"')
        ),
        "recipe": partial(with_exif, "jpeg", {}, _comment("Plum cake\nSteps: 3, Time: 40 minutes, Serves: 6", "ascii")),
        "recipe-png": partial(with_text, "parameters", "Steps: mix, bake. Sampler: a bit of each"),
        "steps-within-a-line": partial(with_text, "parameters", "My process. Steps: 3, Sampler: none"),
        "writing-prompt": partial(with_text, "prompt", "Inktober day 5: deer"),
        "prompt-in-json": partial(with_text, "prompt", json.dumps({"prompt": "deer", "class_type": "drawing"})),
        "comment-with-prompt": partial(
            with_exif, "jpeg", {}, _comment("prompt: a deer, for the monthly challenge", "ascii")
        ),
        "comment-with-json": partial(
            with_exif, "webp", {}, _comment('{"prompt": "deer", "workflow": "ink"}', "utf-16-le")
        ),
        "workflow-of-a-person": partial(with_text, "workflow", "Sketch, ink, scan, colour in Krita"),
        "model-of-a-camera": partial(with_exif, "jpeg", {0x010F: "Canon", 0x0110: "prompt: EOS"}),
        "dream-of-a-person": partial(with_text, "Dream", "I had a dream -so strange"),
        "invokeai-by-name": partial(with_text, "invokeai_metadata", "never used it"),
        "software-of-people": partial(with_exif, "jpeg", {0x0131: "Adobe Photoshop 27 (AI generated; no)"}),
        "source-mentions-novelai": partial(with_text, "Source", "fan art of the NovelAI Diffusion mascot"),
        "job-of-a-printer": partial(with_text, "Description", "Poster, Job ID: 4711"),
        "signature-alone": partial(with_exif, "jpeg", {0x010E: SIGNATURE}),
        "signature-of-a-person": partial(with_exif, "jpeg", {0x010E: SIGNATURE, 0x013B: "Ada Lovelace"}),
        "uuid-alone": partial(with_exif, "jpeg", {0x013B: UUID, 0x010E: "Signature: Ada"}),
        "aigc-as-a-word": partial(with_text, "AIGC", "No AIGC here"),
        "aigc-in-other-json": partial(with_text, "Comment", '{"AIGC": "never"}'),
        "address-in-a-comment": partial(plain_jpeg, comment=(SOURCE + "trainedAlgorithmicMedia").encode()),
        "gif-comment": partial(with_gif_comment, "Steps: 12, drawn frame by frame"),
        "no-source-type": partial(with_xmp, "jpeg", source_attribute("trainedAlgorithmicMediaNot")),
        "ordinary": plain_jpeg,
    }
    return [_case(f"look-alike-{name}", make, "none") for name, make in makes.items()]


def declared_files() -> list[DeclaredCase]:
    """Return every case; their bytes are built only when ``make`` is called."""
    return [*_source_types(), *_xmp_forms(), *_iptc_2025(), *_manifests(), *_generators(), *look_alikes()]
