"""The public tree alone: whoever has an address finds what was done to it, and where."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.findings import Fault
from chalicelib.audit.note import Note
from chalicelib.audit.tree_examination import TreeExamination
from tests.fakes.log import LocalLogSigner
from tests.unit.audit.archive import Archive, MemoryFiles, told
from tests.unit.audit.attacks import FILES, HONEST
from tests.unit.audit.forger import Act, change, copy, drop, flip, put, resign, several

PUBLIC = MemoryFiles(
    {path: data for path, data in FILES.objects.items() if path == "checkpoint" or path.startswith("tile/")},
    {},
)
WHOLE, EDGE = "tile/entries/001", "tile/entries/002.p/149"

ATTACKS: dict[str, tuple[Act, list[tuple[Fault, str]]]] = {
    "no checkpoint": (drop("checkpoint"), [(Fault.MISSING, "checkpoint")]),
    "garbage for it": (put("checkpoint", b"x"), [(Fault.MALFORMED, "checkpoint")]),
    "signed by another": (resign("checkpoint", LocalLogSigner()), [(Fault.BAD_SIGNATURE, "checkpoint")]),
    "another root": (resign("checkpoint", HONEST.signer, bytes(32)), [(Fault.FORK, "checkpoint")]),
    "a bundle dropped": (drop(WHOLE), [(Fault.MISSING, WHOLE)]),
    "a bundle cut": (change(WHOLE, lambda data: data[:-34]), [(Fault.ALTERED, WHOLE)]),
    "a length in a bundle": (flip(WHOLE, -33), [(Fault.MALFORMED, WHOLE)]),
    "an entry of a bundle": (flip(WHOLE, 40), [(Fault.ALTERED, f"{WHOLE}#1")]),
    "an entry of a partial bundle": (flip(EDGE, 40), [(Fault.ALTERED, f"{EDGE}#1")]),
    "an entry of a bundle, and no tile": (several(flip(WHOLE, 40), drop("tile/0/001")), [(Fault.ALTERED, "tile/1/000.p/2#1"), (Fault.FORK, "checkpoint"), (Fault.MISSING, "tile/0/001")]),
    "a hash of a partial tile": (flip("tile/0/002.p/149", 64), [(Fault.ALTERED, "tile/0/002.p/149#2")]),
    "a partial bundle dropped": (drop(EDGE), [(Fault.MISSING, EDGE)]),
    "a hash of a tile": (flip("tile/0/000", 64), [(Fault.ALTERED, "tile/0/000#2")]),
    "a tile dropped": (drop("tile/0/002.p/149"), [(Fault.MISSING, "tile/0/002.p/149")]),
}  # fmt: skip


def found(files: MemoryFiles, seen: Sequence[Checkpoint] = ()) -> list[tuple[Fault, str]]:
    examination = TreeExamination(files, HONEST.keys, seen)
    steps = list(examination.run())
    assert steps == sorted(steps)
    return sorted((one.fault, one.place) for one in examination.findings)


def test_a_whole_tree_gives_no_finding() -> None:
    assert found(PUBLIC) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_found_and_placed(name: str) -> None:
    act, expected = ATTACKS[name]
    files = replace(PUBLIC, objects=dict(PUBLIC.objects), locks={"": HONEST.files().locks["tile/0/000"]})
    act(files)
    assert found(files) == sorted(expected)


def test_a_partial_object_that_expired_is_read_from_the_whole_one() -> None:
    files = replace(PUBLIC, objects=dict(PUBLIC.objects))
    older = FILES.objects["checkpoints/000000000300"]
    several(drop("tile/0/001.p/44", "tile/entries/001.p/44"), lambda at: at.objects.update(checkpoint=older))(
        files
    )
    assert found(files) == []


def test_what_was_seen_must_be_of_this_history() -> None:
    sizes = (200, 300, 600, 601, 661)
    seen = [Checkpoint.parse(Note.parse(FILES.objects[f"checkpoints/{size:012d}"]).text) for size in sizes]
    assert found(PUBLIC, seen) == []
    for one in seen:
        assert found(PUBLIC, [replace(one, root=bytes(32))]) == [(Fault.FORK, "checkpoint")]
    assert found(PUBLIC, [replace(seen[0], size=700)]) == [(Fault.ROLLED_BACK, "checkpoint")]


def test_a_history_rewritten_with_the_real_keys_is_seen_only_by_whoever_kept_a_checkpoint() -> None:
    files = told(Archive(HONEST.signer), first="certificate_history_read").files()
    assert found(files) == []
    assert (Fault.FORK, "checkpoint") in found(files, [HONEST.checkpoint()])


def test_an_old_checkpoint_put_back_is_seen_only_by_whoever_kept_a_later_one() -> None:
    files = FILES.copy()
    copy("checkpoints/000000000600", "checkpoint")(files)
    assert found(files) == []
    assert found(files, [HONEST.checkpoint()]) == [(Fault.ROLLED_BACK, "checkpoint")]
