"""Countries by their time zones."""

from chalicelib.domain.places import COUNTRIES, countries_between


def test_countries_of_one_offset() -> None:
    assert countries_between(9, 9) == ("ID", "JP", "KP", "KR", "PW", "RU", "TL")


def test_summer_time_does_not_count() -> None:
    assert "GB" in countries_between(0, 0)
    assert "GB" not in countries_between(1, 1)
    assert "IE" in countries_between(0, 0), "where winter, not summer, is what the law calls an exception"
    assert "NZ" in countries_between(12, 12), "where summer is in December"
    assert "NZ" not in countries_between(13, 13)


def test_a_country_with_several_zones_is_in_if_one_is() -> None:
    assert {"US", "CA"} <= set(countries_between(-5, -5)) & set(countries_between(-8, -8))


def test_half_hours_are_between_whole_ones() -> None:
    assert "IN" in countries_between(5, 6)
    assert "IN" not in countries_between(6, 6)


def test_all_of_them() -> None:
    assert COUNTRIES - set(countries_between(-12, 14)) <= {"BV", "HM"}, "where nobody lives"
    assert countries_between(-12, -12) == ()
