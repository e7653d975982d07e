"""Texts between others: a place in an order that moves nothing else.

Of two neighbours' keys, which are printable ASCII, the shortest text between them is found by halving what lies between
their first different characters: a place takes a character more for every two to six that were put into the same gap.
"""

_LOWEST, _HIGHEST = 0x1F, 0x7F
"""Beyond the printable characters, which a text holds no others of."""

MAX_LENGTH = 700
"""Of a place: with the id behind it well below the 1,024 bytes of DynamoDB's sort keys."""


def between(low: str, high: str | None) -> str:
    """Return a text above one and below another, whatever is appended to it.

    Args:
        low: empty: nothing is below.
        high: above ``low``; None: nothing is above.
    """
    place = ""
    for at in range(MAX_LENGTH):
        below = ord(low[at]) if at < len(low) else _LOWEST
        above = ord(high[at]) if high is not None and at < len(high) else _HIGHEST
        if above - below > 1:
            return place + chr((below + above) // 2)
        if below == above:
            place += chr(below)
        elif at < len(low):
            place, high = place + low[at], None  # below whatever begins with the other's character
        else:
            place += chr(above)  # the lowest character there is: below it nothing begins
    raise ValueError("no room is left between the two")
