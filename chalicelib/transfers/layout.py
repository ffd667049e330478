"""Where each file of a package lies, and the files of a package one after another.

    bag-info.txt                                    what is handed over, by whom, to ask whom
    data/manifest.json   data/manifest.csv          every file with its hash; the list for people (移交清单)
    data/trust/…                                    roots, unit certificates, CRL, log keys, checkpoint
    data/certificates/<identifier>/                 credential.sd-jwt  face.txt  type-metadata.json
        submissions/…  reviews/…  acts/…            as archived
        log/entry-<index>.json  .proof.json         its history, each entry with its proof

What cannot be verified by its receiver is refused here: better no package than one that the bureau sends back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from chalicelib.audit.proof import Proof
from chalicelib.kernel.clock import business_date
from chalicelib.kernel.encoding import Json, integrity, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.text import clean
from chalicelib.signing.revealed import revealed
from chalicelib.signing.sd_jwt import parse_sd_jwt
from chalicelib.transfers.face import render
from chalicelib.transfers.listing import listing
from chalicelib.transfers.manifest import Certificate, Listed, Manifest
from chalicelib.transfers.model import (
    MOST_CERTIFICATES,
    STATES,
    File,
    Item,
    NotTransferable,
    Scope,
    Transfer,
    Trust,
)

MANIFEST: Final = "data/manifest.json"
LISTING: Final = "data/manifest.csv"
TRUST: Final = "data/trust/"
ROOTS: Final = TRUST + "roots.pem"
UNIT_CERTIFICATES: Final = TRUST + "unit-certificates.pem"
CRL: Final = TRUST + "crl.der"
LOG_KEY: Final = TRUST + "log.vkey"
CHECKPOINT: Final = TRUST + "checkpoint"
CREDENTIAL: Final = "credential.sd-jwt"
FACE: Final = "face.txt"
TYPE_METADATA: Final = "type-metadata.json"
LONGEST_PATH: Final = 320
_SEGMENT: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_PATH: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,7}}", re.ASCII)


def is_path(text: str) -> bool:
    """Whether a file of a package may be called that: ASCII letters, digits and .-_ alone, at most eight steps deep.

    So no name leads out of the bag, hides, or means another file on another system or in another encoding.
    """
    return len(text) <= LONGEST_PATH and _PATH.fullmatch(text) is not None


def folder(identifier: str) -> str:
    """Where a certificate's files lie, with the last slash."""
    return f"data/certificates/{identifier}/"


def entry_path(identifier: str, index: int) -> str:
    """Where a log entry of the certificate lies."""
    return f"{folder(identifier)}log/entry-{index}.json"


def proof_path(identifier: str, index: int) -> str:
    """Where its proof lies."""
    return f"{folder(identifier)}log/entry-{index}.proof.json"


def bag_info(transfer: Transfer) -> dict[str, str]:
    """`bag-info.txt` (RFC 8493 §2.2.2) without sizes, which the writer counts."""
    contact = transfer.contact
    said = {
        **described(transfer.scope),
        "Contact-Name": contact.name,
        "Contact-Phone": contact.phone,
        **({"Contact-Email": contact.email} if contact.email else {}),
    }
    return {label: clean(value, label) for label, value in said.items()}


def described(scope: Scope) -> dict[str, str]:
    """What `bag-info.txt` says of the scope, which the manifest says too."""
    period = f"{scope.first.isoformat()}/{scope.last.isoformat()}"
    return {
        "Source-Organization": f"{scope.source_name} ({scope.source_code})",
        "Bagging-Date": business_date(scope.at).isoformat(),
        "External-Identifier": scope.id,
        "External-Description": f"政务电子证照移交: {scope.type_name}, 颁发日期 {period}",
        "Bag-Count": f"{scope.part} of {scope.parts}",
        "Certificate-Type-Code": scope.type_code,
        "Period-Of-Issue": period,
    }


def files(transfer: Transfer, items: Iterable[Item]) -> Iterator[File]:
    """Every file of the payload, the manifest last; one certificate in memory at a time.

    Items come in order of identifier, at most MOST_CERTIFICATES. NotTransferable names the first thing that its
    receiver could not verify: an order broken, another type or period, a proof that does not hold, an unknown placeholder.
    """
    shared = [*_trust(transfer.trust)]
    yield from shared
    certificates = []
    for item in _in_order(items):
        line, made = _certificate(item, transfer)
        certificates.append(line)
        yield from made
    listed = tuple(map(Listed.of, shared))
    table = File(LISTING, listing(Manifest(transfer.scope, listed, tuple(certificates))))
    yield table
    whole = Manifest(transfer.scope, (*listed, Listed.of(table)), tuple(certificates))
    yield File(MANIFEST, whole.canonical())


