"""Codes with check digits: units (GB 32100), holders (GB 11643), types and certificates (modelled on GB/T 36904).

A value of these types exists only if its check digit is right, so nobody has to ask again.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from chalicelib.kernel.errors import Invalid

ROOT_OID: Final = "1.2.156.3005.2"
_PREFIX: Final = ROOT_OID + "."
SERIAL_LENGTH: Final = 20
UNIT_CODE_LENGTH: Final = 18
LAST_VERSION: Final = 999
_SERIAL: Final = re.compile(r"[0-9A-Z]{7,32}\Z")
LONGEST_HOLDER_CODE: Final = 64
_DIGITS3: Final = re.compile(r"[0-9]{3}\Z", re.ASCII)
_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_CHARACTERS)}
_DOUBLED: Final = tuple((value or 36) * 2 % 37 for value in range(36))


def unit_code(text: str, field: str | None = None) -> str:
    """A unified social credit code (USCC, 18 characters), or Invalid("invalid_unit_code")."""
    if len(text) != UNIT_CODE_LENGTH or not _is_unit_code(text):
        raise Invalid("invalid_unit_code", field)
    return text


@lru_cache(maxsize=4096)  # a city's units are few, and every identifier names two
def _is_unit_code(text: str) -> bool:
    return text.isascii() and bool(uscc.is_valid(text)) and uscc.compact(text) == text


def type_code(text: str, field: str | None = None) -> str:
    """A certificate type code: the defining authority's USCC and three digits, or Invalid("invalid_type_code")."""
    if not _is_type_code(text):
        raise Invalid("invalid_type_code", field)
    return text


@lru_cache(maxsize=4096)
def _is_type_code(text: str) -> bool:
    return bool(_DIGITS3.match(text[UNIT_CODE_LENGTH:])) and _is_unit_code(text[:UNIT_CODE_LENGTH])


def holder_code(text: str, code_type: str, field: str | None = None) -> str:
    """A holder's code: check digits are verified for 001 (USCC) and 111 (resident identity number).

    Other code types are given their meaning by the catalog; their form is only bounded here.
    """
    try:
        if code_type == "001":
            return unit_code(text, field)
        if code_type == "111":
            if ric.validate(text) != text:
                raise Invalid("invalid_holder_code", field)
            return text
    except (ValidationError, Invalid) as error:
        raise Invalid("invalid_holder_code", field) from error
    if not (_DIGITS3.match(code_type) and 1 <= len(text) <= LONGEST_HOLDER_CODE and text.isprintable()):
        raise Invalid("invalid_holder_code", field)
    return text


def _mod_37_36(state: int, text: str) -> int:
    """ISO/IEC 7064 §9 (hybrid system): the state after these characters."""
    for character in text:
        state = (_DOUBLED[state] + _VALUES[character]) % 36
    return state


@lru_cache(maxsize=4096)  # all of a unit's certificates of a type begin alike
def _shared(prefix: str) -> int:
    return _mod_37_36(18, prefix)  # 18 doubled is 36: the state before anything


@dataclass(frozen=True, slots=True)
class CertificateIdentifier:
    """`1.2.156.3005.2.type(21).issuer(18).serial.version(3).check(1)`; an update keeps the serial, raises the version."""

    type_code: str
    issuer: str
    serial: str
    version: int

    def __post_init__(self) -> None:
        type_code(self.type_code)
        unit_code(self.issuer)
        if not _SERIAL.match(self.serial) or not 1 <= self.version <= LAST_VERSION:
            raise Invalid("invalid_certificate_identifier")

    @property
    def check(self) -> str:
        """ISO/IEC 7064 MOD 37,36 over type + issuer + serial + version; the root OID is left out."""
        state = _mod_37_36(_shared(self.type_code + self.issuer), f"{self.serial}{self.version:03d}")
        return _CHARACTERS[(1 - _DOUBLED[state]) % 36]

    def __str__(self) -> str:
        return f"{ROOT_OID}.{self.type_code}.{self.issuer}.{self.serial}.{self.version:03d}.{self.check}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form, or Invalid("invalid_certificate_identifier")."""
        parts = text.removeprefix(_PREFIX).split(".")
        if not text.startswith(_PREFIX) or len(parts) != len(
            ("type", "issuer", "serial", "version", "check")
        ):
            raise Invalid("invalid_certificate_identifier")
        kind, issuer, serial, version, check = parts
        if not _DIGITS3.match(version):
            raise Invalid("invalid_certificate_identifier")
        try:
            parsed = cls(kind, issuer, serial, int(version))
        except Invalid as error:
            raise Invalid("invalid_certificate_identifier") from error
        if parsed.check != check:
            raise Invalid("invalid_certificate_identifier")
        return parsed

    def successor(self, version: int) -> "CertificateIdentifier":
        """The identifier of the same certificate, updated: same serial, higher version."""
        return CertificateIdentifier(self.type_code, self.issuer, self.serial, version)
