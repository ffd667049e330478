"""A signing key is retired: what it signed stays verifiable by its public half, which the archive has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from chalicelib.audit.examination import Examination
from chalicelib.audit.findings import Fault, Finding, Lock
from chalicelib.audit.note import VerifierKey
from chalicelib.usecases.seal_log import seal_log
from tests.fakes.city import City, found_city
from tests.fakes.log import InMemoryLogStore, LocalLogSigner
from tests.unit.audit.test_sealing import logged


@dataclass
class StoredFiles:
    """`LogFiles` over the fake store; its locks are another test's matter."""

    store: InMemoryLogStore

    def get(self, path: str) -> bytes | None:
        return self.store.fetch(path)

    def list(self, prefix: str) -> Iterator[str]:
        yield from sorted(path for path in self.store.locked if path.startswith(prefix))

    def lock(self, path: str) -> Lock | None:
        del path
        return None


@pytest.fixture(scope="module")
def keys() -> tuple[Sequence[VerifierKey], Sequence[VerifierKey], InMemoryLogStore, City]:
    """Two checkpoints by the old keys, then one by the new."""
    city, fresh = found_city(), LocalLogSigner()
    city.store.entries.clear()
    old = city.platform.log
    seal_log(city.platform, logged(city, 3))
    seal_log(city.platform, logged(city, 3))
    seal_log(replace(city.platform, log=replace(old, signer=fresh)), logged(city, 3))
    assert isinstance(old.store, InMemoryLogStore)
    return old.signer.verifier_keys(), fresh.verifier_keys(), old.store, city


def examined(store: InMemoryLogStore, city: City, trusted: Sequence[VerifierKey]) -> list[Finding]:
    examination = Examination(StoredFiles(store), trusted, city.clock.now() + timedelta(days=1))
    assert list(examination.run())[-1] == 9
    return examination.findings


def test_with_the_retired_keys_the_whole_history_verifies(
    keys: tuple[Sequence[VerifierKey], Sequence[VerifierKey], InMemoryLogStore, City],
) -> None:
    retired, current, store, city = keys
    assert examined(store, city, [*current, *retired]) == []


def test_without_them_what_they_signed_is_nobodys(
    keys: tuple[Sequence[VerifierKey], Sequence[VerifierKey], InMemoryLogStore, City],
) -> None:
    retired, current, store, city = keys
    places = [(one.fault, one.place) for one in examined(store, city, current)]
    assert places == [(Fault.BAD_SIGNATURE, f"checkpoints/{size:012d}") for size in (3, 6)]
    newest = {(one.fault, one.place) for one in examined(store, city, retired)}
    assert {(Fault.BAD_SIGNATURE, "checkpoint"), (Fault.BAD_SIGNATURE, "checkpoints/000000000009")} <= newest


def test_the_archive_has_the_public_half_of_every_key_that_signed(
    keys: tuple[Sequence[VerifierKey], Sequence[VerifierKey], InMemoryLogStore, City],
) -> None:
    retired, current, store, _ = keys
    kept = {path: body for path, body in store.locked.items() if path.startswith("keys/")}
    assert kept == {f"keys/{one.id.hex()}.vkey": f"{one}\n".encode() for one in (*retired, *current)}


def test_the_keys_that_sign_now_are_told_first_then_the_retired(
    keys: tuple[Sequence[VerifierKey], Sequence[VerifierKey], InMemoryLogStore, City],
) -> None:
    retired, current, _, city = keys
    head = city.platform.log.outbox.head()
    assert head is not None
    assert head.keys == tuple(one.id.hex() for one in (*current, *retired))
