"""Every way to spoil a package, each made the careful way: the bag is valid, and the manifest fits where it can."""

import json
from collections.abc import Callable
from datetime import date

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.certificates.model import State
from chalicelib.signing.sd_jwt import reduce_to
from chalicelib.transfers import layout
from cli.transfer_findings import Kind
from tests.fakes.records import ISSUER
from tests.unit.transfers.workshop import (
    FIRST,
    SAID,
    SCOPE,
    SECOND,
    Files,
    Workshop,
    base64_of,
    proof_with,
    relisted,
)

AT = layout.folder(FIRST)
CREDENTIAL = AT + layout.CREDENTIAL
FACE = AT + layout.FACE
ENTRY, PROOF = layout.entry_path(FIRST, 1), layout.proof_path(FIRST, 1)

Spoil = Callable[[Workshop, Files], Files]
SPOILT: dict[str, tuple[set[tuple[Kind, str]], Spoil]] = {}


def spoilt(*found: tuple[Kind, str]) -> Callable[[Spoil], Spoil]:
    """Register a way to spoil a package, and what must be found of it: that, and nothing else."""

    def register(spoil: Spoil) -> Spoil:
        SPOILT[spoil.__name__] = (set(found), spoil)
        return spoil

    return register


@spoilt((Kind.MISSING, FACE))
def a_file_is_gone(_: Workshop, files: Files) -> Files:
    return {path: content for path, content in files.items() if path != FACE}


@spoilt((Kind.EXTRA, "data/more.txt"))
def a_file_is_added(_: Workshop, files: Files) -> Files:
    return {**files, "data/more.txt": b""}


@spoilt((Kind.ALTERED, FACE))
def a_file_is_altered(_: Workshop, files: Files) -> Files:
    return {**files, FACE: files[FACE].replace("证".encode(), "証".encode(), 1)}


@spoilt((Kind.MANIFEST_UNREADABLE, layout.MANIFEST))
def the_manifest_is_no_json(_: Workshop, files: Files) -> Files:
    return {**files, layout.MANIFEST: b"{"}


@spoilt((Kind.MANIFEST_UNREADABLE, layout.MANIFEST))
def the_manifest_is_gone(_: Workshop, files: Files) -> Files:
    return {path: content for path, content in files.items() if path != layout.MANIFEST}


@spoilt((Kind.LISTING_DIFFERS, layout.LISTING), (Kind.ALTERED, layout.LISTING))
def the_list_for_people_says_other(_: Workshop, files: Files) -> Files:
    return {**files, layout.LISTING: files[layout.LISTING].replace("有效".encode(), "中止".encode(), 1)}


@spoilt((Kind.INCOMPLETE, FACE))
def a_face_was_never_there(_: Workshop, files: Files) -> Files:
    return relisted({path: content for path, content in files.items() if path != FACE})


@spoilt((Kind.INCOMPLETE, AT + "submissions/"))
def no_submission_was_there(_: Workshop, files: Files) -> Files:
    return relisted(
        {path: content for path, content in files.items() if "submissions/" not in path or SECOND in path}
    )


@spoilt(*((Kind.INCOMPLETE, path(FIRST, index)) for index in (1, 4, 7) for path in (layout.entry_path, layout.proof_path)), (Kind.INCOMPLETE, AT + "log/"))  # fmt: skip
def no_history_is_listed(_: Workshop, files: Files) -> Files:
    return relisted(files, log=())


@spoilt((Kind.INCOMPLETE, AT + "log/entry-99.json"))
def a_history_has_a_stray_file(_: Workshop, files: Files) -> Files:
    return relisted({**files, AT + "log/entry-99.json": b"{}"})


