"""Money in minor units: how many of them a currency's unit has, by ISO 4217."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Period = Literal["hour", "day", "week", "month", "year", "project"]

_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK "
    "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
}
"""Decimals of each currency that people are paid in (ISO 4217, list one): a yen has no minor unit, a dinar 1,000."""

MOST = 10**12
"""No salary has so many minor units."""


@dataclass(frozen=True, slots=True)
class Salary:
    """What is paid in a period, in minor units: from ``min`` to ``max``, both included."""

    min: int
    max: int
    currency: str
    period: Period


def amount(minor: int, currency: str) -> Decimal:
    """Return an amount in the currency's own unit, with as many decimals as it has."""
    return Decimal(minor).scaleb(-EXPONENTS[currency])


def salary_text(salary: Salary) -> str:
    """Return a salary in words, such as ``EUR 42,000.00 to 55,000.00 a year``: what people and machines are told."""
    low, high = (f"{amount(each, salary.currency):,f}" for each in (salary.min, salary.max))
    numbers = low if salary.min == salary.max else f"{low} to {high}"
    return f"{salary.currency} {numbers} {'an' if salary.period == 'hour' else 'a'} {salary.period}"
