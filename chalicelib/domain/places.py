"""Places that studios and jobs name: countries by ISO 3166-1, with a city in words, and time zones of the IANA."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
    "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS "
    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
    "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
    "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)
"""The officially assigned two-letter codes (https://www.iso.org/obp/ui/#search/code/)."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place: the country's two letters, and a city in words, which may be left out."""

    country: str
    city: str = ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_time_zone(name: str) -> bool:
    """Tell whether a text names a time zone, such as ``Europe/Berlin``; links to fixed offsets count as well."""
    return name in _zones()


def countries_between(earliest: int, latest: int) -> tuple[str, ...]:
    """Return the countries, sorted, of which a part has a standard time between two offsets from UTC in whole hours.

    Both are included; summer time does not count. Which zones a country has, tzdata's ``zone.tab`` says.
    """
    first, last = timedelta(hours=earliest), timedelta(hours=latest)
    return tuple(code for code, offsets in sorted(_offsets().items()) if any(first <= each <= last for each in offsets))


@cache
def _offsets() -> dict[str, set[timedelta]]:
    found: dict[str, set[timedelta]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _coordinates, name, *_comment = line.split("\t")
            found.setdefault(code, set()).add(_standard(ZoneInfo(name)))
    return found


def _standard(zone: ZoneInfo) -> timedelta:
    """Return a zone's offset from UTC out of summer time, which moves clocks forward in one of two solstices."""
    year = datetime.now(UTC).year
    offsets = [datetime(year, month, 21, tzinfo=zone).utcoffset() for month in (6, 12)]
    return min(each for each in offsets if each is not None)