@spoilt((Kind.CREDENTIAL_REJECTED, CREDENTIAL), (Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def a_credential_is_altered(_: Workshop, files: Files) -> Files:
    jws, rest = files[CREDENTIAL].split(b"~", 1)
    other = b"B" if jws[-20:-19] != b"B" else b"C"
    return relisted({**files, CREDENTIAL: jws[:-20] + other + jws[-19:] + b"~" + rest})


@spoilt((Kind.CREDENTIAL_REJECTED, CREDENTIAL), (Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def a_credential_is_none(_: Workshop, files: Files) -> Files:
    return relisted({**files, CREDENTIAL: b"\xff"})


@spoilt((Kind.CREDENTIAL_REJECTED, CREDENTIAL), (Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def a_credential_is_of_a_stranger_s_platform(_: Workshop, files: Files) -> Files:
    return relisted({**files, CREDENTIAL: Workshop().credential()})


@spoilt((Kind.CREDENTIAL_REJECTED, CREDENTIAL))
def type_metadata_are_others(_: Workshop, files: Files) -> Files:
    return relisted({**files, AT + layout.TYPE_METADATA: b"{}"})


@spoilt((Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def another_credential_was_issued(workshop: Workshop, files: Files) -> Files:
    return relisted({**files, CREDENTIAL: workshop.credential(hidden={**SAID, "holder_name": "别人(样例)"})})


@spoilt((Kind.CREDENTIAL_DIFFERS, CREDENTIAL), (Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def a_credential_is_another_certificate_s(_: Workshop, files: Files) -> Files:
    return relisted({**files, CREDENTIAL: files[layout.folder(SECOND) + layout.CREDENTIAL]})


@spoilt((Kind.CREDENTIAL_DIFFERS, CREDENTIAL), (Kind.CREDENTIAL_NOT_LOGGED, layout.entry_path(FIRST, 4)))
def a_credential_withholds_something(_: Workshop, files: Files) -> Files:
    return relisted({**files, CREDENTIAL: reduce_to(files[CREDENTIAL].decode(), ["issue_date"]).encode()})


@spoilt((Kind.CREDENTIAL_DIFFERS, CREDENTIAL))
def a_date_of_issue_is_another(_: Workshop, files: Files) -> Files:
    return relisted(files, issue_date=date(2026, 3, 2))


@spoilt((Kind.STATE_WRONG, CREDENTIAL))
def a_valid_one_is_called_expired(_: Workshop, files: Files) -> Files:
    return relisted(files, state=State.EXPIRED)


@spoilt((Kind.PROOF_UNREADABLE, PROOF))
def a_proof_has_one_member_more(_: Workshop, files: Files) -> Files:
    return relisted({**files, PROOF: proof_with(files[PROOF], more=1)})


@spoilt((Kind.PROOF_UNREADABLE, PROOF))
def a_proof_is_no_json(_: Workshop, files: Files) -> Files:
    return relisted({**files, PROOF: b"x"})


@spoilt((Kind.PROOF_REJECTED, PROOF))
def a_proof_has_another_hash(_: Workshop, files: Files) -> Files:
    hashes = json.loads(files[PROOF])["hashes"]
    return relisted({**files, PROOF: proof_with(files[PROOF], hashes=[*hashes[:-1], base64_of(bytes(32))])})


@spoilt((Kind.PROOF_REJECTED, PROOF))
def a_proof_is_of_another_entry(_: Workshop, files: Files) -> Files:
    return relisted({**files, PROOF: files[layout.proof_path(FIRST, 7)]})


@spoilt((Kind.PROOF_REJECTED, PROOF))
def a_proof_tells_another_size(_: Workshop, files: Files) -> Files:
    return relisted({**files, PROOF: proof_with(files[PROOF], size=8)})


@spoilt((Kind.PROOF_REJECTED, PROOF))
def an_entry_is_edited(_: Workshop, files: Files) -> Files:
    return relisted({**files, ENTRY: files[ENTRY].replace(b"collected", b"forgotten")})


@spoilt((Kind.PROOF_REJECTED, PROOF), (Kind.ENTRY_OF_ANOTHER, ENTRY))
def an_entry_is_no_json(_: Workshop, files: Files) -> Files:
    return relisted({**files, ENTRY: b"{"})


@spoilt((Kind.ENTRY_OF_ANOTHER, layout.entry_path(FIRST, 2)))
def an_entry_is_about_another_certificate(_: Workshop, files: Files) -> Files:
    theirs = {path(FIRST, 1): files[path(SECOND, 2)] for path in (layout.entry_path, layout.proof_path)}
    moved = {path.replace("entry-1.", "entry-2."): content for path, content in theirs.items()}
    kept = {path: content for path, content in files.items() if path not in theirs}
    return relisted({**kept, **moved}, log=(2, 4, 7))


@spoilt((Kind.CHECKPOINT_UNSIGNED, layout.CHECKPOINT), *((Kind.CHECKPOINT_DIFFERS, layout.proof_path(FIRST, index)) for index in (1, 4, 7)), *((Kind.CHECKPOINT_DIFFERS, layout.proof_path(SECOND, index)) for index in (2, 5, 8)))  # fmt: skip
def a_checkpoint_is_signed_by_another(workshop: Workshop, files: Files) -> Files:
    return relisted({**files, layout.CHECKPOINT: workshop.log.checkpoint(Ed25519PrivateKey.generate())})


@spoilt((Kind.CHECKPOINT_DIFFERS, PROOF), (Kind.PROOF_REJECTED, PROOF))
def a_proof_leads_to_a_later_checkpoint(workshop: Workshop, files: Files) -> Files:
    workshop.log.append("unit/" + ISSUER, "unit_registered")
    later = workshop.log.checkpoint().decode()
    return relisted({**files, PROOF: proof_with(files[PROOF], checkpoint=later)})


@spoilt((Kind.PROOF_REJECTED, PROOF), (Kind.CHECKPOINT_DIFFERS, PROOF))
def a_proof_leads_to_no_checkpoint(_: Workshop, files: Files) -> Files:
    return relisted({**files, PROOF: proof_with(files[PROOF], checkpoint="x")})


@spoilt((Kind.TRUST_DIFFERS, layout.ROOTS))
def a_root_is_smuggled_in(workshop: Workshop, files: Files) -> Files:
    return relisted({**files, layout.ROOTS: workshop.forge.root.pem + Workshop().forge.root.pem})


@spoilt((Kind.TRUST_DIFFERS, layout.UNIT_CERTIFICATES))
def a_unit_certificate_is_smuggled_in(_: Workshop, files: Files) -> Files:
    theirs = Workshop().forge.root.pem
    return relisted({**files, layout.UNIT_CERTIFICATES: files[layout.UNIT_CERTIFICATES] + theirs})


@spoilt((Kind.TRUST_DIFFERS, layout.LOG_KEY))
def a_log_key_is_smuggled_in(_: Workshop, files: Files) -> Files:
    return relisted({**files, layout.LOG_KEY: f"{Workshop().log.verifier_key}\n".encode()})


@spoilt((Kind.TRUST_UNREADABLE, layout.ROOTS), (Kind.TRUST_UNREADABLE, layout.UNIT_CERTIFICATES), (Kind.TRUST_UNREADABLE, layout.LOG_KEY))  # fmt: skip
def trust_files_are_noise(_: Workshop, files: Files) -> Files:
    return relisted({**files, layout.ROOTS: b"x", layout.UNIT_CERTIFICATES: b"x", layout.LOG_KEY: b"\xff"})


@spoilt((Kind.TRUST_UNREADABLE, layout.CRL), *((Kind.CREDENTIAL_REJECTED, layout.folder(one) + layout.CREDENTIAL) for one in (FIRST, SECOND)))  # fmt: skip
def the_crl_is_a_stranger_s(_: Workshop, files: Files) -> Files:
    return relisted({**files, layout.CRL: Workshop().forge.root.crl()})


@spoilt(*((Kind.CREDENTIAL_REJECTED, layout.folder(one) + layout.CREDENTIAL) for one in (FIRST, SECOND)))
def the_signing_certificate_is_revoked(workshop: Workshop, files: Files) -> Files:
    crl = workshop.forge.root.crl([(workshop.unit.certificate, SCOPE.at, x509.ReasonFlags.key_compromise)])
    return relisted({**files, layout.CRL: crl})
