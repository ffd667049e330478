"""What issuing costs in this process: the product's own work beside the bare signature, over fakes, without network."""

from time import perf_counter
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.fakes.city import found_city

COUNT: Final = 100
Row = tuple[str, float, str]


def _each(count: int, seconds: float) -> float:
    return seconds / count * 1000


def run() -> list[Row]:
    """(what, figure, unit): collect, review and issue one certificate, and one bare ECDSA signature."""
    city = found_city()
    started = perf_counter()
    collected = [city.collected(certificate_number=f"JY{number:014d}") for number in range(COUNT)]
    reviewing = perf_counter()
    for identifier in collected:
        city.approve(identifier)
    issuing = perf_counter()
    for identifier in collected:
        city.issue(identifier)
    ended = perf_counter()
    key, message = ec.generate_private_key(ec.SECP256R1()), b"a" * 2000
    signing = perf_counter()
    for _ in range(COUNT):
        key.sign(message, ec.ECDSA(SHA256()))
    signed = perf_counter() - signing
    return [
        ("collect one", _each(COUNT, reviewing - started), "ms"),
        ("review one (prepare, lint)", _each(COUNT, issuing - reviewing), "ms"),
        ("issue one", _each(COUNT, ended - issuing), "ms"),
        ("one bare ECDSA signature", _each(COUNT, signed), "ms"),
    ]
