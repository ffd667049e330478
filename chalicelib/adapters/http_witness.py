"""`Witness` over HTTP (https://c2sp.org/tlog-witness), and all the configured ones side by side."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from chalicelib.adapters.anchor_http import TIMEOUT, checked_url, post
from chalicelib.audit.anchors import (
    AnchorFailed,
    AnchorUnavailable,
    AnchorUntrue,
    Cosigned,
    Prove,
    Witness,
    WitnessConflict,
    WitnessRefused,
    ask,
    merged,
)
from chalicelib.audit.cosignature import cosigns, read_signatures, read_size, submission
from chalicelib.audit.note import COSIGNATURE, Note, VerifierKey

MOST: Final = 16  # signatures that every reader of notes must accept (https://c2sp.org/signed-note)
PATIENCE: Final = 12.0  # seconds for all of them together: two requests, and a little
SIZE_TYPE: Final = "text/x.tlog.size"
_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
_CONFIGURED: Final = re.compile(r"([^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2})@(\S+)")


@dataclass(frozen=True, slots=True)
class WitnessConfig:
    """Whose cosignatures count, and the submission prefix to ask at, without a trailing slash."""

    key: VerifierKey
    url: str


def parse_witnesses(text: str) -> tuple[WitnessConfig, ...]:
    """`<vkey>@<address>`, comma separated; none when empty. ValueError for anything else, a key of another type included."""
    found = tuple(_parse_witness(one.strip()) for one in text.split(",")) if text.strip() else ()
    if len({one.key for one in found}) != len(found):
        raise ValueError("a witness is named twice")
    if len(found) > MOST:
        raise ValueError(f"at most {MOST} witnesses")
    return found


def _parse_witness(text: str) -> WitnessConfig:
    match = _CONFIGURED.fullmatch(text)
    if match is None:
        raise ValueError(f"not a witness, <vkey>@<address>: {text}")
    key = VerifierKey.parse(match[1])
    if key.kind != COSIGNATURE:
        raise ValueError(f"not the key of a witness (type 0x04): {text}")
    return WitnessConfig(key, checked_url(match[2]))


class HttpWitness:
    """`Witness`. What it answers is believed when its signature verifies, and not before."""

    def __init__(self, config: WitnessConfig, timeout: float = TIMEOUT) -> None:
        self._key, self._url, self._timeout = config.key, config.url + "/add-checkpoint", timeout

    @property
    def name(self) -> str:
        """See `Witness.name`."""
        return self._key.name

    def cosign(self, old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
        """See `Witness.cosign`."""
        body = submission(old_size, proof, checkpoint)
        answer = post(
            self.name, self._url, body, {"Content-Type": "text/plain; charset=utf-8"}, self._timeout
        )
        if answer.status == HTTPStatus.OK:
            return self._verified(answer.body, checkpoint)
        if answer.status == HTTPStatus.CONFLICT and answer.kind == SIZE_TYPE:
            raise WitnessConflict(self.name, self._size(answer.body))
        if answer.status in _REFUSALS:
            raise WitnessRefused(self.name, answer.status)
        raise AnchorUnavailable(self.name, f"status {answer.status}")

    def _verified(self, body: bytes, checkpoint: bytes) -> bytes:
        text = Note.parse(checkpoint).text
        try:
            signatures = read_signatures(body)
        except ValueError as error:
            raise AnchorUnavailable(self.name, str(error)) from error
        mine = [one.line().encode() for one in signatures if cosigns(self._key, text, one)]
        if not mine:
            raise AnchorUntrue(self.name, "no cosignature of this checkpoint by its key")
        return b"".join(mine)

    def _size(self, body: bytes) -> int:
        try:
            return read_size(body)
        except ValueError as error:
            raise AnchorUnavailable(self.name, str(error)) from error


class HttpWitnesses:
    """`Witnesses`: all are asked at once, and after `patience` seconds nobody is waited for. With none, nothing happens.

    `report` hears of each failure: nothing of it is personal.
    """

    def __init__(
        self,
        configs: Sequence[WitnessConfig],
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        report: Callable[[AnchorFailed], None] = lambda _: None,
    ) -> None:
        self._report = report
        self._witnesses = [HttpWitness(one, timeout) for one in configs]
        self._keys = [one.key for one in configs]
        self._patience = patience

    def cosigned(self, note: bytes, since: int, prove: Prove) -> Cosigned:
        """See `Witnesses.cosigned`. Who answers later than that has still cosigned, and says so next time."""
        if not self._witnesses:
            return Cosigned(note)
        pool = ThreadPoolExecutor(len(self._witnesses), "witness")
        asked = [(one, pool.submit(ask, one, note, since, prove)) for one in self._witnesses]
        wait([future for _, future in asked], self._patience)
        pool.shutdown(wait=False, cancel_futures=True)
        answers = [_outcome(witness, future) for witness, future in asked]
        lines = [one for one in answers if isinstance(one, bytes)]
        failures = tuple(one for one in answers if isinstance(one, AnchorFailed))
        for failure in failures:
            self._report(failure)
        return Cosigned(merged(note, lines, self._keys), failures)


def _outcome(witness: Witness, asked: Future[bytes]) -> bytes | AnchorFailed:
    if not asked.done():
        return AnchorUnavailable(witness.name, "no answer in time")
    try:
        return asked.result()
    except AnchorFailed as failure:
        return failure
