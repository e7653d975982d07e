"""Places."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from chalicelib.domain.places import COUNTRIES


def _country(text: str) -> str:
    if text.upper() not in COUNTRIES:
        raise ValueError("must be a country's two letters, such as DE")
    return text.upper()


Country = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2), AfterValidator(_country)]