def _trust(trust: Trust) -> Iterator[File]:
    yield File(CHECKPOINT, trust.checkpoint)
    yield File(CRL, trust.crl)
    yield File(LOG_KEY, trust.log_key)
    yield File(ROOTS, trust.roots)
    yield File(UNIT_CERTIFICATES, trust.unit_certificates)


def _in_order(items: Iterable[Item]) -> Iterator[Item]:
    """Each item once: what does not rise is out of order or twice there."""
    last = ""
    for count, item in enumerate(items, 1):
        if item.identifier <= last or count > MOST_CERTIFICATES:
            raise NotTransferable(f"{item.identifier}: out of order, twice there, or one too many for a part")
        last = item.identifier
        yield item


def _certificate(item: Item, transfer: Transfer) -> tuple[Certificate, list[File]]:
    """A certificate's line in the manifest, and its files."""
    try:
        said = read_claims(item.credential)
    except NotTransferable as error:
        raise NotTransferable(f"{item.identifier}: {error}") from error
    issued = _fits(item, said, transfer.scope)
    at = folder(item.identifier)
    made = [
        File(at + CREDENTIAL, item.credential),
        File(at + FACE, render(item.catalog_entry, said).encode()),
        File(at + TYPE_METADATA, item.type_metadata),
        *_kept(item),
        *_history(item, transfer.trust.checkpoint),
    ]
    indices = tuple(one.index for one in item.log)
    files = tuple(map(Listed.of, made))
    return Certificate(item.identifier, transfer.scope.type_code, issued, item.state, files, indices), made


def _kept(item: Item) -> Iterator[File]:
    for kept in sorted(item.kept, key=lambda one: one.path):
        path = folder(item.identifier) + kept.path
        if not is_path(path) or kept.path.startswith("log/") or "/" not in kept.path:
            raise NotTransferable(f"{item.identifier}: an archived file cannot be called {kept.path!r}")
        yield File(path, kept.content)


def _history(item: Item, checkpoint: bytes) -> Iterator[File]:
    for logged in item.log:
        try:
            proof = Proof.of(logged, checkpoint.decode("utf-8"))
            proof.verify(logged.entry)
            about = parse_object(logged.entry).get("object")
        except (ValueError, Invalid) as error:
            raise NotTransferable(
                f"{item.identifier}: log entry {logged.index} has no proof that holds"
            ) from error
        if about != item.identifier:
            raise NotTransferable(f"{item.identifier}: log entry {logged.index} is about something else")
        yield File(entry_path(item.identifier, logged.index), logged.entry)
        yield File(proof_path(item.identifier, logged.index), proof.canonical())


def read_claims(credential: bytes) -> Mapping[str, Json]:
    """What a credential says, disclosures in their places; no signature is checked.

    NotTransferable when it cannot be read, or is a presentation that withholds something: the archive keeps the whole.
    """
    try:
        parsed = parse_sd_jwt(credential.decode("ascii").strip())
        said = revealed(parse_object(unb64url(parsed.jws.split(".")[1])), parsed)
    except (ValueError, IndexError, Invalid) as error:
        raise NotTransferable("a credential cannot be read") from error
    if said.withheld:
        raise NotTransferable("a credential is not whole")
    return said.claims


def issue_date(claims: Mapping[str, Json]) -> date | None:
    """证照颁发日期, when the credential says one."""
    said = claims.get("issue_date")
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _fits(item: Item, said: Mapping[str, Json], scope: Scope) -> date:
    """The date of issue. NotTransferable when the certificate is not one that this transfer may hold."""
    issued, indices = issue_date(said), [one.index for one in item.log]
    wrong = {
        "another certificate's credential": said.get("certificate_identifier") != item.identifier,
        "of another type": said.get("type_code") != scope.type_code,
        "not under this type metadata": said.get("vct#integrity") != integrity(item.type_metadata),
        f"not handed over while {item.state}": item.state not in STATES,
        "without a submission": not item.kept,
        "with an archived file twice": len({one.path for one in item.kept}) != len(item.kept),
        "without a log entry": not indices,
        "with log entries out of order or twice": indices != sorted(set(indices)),
    }
    for fault, found in wrong.items():
        if found:
            raise NotTransferable(f"{item.identifier}: {fault}")
    if issued is None or not scope.first <= issued <= scope.last:
        raise NotTransferable(f"{item.identifier}: not issued in the period")
    return issued
