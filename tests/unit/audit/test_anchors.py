"""Cosignatures merged into a checkpoint: those that verify, one of each witness, in one order; and the witness's wire format."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.audit.anchors import (
    AnchorFailed,
    AnchorUnavailable,
    AnchorUntrue,
    WitnessConflict,
    WitnessRefused,
    ask,
    merged,
)
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.cosignature import cosigns, read_signatures, read_size, submission
from chalicelib.audit.note import Note, NoteSignature, VerifierKey, timestamped
from tests.fakes.ambient import NOON
from tests.fakes.log import ORIGIN, LocalLogSigner
from tests.fakes.witness import LocalWitness

SIGNER = LocalLogSigner()
FIRST, SECOND = LocalWitness({}, "witness.example/w1"), LocalWitness({}, "witness.example/w2")
TRUSTED = [FIRST.key, SECOND.key]
CHECKPOINT = Checkpoint(ORIGIN, 1002, bytes(range(32)))
NOTE = SIGNER.sign(CHECKPOINT, NOON)
OTHER_ROOT = Checkpoint(ORIGIN, 1002, bytes(32)).text()
OLDER = Checkpoint(ORIGIN, 1001, bytes(range(32))).text()


def line(witness: LocalWitness, text: str = CHECKPOINT.text(), moment: int | None = None) -> bytes:
    return witness.signature(text, moment).line().encode()


def names(note: bytes) -> list[str]:
    return [one.name for one in Note.parse(note).signatures]


def test_a_cosignature_stands_behind_the_lines_of_the_log() -> None:
    found = merged(NOTE, [line(FIRST)], TRUSTED)
    assert found == NOTE + read_signatures(found[len(NOTE) :])[0].line().encode()
    assert all(key.verifies(Note.parse(found)) for key in (*SIGNER.verifier_keys(), FIRST.key))


def test_the_order_is_that_of_the_keys_whoever_answers_first() -> None:
    one, two = line(FIRST), line(SECOND)
    at_once = merged(NOTE, [two, one], TRUSTED)
    assert names(at_once) == [ORIGIN, ORIGIN, FIRST.name, SECOND.name]
    assert at_once == merged(merged(NOTE, [two], TRUSTED), [one], TRUSTED) == NOTE + one + two


def test_a_witness_stands_there_once() -> None:
    earlier, later = line(FIRST, moment=1_700_000_000), line(FIRST, moment=1_800_000_000)
    once = merged(NOTE, [earlier + later, later], [*TRUSTED, *TRUSTED])
    assert once == NOTE + earlier
    assert merged(once, [later], TRUSTED) == once


def test_without_witnesses_the_note_stays_as_it_is() -> None:
    assert merged(NOTE, [], TRUSTED) == NOTE == merged(NOTE, [line(FIRST)], [])


def mutated(signature: NoteSignature) -> bytes:
    turned = signature.signature[:-1] + bytes([signature.signature[-1] ^ 1])
    return NoteSignature(signature.name, signature.key_id, turned).line().encode()


BAD_LINES = {
    "a signature with one bit turned": mutated(FIRST.signature(CHECKPOINT.text())),
    "one of another root": line(FIRST, OTHER_ROOT),
    "an old one, of a smaller tree": line(FIRST, OLDER),
    "one without a time": line(FIRST, moment=0),
    "one after the end of time": line(FIRST, moment=2**63),
    "one by a stranger": line(LocalWitness({}, "stranger.example/w")),
    "one by a stranger of the same name": line(LocalWitness({}, FIRST.name, "stranger")),
    "one with another's time": NoteSignature(
        FIRST.name,
        FIRST.key.id,
        timestamped(1, FIRST.signature(CHECKPOINT.text(), 2).signature[8:]),
    )
    .line()
    .encode(),
    "garbage": b"<html>\n",
    "nothing": b"",
    "no text at all": b"\xff\xfe\n",
    "a whole note instead of a line": NOTE + line(FIRST),
    "a line without its end": line(FIRST).rstrip(),
    "a blank line first": b"\n" + line(FIRST),
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_line_that_does_not_count_leaves_no_trace_and_spoils_no_other(bad: bytes) -> None:
    assert merged(NOTE, [bad], TRUSTED) == NOTE
    assert merged(NOTE, [bad, line(SECOND, moment=7), bad], TRUSTED) == NOTE + line(SECOND, moment=7)


def test_a_bad_line_beside_a_good_one_of_the_same_witness_is_left_out() -> None:
    good = line(FIRST, moment=7)
    assert merged(NOTE, [BAD_LINES["one of another root"] + good], TRUSTED) == NOTE + good


def test_a_bad_line_that_stands_there_already_makes_way() -> None:
    good = line(FIRST, moment=7)
    assert merged(NOTE + BAD_LINES["one of another root"], [good], TRUSTED) == NOTE + good


def test_the_keys_of_the_log_are_never_taken_for_those_of_witnesses() -> None:
    assert merged(NOTE, [], SIGNER.verifier_keys()) == NOTE
    classic = SIGNER.verifier_keys()[0]
    assert not cosigns(classic, CHECKPOINT.text(), Note.parse(NOTE).signatures[0])


LINES = st.lists(
    st.sampled_from([*BAD_LINES.values(), line(FIRST, moment=7), line(SECOND, moment=7)]), max_size=6
)


@given(LINES, LINES)
def test_merging_is_settled_after_once_and_every_line_verifies(
    first: list[bytes], second: list[bytes]
) -> None:
    found = merged(NOTE, first, TRUSTED)
    assert merged(found, first, TRUSTED) == found
    assert found.startswith(NOTE)
    assert merged(found, second, TRUSTED) == merged(NOTE, [*first, *second], TRUSTED)
    keys = {key.name: key for key in TRUSTED}
    added = Note.parse(found).signatures[2:]
    assert len({one.name for one in added}) == len(added)
    assert all(keys[one.name].verifies(Note.parse(found)) for one in added)


# -- what a witness is sent


def test_a_submission_is_spelled_as_specified() -> None:
    assert submission(20852014, [b"\x00" * 32, b"\xff" * 32], b"note\n") == (
        b"old 20852014\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"//////////////////////////////////////////8=\n\nnote\n"
    )
    assert submission(0, [], b"note\n") == b"old 0\n\nnote\n"


def test_a_proof_has_at_most_63_hashes() -> None:
    assert submission(1, [bytes(32)] * 63, NOTE).count(b"\n") == 64 + 1 + NOTE.count(b"\n")
    with pytest.raises(ValueError, match="63"):
        submission(1, [bytes(32)] * 64, NOTE)


# -- what it answers

# https://c2sp.org/tlog-witness: the example of an answer, as published.
PUBLISHED = """\
— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
""".encode()


def test_the_published_answer_is_read() -> None:
    found = read_signatures(PUBLISHED)
    assert [one.name for one in found] == ["witness.example/w1", "witness.example/w1", "witness.example/w2"]
    assert b"".join(one.line().encode() for one in found) == PUBLISHED


@given(st.binary(max_size=200) | st.text(alphabet="— a+/=\nAB1", max_size=80).map(str.encode))
@example(PUBLISHED)
def test_whatever_is_read_is_spelled_so(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert b"".join(one.line().encode() for one in read_signatures(body)) == body != b""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"x\n\n" + PUBLISHED,
        PUBLISHED + b"\n" + PUBLISHED,
        PUBLISHED + b"x\n",
        PUBLISHED.rstrip(),
        PUBLISHED.replace(b"\n", b"\r\n"),
        PUBLISHED.replace("—".encode(), b"-"),
        PUBLISHED * 22,
    ],
)
def test_what_is_not_signature_lines_alone_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"signature|note"):
        read_signatures(body)


@given(st.data())
def test_an_answer_with_one_byte_changed_never_yields_another_cosignature(data: st.DataObject) -> None:
    good = line(FIRST, moment=1_700_000_000)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    assert merged(NOTE, [changed], TRUSTED) == NOTE


@given(st.integers(0, 10**18))
def test_a_size_is_read(size: int) -> None:
    assert read_size(b"%d\n" % size) == size


@given(st.binary(max_size=24) | st.from_regex(rb"[-+]?[ 0-9_]{1,24}\n?", fullmatch=True))
def test_a_size_has_one_spelling(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert b"%d\n" % read_size(body) == body


@pytest.mark.parametrize(
    "body", [b"", b"7", b"07\n", b"-7\n", b"7\n7\n", b" 7\n", b"7\r\n", "٧\n".encode(), b"1" * 20 + b"\n"]
)
def test_what_is_no_size_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="not the size of a tree"):
        read_size(body)


# -- asking


class Stubborn:
    """A `Witness` that always says that it knows `size`, and remembers what it was asked."""

    name = "stubborn.example/w"

    def __init__(self, size: int) -> None:
        self.size, self.asked = size, list[int]()

    def cosign(self, old_size: int, proof: object, checkpoint: bytes) -> bytes:
        del proof, checkpoint
        self.asked.append(old_size)
        raise WitnessConflict(self.name, self.size)


def test_who_knows_another_size_is_asked_from_there_and_then_left_alone() -> None:
    witness = Stubborn(500)
    with pytest.raises(WitnessConflict):
        ask(witness, NOTE, 1000, lambda _: [])
    assert witness.asked == [1000, 500]


def test_who_claims_more_than_there_is_is_not_asked_again_nor_is_anything_proved_to_it() -> None:
    witness, proved = Stubborn(1003), list[int]()

    def prove(size: int) -> list[bytes]:
        proved.append(size)
        return []

    with pytest.raises(WitnessConflict) as raised:
        ask(witness, NOTE, 1000, prove)
    assert raised.value.size == 1003
    assert witness.asked == proved == [1000]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AnchorUnavailable("w", "down"), "anchor_unavailable w down"),
        (AnchorUntrue("w", "lies"), "anchor_untrue w lies"),
        (WitnessRefused("w", 422), "witness_refused w 422"),
        (WitnessConflict("w", 7), "witness_conflict w 7"),
    ],
)
def test_each_failure_says_who_and_what(failure: AnchorFailed, said: str) -> None:
    assert str(failure) == said


def test_a_witness_key_survives_its_spelling() -> None:
    assert VerifierKey.parse(str(FIRST.key)) == FIRST.key
