"""Other people's notes and checkpoints: the examples of C2SP's specifications, Go's notes, Sunlight's witness."""

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import COSIGNATURE, ED25519, Note, VerifierKey
from chalicelib.audit.tiles import Tile, tile_path, tiles_between

PUBLISHED: Final = Path(__file__).parents[2] / "vectors/published"


def published(path: str) -> str:
    return (PUBLISHED / path).read_text(encoding="utf-8")


def fenced(specification: str) -> list[str]:
    """The fenced examples of a specification, without their fences."""
    return re.findall(r"^```\n(.*?)^```$", published(f"c2sp/{specification}.md"), re.DOTALL | re.MULTILINE)


def accepts(key: str, note: str | bytes) -> bool:
    """Whether key and note are read, and the key has signed the note."""
    try:
        return VerifierKey.parse(key).verifies(Note.parse(note))
    except ValueError:
        return False


KEY: Final = re.findall(r"^    (example\.com/foo\+\S+)$", published("c2sp/signed-note.md"), re.MULTILINE)[0]
NOTE: Final = fenced("signed-note")[-1]
ALPHABET: Final = string.printable[:95] + "\n\t\x00—\u00a0"


def mutations(text: str) -> Iterator[str]:
    """Each text that differs in one character: another in its place, one more, one less."""
    for at in range(len(text)):
        for one in ALPHABET:
            if one != text[at]:
                yield text[:at] + one + text[at + 1 :]
        yield text[:at] + text[at] + text[at:]
        yield text[:at] + text[at + 1 :]


# -- signed-note


def test_the_example_of_signed_note_verifies() -> None:
    note = Note.parse(NOTE)
    assert note.text == "This is an example message.\n"
    assert [(one.name, one.key_id.hex()) for one in note.signatures] == [("example.com/foo", "530d903a")]
    assert accepts(KEY, NOTE)
    assert accepts(KEY, NOTE.encode())


def test_no_character_of_the_note_can_be_changed() -> None:
    assert [text for text in mutations(NOTE) if accepts(KEY, text)] == []


def test_no_character_of_the_key_can_be_changed() -> None:
    found = [text for text in mutations(KEY) if text.strip() != KEY and accepts(text, NOTE)]
    assert found == []


def test_keys_and_notes_are_written_as_they_were_read() -> None:
    assert str(VerifierKey.parse(KEY)) == KEY
    assert Note.parse(NOTE).render().decode() == NOTE


def test_the_text_of_a_note_may_have_empty_lines() -> None:
    example = Note.parse(fenced("signed-note")[0])
    assert example.text.count("\n\n") == 1
    assert [one.name for one in example.signatures] == ["quasimodo.example/salvatore"]


# -- Go's sumdb/note: TestNewVerifier, TestOpen

GO: Final = published("golang_note/note_test.go")
OPEN: Final = GO.partition("func TestOpen(")[2]


def quoted(name: str) -> str:
    """A string constant of TestOpen."""
    found = re.search(rf'{name} := (?:"(.*)"|`([^`]*)`)', OPEN)
    assert found is not None
    return (found[1] or found[2]).replace("\\n", "\n")


PETER, ENOCH, TEXT = quoted("peterKey"), quoted("enochKey"), quoted("text")
PETERS, ENOCHS = quoted("peterSig"), quoted("enochSig")


def test_each_of_two_signers_is_found() -> None:
    both = f"{TEXT}\n{PETERS}{ENOCHS}"
    assert accepts(PETER, both)
    assert accepts(ENOCH, both)
    assert not accepts(PETER, f"{TEXT}\n{ENOCHS}")
    assert not accepts(KEY, both)


def test_a_bad_line_of_another_does_not_matter_and_of_ones_own_it_does() -> None:
    altered = f"{ENOCHS[:60]}ABCD{ENOCHS[60:]}"
    assert accepts(PETER, f"{TEXT}\n{PETERS}{PETERS}{ENOCHS}{ENOCHS}{altered}")
    assert not accepts(ENOCH, f"{TEXT}\n{PETERS}{ENOCHS}{altered}")
    assert not accepts(PETER, f"{TEXT}\n{PETERS[:60]}ABCD{PETERS[60:]}")


BAD: Final = {
    "no signature": TEXT,
    "no signature after the gap": TEXT + "\n",
    "no newline at the end": f"{TEXT}\n{PETERS[:-1]}",
    "a control character": f"\x01{TEXT}\n{PETERS}",
    "not UTF-8": b"\xff" + f"{TEXT}\n{PETERS}".encode(),
    "a space in the name": f"{TEXT}\n{PETERS.replace('PeterNeumann', 'Bad Name')}",
    "a line too many": f"{TEXT}\n{PETERS}Unexpected line.\n",
    "too many signatures": f"{TEXT}\n{PETERS * 101}",
}


