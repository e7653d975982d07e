"""The refusal of AI training as HTTP headers: the one place that spells them.

Media files carry these on every answer, errors included, so that a crawler meets them even where it looks for headers
alone. Each is a header line of its own: tools that read `X-Robots-Tag` give up on a line with anything else in it.
"""


def media_headers(public_base_url: str) -> dict[str, str]:
    """Return the headers that reserve the rights on a media file.

    `public_base_url` is the origin people see, such as `https://cara.example`; policy and licence live there.
    Sources: DeviantArt's noai directives, W3C TDMRep 1, IETF AIPREF, RSL 1.0.
    """
    base = public_base_url.rstrip("/")
    return {
        "X-Robots-Tag": "noai, noimageai",
        "tdm-reservation": "1",
        "tdm-policy": f"{base}/policies/tdm.json",
        "Content-Usage": "train-ai=n",
        "Link": f'<{base}/license.xml>; rel="license"; type="application/rsl+xml"',
    }
