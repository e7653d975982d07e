"""What is paid."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib.domain.money import EXPONENTS, MOST, Period, Salary, salary_text
from chalicelib.schemas.base import Schema


def _currency(text: str) -> str:
    if text.upper() not in EXPONENTS:
        raise ValueError("must be a currency that people are paid in, such as EUR")
    return text.upper()


class SalaryBody(Schema):
    """What is paid, in minor units: EUR 420.50 are 42050, JPY 3000 are 3000, KWD 1.5 are 1500."""

    min: int = Field(ge=0, le=MOST)
    max: int = Field(ge=0, le=MOST)
    currency: Annotated[str, StringConstraints(strip_whitespace=True, max_length=3), AfterValidator(_currency)] = Field(
        description="Three letters of ISO 4217"
    )
    period: Period

    @model_validator(mode="after")
    def _check(self) -> "SalaryBody":
        if self.max == 0 or self.min == 0:
            raise ValueError("must not be nothing: unpaid work is refused here")
        if self.max < self.min:
            raise ValueError("max must not be less than min")
        return self

    def to_domain(self) -> Salary:
        """Return it as the domain knows it."""
        return Salary(self.min, self.max, self.currency, self.period)


class SalaryAnswer(Schema):
    """What is paid, in minor units, and in words."""

    min: int
    max: int
    currency: str
    period: Period
    text: str


def salary_answer(salary: Salary | None) -> SalaryAnswer | None:
    """Return what is paid, in words as well."""
    if salary is None:
        return None
    return SalaryAnswer(
        min=salary.min, max=salary.max, currency=salary.currency, period=salary.period, text=salary_text(salary)
    )