@pytest.mark.parametrize("note", BAD.values(), ids=BAD)
def test_a_malformed_note_is_no_note(note: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the decoder's own counts too
        Note.parse(note)


def test_sixteen_signatures_are_not_too_many() -> None:
    assert accepts(PETER, f"{TEXT}\n{ENOCHS * 15}{PETERS}")


@pytest.mark.parametrize("key", [*re.findall(r'badKey\("(.*?)"\)', GO), "", "++", "a+b", "PeterNeumann"])
def test_what_go_refuses_as_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        VerifierKey.parse(key)


def test_no_part_of_a_key_is_a_key() -> None:
    parts = {PETER[i:j] for i in range(len(PETER)) for j in range(i + 1, len(PETER) + 1)} - {PETER}
    raised = [f"{PETER[:at]}{chr(ord(one) + 1)}{PETER[at + 1 :]}" for at, one in enumerate(PETER)]
    assert [key for key in [*sorted(parts), *raised] if accepts(key, f"{TEXT}\n{PETERS}")] == []
    assert accepts(PETER, f"{TEXT}\n{PETERS}")


# -- tlog-checkpoint, tlog-cosignature


def test_the_example_of_tlog_checkpoint_is_read() -> None:
    note = Note.parse(fenced("tlog-checkpoint")[0])
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a9186")
    assert checkpoint.text() == note.text


def test_a_checkpoint_has_one_spelling() -> None:
    text = Note.parse(fenced("tlog-checkpoint")[0]).text
    read = Checkpoint.parse(text)
    for altered in mutations(text):
        try:
            found = Checkpoint.parse(altered)
        except ValueError:
            continue
        assert found != read
    assert Checkpoint.parse(text + "an extension\n") == read


def test_the_cosigned_text_is_the_specifications() -> None:
    note = Note.parse(fenced("tlog-cosignature")[0])
    _, witness = note.signatures
    time = int.from_bytes(witness.signature[:8], "big")
    shown = re.search(
        r"^    cosignature/v1\n(?:    .*\n)+", published("c2sp/tlog-cosignature.md"), re.MULTILINE
    )
    assert shown is not None
    key = VerifierKey(witness.name, COSIGNATURE, bytes(32))
    assert key.sign_input(note.text, time) == re.sub(r"^    ", "", shown[0], flags=re.MULTILINE).encode()
    assert key.sign_input(note.text, time + 1) != key.sign_input(note.text, time)


WITNESSED: Final = published("sunlight_mirror/witness.checkpoint")
WITNESS: Final = json.loads(published("sunlight_mirror/witness.v0.json"))["verifier_keys"][0]


def test_a_witness_is_believed_and_the_time_that_it_signed() -> None:
    """The log's own line is of a type that we do not read: it is passed over."""
    key, note = VerifierKey.parse(WITNESS), Note.parse(WITNESSED)
    assert [one.name for one in note.signatures] == ["rome2026h1.example.org", "witness.example.org"]
    assert key.verified_time(note) == 1_767_139_200


def test_a_witness_is_not_believed_about_anything_else() -> None:
    assert not accepts(WITNESS, WITNESSED.replace("\n300\n", "\n301\n"))
    later = WITNESSED.replace("uKLPIAAAAABpVGeA", "uKLPIAAAAABpVGeB")
    assert later != WITNESSED
    assert not accepts(WITNESS, later)


def test_a_key_of_one_type_does_not_verify_another_types_signature() -> None:
    key = VerifierKey.parse(WITNESS)
    assert not VerifierKey(key.name, ED25519, key.public).verifies(Note.parse(WITNESSED))
    with pytest.raises(ValueError, match="not a verifier key"):
        VerifierKey.parse(WITNESS.replace("+BF", "+AF"))


# -- tlog-tiles


def test_the_paths_of_tlog_tiles() -> None:
    example = re.search(r"index (\d+) will be encoded as\s+`(\S+?)`", published("c2sp/tlog-tiles.md"))
    assert example is not None
    assert tile_path(0, int(example[1])) == f"tile/0/{example[2]}"
    assert tile_path(0, int(example[1]) + 1) != f"tile/0/{example[2]}"
    assert tile_path(None, 0, 5) == "tile/entries/000.p/5"
    assert tile_path(63, 1_000, 255) == "tile/63/x001/000.p/255"


def test_the_specifications_tree_of_70_000_has_its_tiles() -> None:
    said = " ".join(published("c2sp/tlog-tiles.md").split())
    assert (
        "273 full level 0 tiles, one partial level 0 tile of width 112, one full level 1 tile,"
        " one partial level 1 tile of width 17, and one partial level 2 tile of width 1." in said
    )
    tiles = list(tiles_between(0, 70_000))
    full = [Tile(0, index) for index in range(273)]
    assert tiles == [*full, Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_between(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(0, 255)) == [Tile(0, 0, 255)]


PATHS: Final = (
    "tile/0/67 tile/0/1067 tile/0/x1/067 tile/0/001/067 tile/0/x001/x067 tile/0/x000/067 tile/00/067 tile/-1/067"
    " tile/64/000 tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/05 tile/0/000.p/ tile/0/000/ /tile/0/000 tile/data/000"
    " tile/0/٠٠٠"
).split()


@pytest.mark.parametrize("path", PATHS)
def test_another_spelling_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a tile"):
        Tile.parse(path)
