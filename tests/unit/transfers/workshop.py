"""A small hand-over: two certificates with their history in a log of its own, and every way to spoil it consistently."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.adapters.bag_writer import Written, write
from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.merkle import inclusion_proof, leaf_hash, perfect_root, tree_root
from chalicelib.audit.note import ED25519, Note, NoteSignature, VerifierKey
from chalicelib.audit.proof import Logged
from chalicelib.audit.segment import commitment
from chalicelib.certificates.model import State
from chalicelib.kernel.encoding import Json, canonical_json, sha256
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.transfers import layout
from chalicelib.transfers.listing import listing
from chalicelib.transfers.manifest import Certificate, Listed, Manifest
from chalicelib.transfers.model import Contact, File, Item, Kept, Scope, Transfer, Trust
from tests.fakes.ambient import NOON
from tests.fakes.records import ENTRY, ISSUER, TYPE
from tests.unit.verification.forge import METADATA, Forge, Signer, credential

ORIGIN = "zz.example.cn/log"
FIRST, SECOND = (str(CertificateIdentifier(TYPE, ISSUER, f"0A1B2C3D4E5F6G7H8I9{end}", 1)) for end in "JK")
SCOPE = Scope(
    id="T-2026-0001",
    type_code=TYPE,
    type_name=ENTRY.name_zh,
    first=date(2026, 1, 1),
    last=date(2026, 3, 31),
    at=NOON,
    source_code=ISSUER,
    source_name="深圳市市场监督管理局(样例)",
)
CONTACT = Contact("档案室(样例)", "0755-00000000", "archive@example.cn")
SAID: Mapping[str, Json] = {
    "type_name": ENTRY.name_zh,
    "certificate_name": ENTRY.name_zh,
    "certificate_number": "JY14403050000001",
    "issuing_authority_name": SCOPE.source_name,
    "issue_date": "2026-03-01",
    "holder_name": "深圳市𠮷祥里餐饮有限公司(样例)",
    "holder_code": "91440300MA5F0801XU",
    "holder_code_type": "001",
    "valid_from": "2026-03-01",
    "valid_until": "2031-05-31",
    "business_address": "南山区粤海街道·1号",
    "items": ["热食类食品制售", "冷食类食品制售"],
}
Files = dict[str, bytes]


@dataclass
class Log:
    """A log with one Ed25519 key: entries go in, proofs to its checkpoint come out."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    entries: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def verifier_key(self) -> VerifierKey:
        return VerifierKey(ORIGIN, ED25519, self.key.public_key().public_bytes_raw())

    def append(self, obj: str, kind: str, **details: Json) -> int:
        index = len(self.entries)
        entry = canonical_json({"v": 1, "object": obj, "kind": kind, "details": details, "id": str(index)})
        self.entries.append((entry, sha256(b"salt %d" % index)))
        return index

    def _leaves(self) -> list[bytes]:
        return [leaf_hash(commitment(salt, entry)) for entry, salt in self.entries]

    def checkpoint(self, key: Ed25519PrivateKey | None = None) -> bytes:
        """Signed, by another key if one is given."""
        text = Checkpoint(ORIGIN, len(self.entries), tree_root(self._leaves())).text()
        signature = (key or self.key).sign(text.encode())
        return Note(text, (NoteSignature(ORIGIN, self.verifier_key.id, signature),)).render()

    def logged(self, index: int) -> Logged:
        leaves = self._leaves()
        proof = inclusion_proof(
            index, len(leaves), lambda level, at: perfect_root(leaves[at << level : (at + 1) << level])
        )
        return Logged(index, *self.entries[index], tuple(proof))


@dataclass
class Workshop:
    """One platform that hands over: its authority, a unit, a log."""

    forge: Forge = field(default_factory=Forge)
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.unit: Signer = self.forge.unit()

    def credential(
        self, identifier: str = FIRST, hidden: Mapping[str, Json] = SAID, **changes: Json
    ) -> bytes:
        return credential(self.unit, {"certificate_identifier": identifier, **changes}, hidden).encode()

    def items(self, identifiers: Iterable[str] = (FIRST, SECOND)) -> list[Item]:
        """Certificates with three entries each, between those of others."""
        made = {identifier: self.credential(identifier) for identifier in identifiers}
        places: dict[str, list[int]] = {identifier: [] for identifier in made}
        for kind in ("certificate_collected", "certificate_issued", "certificate_suspended"):
            self.log.append("unit/" + ISSUER, "unit_registered")
            for identifier, content in made.items():
                details = {"credential_sha256": sha256(content).hex()} if kind == "certificate_issued" else {}
                places[identifier].append(self.log.append(identifier, kind, **details))
        return [
            Item(
                identifier,
                State.VALID,
                content,
                replace(ENTRY, face_template="{certificate_name}\n持证主体 {holder_name}\n经营项目 {items}"),
                METADATA,
                (Kept("submissions/0a.jws", b"submitted"), Kept("reviews/0b.json", b"{}")),
                tuple(self.log.logged(index) for index in places[identifier]),
            )
            for identifier, content in made.items()
        ]

    def transfer(self, scope: Scope = SCOPE) -> Transfer:
        trust = Trust(
            self.forge.root.pem,
            self.unit.certificate.public_bytes(Encoding.PEM),
            self.forge.root.crl(),
            f"{self.log.verifier_key}\n".encode(),
            self.log.checkpoint(),
        )
        return Transfer(scope, CONTACT, trust)

    def files(self, items: Iterable[Item] | None = None, scope: Scope = SCOPE) -> Files:
        """The payload; the log has grown before the checkpoint is taken."""
        chosen = self.items() if items is None else items
        return dict(layout.files(self.transfer(scope), chosen))

    def anchors(self, folder: Path) -> list[str]:
        """The options that name what the asker trusts."""
        (folder / "trusted.pem").write_bytes(self.forge.root.pem)
        (folder / "trusted.vkey").write_text(f"{self.log.verifier_key}\n")
        return ["--roots", str(folder / "trusted.pem"), "--key", str(folder / "trusted.vkey")]


def info(scope: Scope = SCOPE) -> dict[str, str]:
    return layout.bag_info(Transfer(scope, CONTACT, Trust(b"", b"", b"", b"", b"")))


def packed(files: Files, out: Path, changes: Mapping[str, str] | None = None) -> Written:
    """The package of these files, valid as a bag whatever they are."""
    return write(files.items(), {**info(), **(changes or {})}, str(out))


def relisted(files: Files, **certificate: object) -> Files:
    """The files with a manifest made to fit them, as a careful forger would; `certificate` changes the first's line."""
    read = Manifest.parse(files[layout.MANIFEST])
    lines = [
        replace(
            one, files=_of(files, [path for path in files if path.startswith(layout.folder(one.identifier))])
        )
        for one in read.certificates
    ]
    lines[0] = replace(lines[0], **certificate)  # type: ignore[arg-type]  # any field by its name
    table = listing(Manifest(read.scope, (), tuple(lines)))
    shared = {**files, layout.LISTING: table}
    outside = [
        path for path in shared if not path.startswith("data/certificates/") and path != layout.MANIFEST
    ]
    whole = Manifest(read.scope, _of(shared, outside), tuple(lines))
    return {**shared, layout.MANIFEST: whole.canonical()}


def _of(files: Files, paths: Iterable[str]) -> tuple[Listed, ...]:
    return tuple(Listed.of(File(path, files[path])) for path in paths)


def proof_with(data: bytes, **changes: Json) -> bytes:
    """A proof's file with members changed."""
    return canonical_json({**json.loads(data), **changes})


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


__all__ = ["Certificate", "Files", "Workshop"]
