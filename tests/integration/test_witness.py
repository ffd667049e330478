"""Checkpoints cosigned by witnesses over HTTP; and whatever a witness does, the log's own note comes out whole."""

import contextlib
import hashlib
import http.client
import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from chalicelib.adapters.anchor_http import LARGEST, checked_url
from chalicelib.adapters.http_witness import HttpWitness, HttpWitnesses, WitnessConfig, parse_witnesses
from chalicelib.audit.anchors import (
    AnchorFailed,
    AnchorUnavailable,
    Cosigned,
    WitnessConflict,
    WitnessRefused,
)
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.cosignature import submission
from chalicelib.audit.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, perfect_root, tree_root
from chalicelib.audit.note import ED25519, Note, VerifierKey
from tests.fakes.ambient import NOON
from tests.fakes.answering import Answering, answering
from tests.fakes.log import ORIGIN, LocalLogSigner
from tests.fakes.witness import PLAIN, LocalWitness

LEAVES = [leaf_hash(str(one).encode()) for one in range(300)]
SIGNER = LocalLogSigner()
OTHERS = LocalLogSigner("other.example/log")
LIAR = LocalWitness({}, "bad.example/w")
NOWHERE = "http://127.0.0.1:1"


def checkpoint(size: int, leaves: Sequence[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree_root(leaves[:size]))


def signed(size: int, leaves: Sequence[bytes] = LEAVES) -> bytes:
    return SIGNER.sign(checkpoint(size, leaves), NOON)


def proof(old: int, new: int) -> list[bytes]:
    return consistency_proof(
        old, new, lambda level, index: perfect_root(LEAVES[index << level : (index + 1) << level])
    )


def knows(name: str = "witness.example/w1") -> LocalWitness:
    """A witness that knows our log by its Ed25519 key."""
    return LocalWitness({ORIGIN: [SIGNER.verifier_keys()[0]]}, name)


@pytest.fixture
def witness() -> LocalWitness:
    return knows()


@pytest.fixture
def served(witness: LocalWitness) -> Iterator[WitnessConfig]:
    with witness.serving() as config:
        yield config


def cosigned(configs: Sequence[WitnessConfig], size: int, since: int, timeout: float = 5) -> Cosigned:
    return HttpWitnesses(configs, timeout, 2 * timeout + 1).cosigned(
        signed(size), since, lambda old: proof(old, size)
    )


def signers(note: bytes) -> list[str]:
    return [one.name for one in Note.parse(note).signatures]


# -- a witness that does its duty


def test_a_growing_log_is_cosigned_checkpoint_by_checkpoint(
    witness: LocalWitness, served: WitnessConfig
) -> None:
    for before, size in ((0, 1), (1, 2), (2, 7), (7, 8), (8, 256), (256, 300), (300, 300)):
        found = cosigned([served], size, before)
        assert found.failures == ()
        assert all(key.verifies(Note.parse(found.note)) for key in (*SIGNER.verifier_keys(), served.key))
    assert witness.statuses == [200] * 7


def test_the_note_of_the_log_comes_first_and_unchanged(served: WitnessConfig) -> None:
    note = signed(7)
    assert HttpWitnesses([served]).cosigned(note, 0, lambda _: []).note.startswith(note)


def test_the_empty_tree_is_cosigned(served: WitnessConfig) -> None:
    assert signers(cosigned([served], 0, 0).note) == [ORIGIN, ORIGIN, served.key.name]


def test_a_witness_that_knows_less_or_as_much_is_asked_once_more(
    witness: LocalWitness, served: WitnessConfig
) -> None:
    assert cosigned([served], 7, 0).failures == ()
    assert cosigned([served], 300, 256).failures == ()
    assert cosigned([served], 300, 256).failures == ()
    assert witness.statuses == [200, 409, 200, 409, 200]
    assert witness.latest[ORIGIN] == checkpoint(300)


def test_a_witness_that_has_never_heard_of_us_is_asked_once_more(
    witness: LocalWitness, served: WitnessConfig
) -> None:
    assert cosigned([served], 300, 256).failures == ()
    assert witness.statuses == [409, 200]


def monitored(config: WitnessConfig) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(config.url.removeprefix("http://"), timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint")
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_the_last_cosigned_checkpoint_can_be_monitored(served: WitnessConfig) -> None:
    assert monitored(served) == (404, b"")
    note = cosigned([served], 7, 0).note
    assert monitored(served) == (200, note)


# -- our witness is as strict as the specification, or it would prove nothing about us


def refused(witness: LocalWitness, body: bytes) -> int:
    assert witness.latest == {}
    return witness.answer("POST", "/add-checkpoint", body)[0]


def test_what_a_witness_refuses(witness: LocalWitness) -> None:
    strange = OTHERS.sign(Checkpoint("other.example/log", 7, bytes(32)), NOON)
    impostor = LocalLogSigner().sign(checkpoint(7), NOON)
    assert refused(witness, submission(0, [], strange)) == 404
    assert refused(witness, submission(0, [], impostor)) == 403
    assert refused(witness, submission(0, [], signed(7).replace(b"\n7\n", b"\n8\n"))) == 403
    assert refused(witness, submission(8, [], signed(7))) == 400
    assert refused(witness, submission(0, [], signed(7)).replace(b"old 0", b"old 00")) == 400
    assert refused(witness, submission(0, [], signed(7))[:-1]) == 400
    assert refused(witness, submission(3, [], signed(7))) == 409
    assert refused(witness, submission(0, [bytes(32)], signed(7))) == 422
    assert refused(witness, submission(0, [], SIGNER.sign(Checkpoint(ORIGIN, 0, bytes(32)), NOON))) == 422
    assert witness.answer("POST", "/add-checkpoint", submission(0, [], signed(7)))[0] == 200


def test_a_fork_is_not_cosigned_and_what_the_witness_knows_stays(
    witness: LocalWitness, served: WitnessConfig
) -> None:
    cosigned([served], 7, 0)
    forged = [*LEAVES[:3], leaf_hash(b"another"), *LEAVES[4:]]
    for size in (7, 300):
        note = signed(size, forged)
        found = HttpWitnesses([served]).cosigned(note, 7, partial(proof, new=size))
        assert found.note == note
        assert [str(one) for one in found.failures] == [f"witness_refused {witness.name} 422"]
    assert witness.latest[ORIGIN] == checkpoint(7)


def test_a_log_that_went_back_is_not_cosigned(served: WitnessConfig) -> None:
    cosigned([served], 300, 0)
    found = cosigned([served], 7, 0)
    assert found.note == signed_like(found.note)
    assert [type(one) for one in found.failures] == [WitnessConflict]


def signed_like(note: bytes) -> bytes:
    """The note with the lines of the log alone."""
    parsed = Note.parse(note)
    return Note(parsed.text, tuple(one for one in parsed.signatures if one.name == ORIGIN)).render()


# -- a witness that does not


def spoiled(answer: Answering) -> tuple[Cosigned, Cosigned]:
    """What comes of asking a spoiled witness alone, and beside an honest one."""
    with answering(answer) as url, knows("good.example/w").serving() as good:
        config = WitnessConfig(LIAR.key, url)
        return cosigned([config], 7, 0), cosigned([config, good], 300, 0)


def lines(*found: bytes) -> Answering:
    return lambda _method, _path, _body: (200, PLAIN, b"".join(found))


def lie(size: int = 7, root: bytes | None = None, by: LocalWitness = LIAR) -> bytes:
    told = Checkpoint(ORIGIN, size, root or checkpoint(size).root)
    return by.signature(told.text()).line().encode()


SPOILED: dict[str, tuple[Answering, str]] = {
    "signs with another key": (
        lines(lie(by=LocalWitness({}, LIAR.name, "another key"))),
        "anchor_untrue",
    ),
    "signs another root": (lines(lie(root=EMPTY_ROOT)), "anchor_untrue"),
    "replays an old cosignature": (lines(lie(1)), "anchor_untrue"),
    "answers garbage": (lines(b"<html>\xff\x00"), "anchor_unavailable"),
    "answers nothing": (lines(b""), "anchor_unavailable"),
    "answers without end": (lines(b"x" * (LARGEST + 1)), "anchor_unavailable"),
    "answers with our own note": (lambda _method, _path, body: (200, PLAIN, body), "anchor_unavailable"),
    "is broken": (lambda *_: (500, PLAIN, b"oops"), "anchor_unavailable"),
    "has moved": (lambda *_: (302, PLAIN, b""), "anchor_unavailable"),
    "does not know us": (lambda *_: (404, PLAIN, b""), "witness_refused"),
    "does not like our key": (lambda *_: (403, PLAIN, b""), "witness_refused"),
    "does not like our proof": (lambda *_: (422, PLAIN, b""), "witness_refused"),
    "claims an impossible size": (
        lambda *_: (409, "text/x.tlog.size", b"9" * 18 + b"\n"),
        "witness_conflict",
    ),
    "never makes up its mind": (lambda *_: (409, "text/x.tlog.size", b"3\n"), "witness_conflict"),
    "claims a size that is none": (lambda *_: (409, "text/x.tlog.size", b"-1\n"), "anchor_unavailable"),
    "conflicts without a size": (lambda *_: (409, PLAIN, b"3\n"), "anchor_unavailable"),
}


@pytest.mark.parametrize(("answer", "code"), SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_witness_neither_stops_nor_spoils_anything(answer: Answering, code: str) -> None:
    alone, beside = spoiled(answer)
    assert signers(alone.note) == [ORIGIN, ORIGIN]
    assert signers(beside.note) == [ORIGIN, ORIGIN, "good.example/w"]
    for found in (alone, beside):
        assert [(one.code, one.facts[0]) for one in found.failures] == [(code, "bad.example/w")]
        assert all(key.verifies(Note.parse(found.note)) for key in SIGNER.verifier_keys())


def test_the_liar_s_key_would_count_if_it_told_the_truth() -> None:
    with answering(lines(lie())) as url:
        found = cosigned([WitnessConfig(LIAR.key, url)], 7, 0)
    assert found.failures == ()
    assert LIAR.key.verifies(Note.parse(found.note))


def test_a_witness_that_is_down_is_told_of(served: WitnessConfig) -> None:
    gone = WitnessConfig(LIAR.key, NOWHERE)
    found = cosigned([gone, served], 7, 0)
    assert signers(found.note) == [ORIGIN, ORIGIN, served.key.name]
    assert [str(one) for one in found.failures] == ["anchor_unavailable bad.example/w ConnectionRefusedError"]


@pytest.mark.parametrize(("drip", "head"), [(5.0, True), (5.0, False), (0.05, True), (0.05, False)])
def test_a_slow_witness_is_left_behind_even_when_it_never_falls_silent(
    served: WitnessConfig, drip: float, head: bool
) -> None:
    with answering(lines(lie()), drip, head=head) as url:
        begun = time.monotonic()
        found = cosigned([WitnessConfig(LIAR.key, url), served], 7, 0, timeout=0.6)
        took = time.monotonic() - begun
    assert took < 2.1
    assert signers(found.note) == [ORIGIN, ORIGIN, served.key.name]
    assert [one.code for one in found.failures] == ["anchor_unavailable"]


def test_nobody_is_waited_for_longer_than_patience_allows(served: WitnessConfig) -> None:
    with answering(lines(lie()), 5.0) as url:
        configs = [WitnessConfig(LIAR.key, url), served]
        found = HttpWitnesses(configs, 2.0, 0.5).cosigned(signed(7), 0, lambda _: [])
        assert [str(one) for one in found.failures] == ["anchor_unavailable bad.example/w no answer in time"]
        assert signers(found.note) == [ORIGIN, ORIGIN, served.key.name]


def test_what_we_cannot_prove_is_our_own_failure_and_not_hidden(served: WitnessConfig) -> None:
    def broken(_: int) -> list[bytes]:
        raise LookupError("a tile is gone")

    with pytest.raises(LookupError, match="a tile is gone"):
        HttpWitnesses([served]).cosigned(signed(7), 0, broken)


def test_without_witnesses_nothing_is_proved_and_nothing_added() -> None:
    assert HttpWitnesses(()).cosigned(signed_once := signed(7), 0, lambda _: []) == Cosigned(signed_once)


def test_a_refusal_is_told_from_an_absence(served: WitnessConfig) -> None:
    strange = OTHERS.sign(Checkpoint("other.example/log", 7, bytes(32)), NOON)
    with pytest.raises(WitnessRefused, match="404"):
        HttpWitness(served).cosign(0, [], strange)
    with pytest.raises(AnchorUnavailable):
        HttpWitness(WitnessConfig(served.key, NOWHERE)).cosign(0, [], signed(7))
    assert issubclass(WitnessRefused, AnchorFailed)


# -- configuration

KEY = str(LIAR.key)
OTHER = str(LocalWitness({}, "two.example/w").key)


def test_witnesses_are_read_from_one_line() -> None:
    found = parse_witnesses(f"{KEY}@https://one.example/, {OTHER}@https://two.example:8443/prefix")
    assert [(one.key.name, one.url) for one in found] == [
        ("bad.example/w", "https://one.example"),
        ("two.example/w", "https://two.example:8443/prefix"),
    ]
    assert found[0].key == LIAR.key


@pytest.mark.parametrize("text", ["", "  "])
def test_no_witnesses_are_the_default(text: str) -> None:
    assert parse_witnesses(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "https://one.example",
        KEY,
        f"{KEY}@",
        f"@https://one.example,{KEY}@https://one.example",
        f"{KEY}@https://one.example,",
        f"{KEY}@https://one.example,{KEY}@https://two.example",
        f"{KEY[:-4]}AAA=@https://one.example",
        f"{KEY}@http://one.example",
        f"{KEY}@ftp://one.example",
        f"{KEY}@https://",
        f"{KEY}@https://user:secret@one.example",
        f"{KEY}@https://one.example?x=1",
        f"{KEY}@https://one.example#x",
        f"{KEY}@https://one.example:port",
        f"{VerifierKey('log.example', ED25519, bytes(32))}@https://one.example",
        ",".join(f"{LocalWitness({}, f'w{one}.example').key}@https://w.example" for one in range(17)),
    ],
)
def test_a_wrong_configuration_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_witnesses(text)


def test_plain_http_is_for_this_machine_only_unless_allowed() -> None:
    assert checked_url("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"
    assert checked_url("http://tsa.example/tsr", plain=True) == "http://tsa.example/tsr"
    with pytest.raises(ValueError, match="not an https address"):
        checked_url("http://tsa.example/tsr")
