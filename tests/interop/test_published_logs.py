"""Other people's logs, as Tessera and Sunlight published them, read by our code; and by the client that shares none of it."""

import json
from pathlib import Path
from typing import Final

import pytest

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.compact_tree import CompactTree
from chalicelib.audit.findings import Fault
from chalicelib.audit.merkle import (
    ProofRejected,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.tiles import Tile, TileReader, unbundle
from chalicelib.audit.tree_examination import TreeExamination
from cli.audit_sources import FolderFiles
from tests.interop import tlog_client

PUBLISHED: Final = Path(__file__).parents[1] / "vectors/published"
TESSERA: Final = PUBLISHED / "tessera_log"
MIRROR: Final = PUBLISHED / "sunlight_mirror/mirror"
# ORIGIN.md beside the log.
TESSERA_KEY: Final = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
MIRROR_KEY: Final = json.loads((PUBLISHED / "sunlight_mirror/mirror.v0.json").read_text())["verifier_keys"][0]
RECORDS: Final = [f"record {number}".encode() for number in range(300)]


def checkpoint(path: Path, key: str) -> Checkpoint:
    """The checkpoint, once its signature is verified."""
    note = Note.parse(path.read_bytes())
    assert VerifierKey.parse(key).verifies(note)
    return Checkpoint.parse(note.text)


def tessera(size: int) -> Checkpoint:
    return checkpoint(TESSERA / f"checkpoint.{size}", TESSERA_KEY)


def grown(entries: list[bytes]) -> tuple[CompactTree, dict[Tile, bytes]]:
    """The tree of these entries, and its tiles as they would be published."""
    tree, tiles = CompactTree(), dict[Tile, bytes]()

    def keep(tile: Tile, hashes: object) -> None:
        assert isinstance(hashes, list)
        tiles[tile] = b"".join(hashes)

    tree.add([leaf_hash(one) for one in entries], keep)
    return tree, tiles | {tile: b"".join(hashes) for tile, hashes in tree.partial()}


# -- Tessera


@pytest.mark.parametrize("size", range(1, 16))
def test_tesseras_log_is_read_at_every_size(size: int) -> None:
    head = tessera(size)
    assert (head.origin, head.size) == ("example.com/log/testdata", size)
    assert TileReader(size, FolderFiles(TESSERA).get).root() == head.root
    entries = unbundle((TESSERA / Tile(None, 0, size).path).read_bytes())
    tree, tiles = grown(entries)
    assert tree.root() == head.root
    assert {tile.path: (TESSERA / tile.path).read_bytes() for tile in tiles} == {
        tile.path: body for tile, body in tiles.items()
    }


def test_an_empty_log_of_tesseras_has_the_root_of_nothing() -> None:
    assert TileReader(0, FolderFiles(TESSERA).get).root() == tessera(0).root


def test_tesseras_checkpoints_are_consistent_and_its_entries_proven() -> None:
    newest = tessera(15)
    reader = TileReader(15, FolderFiles(TESSERA).get)
    entries = unbundle((TESSERA / Tile(None, 0, 15).path).read_bytes())
    assert (entries[0], entries[14]) == (b"one", b"fivten")
    for index, entry in enumerate(entries):
        proof = inclusion_proof(index, 15, reader.subtree)
        verify_inclusion(index, 15, leaf_hash(entry), proof, newest.root)
        older = tessera(index + 1)
        grows = consistency_proof(index + 1, 15, reader.subtree)
        verify_consistency(index + 1, 15, grows, older.root, newest.root)


def test_tesseras_log_is_whole_and_with_a_byte_changed_it_is_not(tmp_path: Path) -> None:
    keys, seen = [VerifierKey.parse(TESSERA_KEY)], [tessera(size) for size in range(1, 16)]
    whole = TreeExamination(FolderFiles(TESSERA), keys, seen)
    assert (list(whole.run()), whole.findings) == ([15], [])
    for path in ("checkpoint", Tile(0, 0, 15).path, Tile(None, 0, 15).path):
        for name in ("checkpoint", Tile(0, 0, 15).path, Tile(None, 0, 15).path):
            data = (TESSERA / name).read_bytes()
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            at = data.index(b"fiv") if b"fiv" in data else len(data) - 9
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            (tmp_path / name).write_bytes(changed if name == path else data)
        spoiled = TreeExamination(FolderFiles(tmp_path), keys)
        list(spoiled.run())
        assert {one.fault for one in spoiled.findings} & {Fault.ALTERED, Fault.FORK, Fault.BAD_SIGNATURE}, (
            path
        )


def test_the_independent_client_reads_tesseras_log() -> None:
    log = tlog_client.verify_log(tlog_client.folder(TESSERA), TESSERA_KEY)
    assert log.entries()[14] == b"fivten"
    with pytest.raises(tlog_client.Refused):
        log.check_inclusion(14, b"fifteen")


# -- Sunlight


def test_sunlights_mirror_is_read_by_its_tiles() -> None:
    head = checkpoint(MIRROR / "checkpoint", MIRROR_KEY)
    assert (head.origin, head.size) == ("rome2026h1.example.org", 300)
    reader = TileReader(300, FolderFiles(MIRROR).get)
    assert reader.root() == head.root
    for index, record in enumerate(RECORDS):
        proof = inclusion_proof(index, 300, reader.subtree)
        verify_inclusion(index, 300, leaf_hash(record), proof, head.root)


def test_our_tree_of_sunlights_records_has_its_tiles() -> None:
    tree, tiles = grown(RECORDS)
    assert tree.root() == checkpoint(MIRROR / "checkpoint", MIRROR_KEY).root
    published = {
        str(path.relative_to(MIRROR)): path.read_bytes()
        for path in MIRROR.glob("tile/**/*")
        if path.is_file()
    }
    assert {tile.path: body for tile, body in tiles.items()} == published


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_a_changed_tile_of_sunlights_leads_elsewhere(path: str) -> None:
    head, files = checkpoint(MIRROR / "checkpoint", MIRROR_KEY), FolderFiles(MIRROR)

    def fetch(name: str) -> bytes | None:
        data = files.get(name)
        return data[:-1] + bytes([data[-1] ^ 1]) if data and name == path else data

    assert proves(TileReader(300, files.get), head)
    assert not proves(TileReader(300, fetch), head)


def proves(reader: TileReader, head: Checkpoint) -> bool:
    """Whether the tiles prove one record of each half."""
    try:
        for index in (254, 298):
            proof = inclusion_proof(index, 300, reader.subtree)
            verify_inclusion(index, 300, leaf_hash(RECORDS[index]), proof, head.root)
    except ProofRejected:
        return False
    return True
