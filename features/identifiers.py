"""Unified social credit codes, patent application numbers and IPC symbols: their check digits and their normal form.

Facts: GB 32100-2015 (unified social credit code), GB 11714 (organisation code, its places 9 to 17), the numbering of
Chinese patent applications before and since 2003-10-01. The year inside an application number is not the filing year
of a divisional application, so no date is ever read off a number.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from operator import mul

from stdnum.cn import uscc as gb32100
from stdnum.exceptions import InvalidChecksum, ValidationError

from features.errors import PledgeScoreError, refusal_phrase
from features.phrase import Phrase

_ORGANISATION_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_APPLICATION_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_OLD = re.compile(r"([0-9]{2}[12389][0-9]{5})\.?([0-9X])")
_NEW = re.compile(r"((?:19|20)[0-9]{2}[12389][0-9]{7})\.?([0-9X])")
_NORMAL = re.compile(r"CN((?:19|20)[0-9]{2}[12389][0-9]{7})\.([0-9X])")
_OTHER_OFFICE = re.compile(r"[A-Z]{2}(?=.*[0-9])[0-9A-Z./]{1,30}")
_IPC = re.compile(r"([A-H][0-9]{2}[A-Z])(?:([0-9]{1,4})/([0-9]{2,6}))?(?:\([0-9]{4}\.[0-9]{2}\)[A-Z]?)?")
_LOCARNO = re.compile(r"(?:LOC)?(?:\([0-9]+\)CL\.)?([0-9]{2})-([0-9]{2})")
_PUBLICATION = re.compile(r"CN[0-9]{7,9}[ABCSUY][0-9]?")
_INTERNATIONAL = re.compile(r"PCT/?[A-Z]{2}[0-9]{4}/?[0-9]{5,6}|WO(?:19|20)[0-9]{2}/?[0-9]{5,6}(?:A[0-9])?")
"""Application and publication numbers of the PCT: no right that could be pledged."""
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+")
"""What a spreadsheet makes of a number of thirteen digits."""
_PREFIXES = ("uscc:", "cik:", "row:", "person:")


class IdentifierError(PledgeScoreError):
    """A code or number is not written as its standard says, or its check digit is wrong."""


def uscc(code: str, *, registered: bool = False) -> str:
    """A unified social credit code in normal form: 18 characters, both check digits right.

    `registered`: as it stands in the register, where some codes of years ago fail their check digits. Raises
    `IdentifierError`.
    """
    try:
        found = str(gb32100.validate(_plain(code)))
    except InvalidChecksum as error:
        if registered:
            return str(gb32100.compact(_plain(code)))
        raise IdentifierError("uscc", code=repr(code), why=type(error).__name__) from error
    except ValidationError as error:
        raise IdentifierError("uscc", code=repr(code), why=type(error).__name__) from error
    if organisation_check(found[8:16]) != found[16] and not registered:
        raise IdentifierError("uscc_check_digit", code=repr(code))
    return found


def organisation_check(first_eight: str) -> str:
    """The check digit of an organisation code from its first eight characters (GB 11714)."""
    total = sum(_ORGANISATION_DIGITS.index(c) * w for c, w in zip(first_eight, _ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def application_check(digits: str) -> str:
    """The check digit of a Chinese application number from its 8 (old) or 12 (new) digits."""
    total = sum(map(mul, map(int, digits), _APPLICATION_WEIGHTS))
    return "0123456789X"[total % 11]


def patent_number(number: str) -> str:
    """A patent application number in normal form: office, digits, and for China a dot and the check digit.

    `ZL201910561574.9`, `2019 1056 1574.9` and `CN2019105615749` are all `CN201910561574.9`. Numbers of other offices
    pass through in capitals without spaces. Raises `IdentifierError`.
    """
    text = digits = number
    found = _NORMAL.fullmatch(number)
    if not found:
        text = re.sub(r"[\s·•-]", "", re.sub(r'^="(.*)"$', r"\1", _plain(number)).replace("。", "."))
        digits = re.sub(r"^(CNZL|CN|ZL)", "", text)
        found = _NEW.fullmatch(digits) or _OLD.fullmatch(digits)
    if found:
        if application_check(found[1]) != found[2]:
            raise IdentifierError("patent_check_digit", number=repr(number))
        return f"CN{found[1]}.{found[2]}"
    if _SCIENTIFIC.fullmatch(text):
        raise IdentifierError("patent_scientific", number=repr(number))
    if _PUBLICATION.fullmatch(text):
        raise IdentifierError("publication_number", number=repr(number))
    if _INTERNATIONAL.fullmatch(text):
        raise IdentifierError("international_application", number=repr(number))
    if digits != text or not _OTHER_OFFICE.fullmatch(text):
        raise IdentifierError("patent_number", number=repr(number))
    return text


def office(number: str) -> str:
    """The office of a number in normal form."""
    return number[:2]


def ipc(symbol: str) -> str:
    """An IPC symbol in normal form, `H04N19/00` or `H04N`; a version such as `(2014.01)I` is left out.

    Raises `IdentifierError`.
    """
    found = _IPC.fullmatch(re.sub(r"\s", "", _plain(symbol)))
    if not found:
        raise IdentifierError("ipc", symbol=repr(symbol))
    subclass, group, subgroup = found.groups()
    return f"{subclass}{int(group)}/{subgroup}" if group else str(subclass)


def locarno(symbol: str) -> str | None:
    """A Locarno class in normal form, `14-02`; None where the text is none."""
    found = _LOCARNO.fullmatch(re.sub(r"\s", "", _plain(symbol)))
    return f"{found[1]}-{found[2]}" if found else None


def firm_key(code: str, *, registered: bool = False) -> str:
    """The key of a firm: `uscc:` before a unified social credit code; a key that has its prefix is checked and kept.

    `registered`: a code may fail its check digits. Raises `IdentifierError`.
    """
    text = re.sub(r"\s", "", code) if is_code_of_firm(code) else code.strip()
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            own = text.removeprefix(prefix)
            if not re.fullmatch("[!-~]+", own):
                raise IdentifierError("firm_key", code=repr(code), prefix=prefix)
            return prefix + (uscc(own, registered=registered) if prefix == "uscc:" else own)
    return "uscc:" + uscc(text, registered=registered)


def is_code_of_firm(text: str) -> bool:
    """Whether a text claims to be a unified social credit code: by its prefix, or by 18 letters and digits."""
    if text.startswith("uscc:"):
        return True
    if not 18 <= len(text) <= 40:  # with blanks
        return False
    plain = re.sub(r"\s", "", _plain(text))
    return re.fullmatch("[0-9A-Z]{18}", plain) is not None and sum(map(str.isdigit, plain)) >= 8


def check_firm_key(key: str, *, registered: bool = False) -> Phrase | None:
    """Why a firm's key is refused; None where it is right and in normal form."""
    return _fault(key, partial(firm_key, registered=registered))


def check_patent(number: str) -> Phrase | None:
    """Why a patent number is refused; None where it is right and in normal form."""
    return _fault(number, patent_number)


def _fault(text: str, normal: Callable[[str], str]) -> Phrase | None:
    try:
        found = normal(text)
    except IdentifierError as error:
        return error.phrase
    return None if found == text else refusal_phrase("identifier_form", form=found)


def _plain(text: str) -> str:
    """Full-width letters and digits become ordinary ones, small letters capitals."""
    return unicodedata.normalize("NFKC", text).strip().upper()
