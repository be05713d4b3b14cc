"""Identifiers: real ones pass, altered ones do not, and every way of writing leads to one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import refusal_phrase
from features.identifiers import (
    IdentifierError,
    application_check,
    check_firm_key,
    check_patent,
    firm_key,
    ipc,
    office,
    organisation_check,
    patent_number,
    uscc,
)

# Registered codes and numbers that are public facts: credit codes from python-stdnum's own cases and company
# registers; application numbers from public patent registers.
CODES = ["91110000600037341L", "91360727MA35LGHK7K", "91441900MA51XAPG4N", "91310000749589822W"]
NUMBERS = [
    "201910561574.9", "201811205291.2", "201010246628.1", "201310068343.7", "200610066995.7", "95115608.X",
    "97101765.4", "201310199708.X", "201010596747.X", "201921898050.0", "201921897980.4",
]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_real_credit_code_passes(code: str) -> None:
    """A registered code passes both check digits, and its key carries the prefix."""
    assert uscc(code) == code
    assert firm_key(code) == f"uscc:{code}"
    assert check_firm_key(f"uscc:{code}") is None


@pytest.mark.parametrize("code", ["A1110000600037341L", "91110000600037341M", "12345", "", "91110000600037341I"])
def test_wrong_credit_code_is_refused(code: str) -> None:
    """A letter in the region, a wrong check digit, a wrong length and an excluded letter are refused."""
    with pytest.raises(IdentifierError):
        uscc(code)
    assert check_firm_key(f"uscc:{code}")


@given(st.sampled_from(CODES), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_altered_character_is_noticed(code: str, place: int, character: str) -> None:
    """No single altered character of a credit code goes unnoticed."""
    altered = code[:place] + character + code[place + 1 :]
    if altered != code:
        with pytest.raises(IdentifierError):
            uscc(altered)


def test_inner_check_digit_is_checked_too() -> None:
    """A code whose last digit was made to fit a wrong organisation code is still refused."""
    body = "9111000060003734" + "2"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    last = alphabet[(31 - sum(alphabet.index(c) * w for c, w in zip(body, weights, strict=True))) % 31]
    with pytest.raises(IdentifierError, match="place 17"):
        uscc(body + last)
    assert organisation_check("60003734") == "1"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("written", ["{}", "ZL{}", "CN{}", "CN {}", "zl{}"])
def test_every_way_of_writing_a_number_is_one(number: str, written: str) -> None:
    """Old and new numbers, with or without office or grant prefix, have one normal form."""
    assert patent_number(written.format(number)) == f"CN{number}"
    assert patent_number(written.format(number.replace(".", ""))) == f"CN{number}"
    assert check_patent(f"CN{number}") is None
    assert office(patent_number(number)) == "CN"


def test_full_width_writing_is_understood() -> None:
    """Digits typed in full width are the same digits."""
    assert patent_number("２０１９１０５６１５７４．９") == "CN201910561574.9"


@given(st.sampled_from(NUMBERS), st.integers(0, 12), st.sampled_from("0123456789"))
def test_one_altered_digit_of_a_number_is_noticed(number: str, place: int, digit: str) -> None:
    """No single altered digit of an application number passes as a right number."""
    digits, check = number.split(".")
    place = place % len(digits)
    altered = digits[:place] + digit + digits[place + 1 :]
    if altered != digits:
        assert application_check(altered) != check


@pytest.mark.parametrize("number", ["CN201910561574.8", "CN109876543A", "ZL1", "hello world", "", "1234"])
def test_wrong_number_is_refused(number: str) -> None:
    """A wrong check digit, a publication number in place of an application number, and no number are refused."""
    with pytest.raises(IdentifierError):
        patent_number(number)


def test_other_offices_pass_through() -> None:
    """The product knows no check digits of other offices, so their numbers are only put in capitals."""
    assert patent_number("us 16/123456") == "US16/123456"
    assert check_patent("us16/123456") == refusal_phrase("identifier_form", form="US16/123456")


@pytest.mark.parametrize(
    ("written", "normal"),
    [("H04N  19/00", "H04N19/00"), ("h04n19/00", "H04N19/00"), ("G01N 033/50", "G01N33/50"), ("A61K", "A61K")],
)
def test_ipc_symbol(written: str, normal: str) -> None:
    """Spaces, small letters and leading zeros of the group do not matter."""
    assert ipc(written) == normal


@pytest.mark.parametrize("symbol", ["Z99A", "H04N19", "H04", "", "H04N/00"])
def test_wrong_ipc_symbol_is_refused(symbol: str) -> None:
    """A section that does not exist or half a symbol is refused."""
    with pytest.raises(IdentifierError):
        ipc(symbol)


@pytest.mark.parametrize("key", ["cik:20", "row:7", "person:ab12"])
def test_other_keys_pass_through(key: str) -> None:
    """Keys of other registers are kept as they are."""
    assert firm_key(key) == key


@pytest.mark.parametrize("key", ["cik:", "row:a b", "uscc:1", "lei:1"])
def test_wrong_key_is_refused(key: str) -> None:
    """An empty key, a space, a wrong code and an unknown prefix are refused."""
    with pytest.raises(IdentifierError):
        firm_key(key)
