"""docs/cost.md says what the model says, and the model adds up."""

from pathlib import Path

import pytest

from tools import cost, cost_model
from tools.cost_model import PRICES, accounts_usd


def test_document_says_what_the_model_says() -> None:
    assert cost.main(["--check"]) == 0, "run .venv/bin/python tools/cost.py"


def test_a_changed_price_is_noticed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "cost.md"
    document.write_text(cost.DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    assert cost.main([], document) == 0
    monkeypatch.setattr(cost_model, "PEAK_CALLS", 112e6)
    assert cost.main(["--check"], document) == 1
    assert "run tools/cost.py" in capsys.readouterr().err
    assert cost.main([], document) == 0
    assert cost.main(["--check"], document) == 0


def test_a_lost_marker_is_an_error() -> None:
    with pytest.raises(ValueError, match="markers of week"):
        cost.updated(cost.DOCUMENT.read_text(encoding="utf-8").replace("<!-- end of week -->", ""))


@pytest.mark.parametrize(
    ("active", "usd"), [(0, 0), (10_000, 0), (10_001, 0.0055), (100_000, 495), (650_000, 495 + 550_000 * 0.0046)]
)
def test_accounts_are_paid_by_tiers(active: int, usd: float) -> None:
    assert accounts_usd(active) == pytest.approx(usd)


def test_known_costs_come_out() -> None:
    """By hand: a million calls at API Gateway, and the compute of a thousand pictures."""
    calls = cost_model.usd(cost_model.call(1e6))
    assert calls["gateway"] == pytest.approx(3.50)
    assert calls["lambda_gbs"] == pytest.approx(1e6 * 0.030 * 0.0000133334)
    uploads = cost_model.usd(cost_model.protection(1000))
    assert uploads["lambda_gbs"] == pytest.approx(0.047, abs=0.001)
    assert uploads["s3_puts"] == pytest.approx(25 * 1000 * 5 / 1e6)


def test_calls_grow_to_the_peak_by_one_factor() -> None:
    """40,000 times 16.25 to the sixth parts: 2.58 times the last day."""
    assert cost_model.week_calls() / cost_model.PEAK_CALLS == pytest.approx(2.5865, abs=0.001)


def test_everything_used_has_a_price_and_every_price_a_use() -> None:
    used = cost_model.together(cost_model.surge(), cost_model.at_rest(), cost_model.upload(), cost_model.view())
    assert set(used) == set(PRICES)


def test_cached_calls_never_reach_the_function() -> None:
    cold, warm = cost_model.api(1000, hit_rate=0), cost_model.api(1000, hit_rate=1)
    assert cold["cdn_requests"] == warm["cdn_requests"] == pytest.approx(1000)
    assert cold["gateway"] == pytest.approx(1000)
    assert warm["gateway"] == pytest.approx(1000 * (1 - cost_model.PUBLIC_SHARE))


def test_the_document_admits_what_is_missed() -> None:
    everything = cost_model.total(cost_model.usd(cost_model.surge()))
    text = cost.DOCUMENT.read_text(encoding="utf-8")
    assert ("**The target is missed**" in text) == (everything > cost_model.TARGET_USD)
