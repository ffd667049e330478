"""The checks on a credential, one a function: each looks at one thing and says what it saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.signing.revealed import Revealed, revealed
from chalicelib.signing.sd_jwt import NEVER_DISCLOSED, SdJwt
from chalicelib.verification.revocation import RevocationList
from chalicelib.verification.signed import Header, signed_by
from chalicelib.verification.status_list import StatusList
from chalicelib.verification.verdict import Check, Outcome, failed, not_checked, passed

TYP: Final = "dc+sd-jwt"
LEEWAY: Final = 300  # seconds that two honest clocks may differ
_STATUS: Final = {1: "status_revoked", 2: "status_suspended", 3: "status_objection"}
_TEXTS: Final = (
    "iss",
    "vct",
    "vct#integrity",
    "certificate_identifier",
    "type_code",
    "issuing_authority_code",
)
_FORM_OK: Final = passed("form")
_SIGNATURE_OK: Final = passed("signature")
_VALIDITY_OK: Final = passed("validity")
_UNREVOKED: Final = passed("x509_revocation")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the asker brings besides the file: the moment (aware), and what was published about it."""

    at: datetime
    status_list: str | None = None
    crl: bytes | None = None
    type_metadata: bytes | None = None


class Subject(NamedTuple):
    """A credential that could be read: its header and visible claims, nothing believed yet."""

    parsed: SdJwt
    header: Header
    claims: Mapping[str, Json]

    @property
    def issued(self) -> int | None:
        """`iat`, when it is a number."""
        issued = self.claims.get("iat")
        return issued if type(issued) is int else None


def form(subject: Subject) -> Check:
    """`typ`, algorithm, and every claim that each certificate has, of its kind."""
    header, claims = subject.header, subject.claims
    if header.typ != TYP or not header.sound:
        return failed("form", "wrong_header", {"typ": header.typ})
    missing: list[Json] = [name for name in _TEXTS if type(claims.get(name)) is not str]
    missing += [name for name in ("iat", "nbf") if type(claims.get(name)) is not int]
    if type(claims.get("exp", 0)) is not int:
        missing.append("exp")
    if reference(claims) is None:
        missing.append("status")
    return failed("form", "missing_claims", missing) if missing else _FORM_OK


def signature(subject: Subject) -> Check:
    """The key of the leaf certificate made the signature."""
    leaf = subject.header.leaf
    if leaf is None:
        return not_checked("signature", "signature_not_checked")
    return _SIGNATURE_OK if signed_by(leaf, subject.parsed.jws) else failed("signature", "signature_invalid")


def disclosures(subject: Subject) -> tuple[Check, Revealed | None]:
    """Each disclosure is covered by the signature once, repeats nothing, and hides nothing that decides the verdict."""
    given = subject.parsed
    try:
        whole = revealed(subject.claims, given)
    except Invalid as refusal:
        return failed("disclosures", refusal.code), None
    if not NEVER_DISCLOSED.isdisjoint(given.names):
        hidden: list[Json] = [*sorted(NEVER_DISCLOSED & whole.claims.keys() - subject.claims.keys())]
        if hidden:
            return failed("disclosures", "disclosure_forbidden", hidden), None
    return passed("disclosures", {"disclosed": len(given.digests), "withheld": whole.withheld}), whole


def chain(subject: Subject) -> Check:
    """An anchor issued the leaf, for this use, and both were valid when it signed."""
    leaf, issued = subject.header.leaf, subject.issued
    if leaf is None:
        return failed("chain", "chain_untrusted" if subject.header.chain else "chain_missing")
    if leaf.root is None:
        return failed("chain", "chain_untrusted")
    if not leaf.fits:
        return failed("chain", "chain_profile")
    if issued is None or not leaf.not_before <= issued <= leaf.not_after:
        return failed("chain", "chain_not_valid_then")
    return passed("chain", {"serial": f"{leaf.serial:x}"})


def issuer(subject: Subject) -> Check:
    """`iss` and the issuing authority's code are those that the leaf names."""
    leaf, claims = subject.header.leaf, subject.claims
    if leaf is None:
        return not_checked("issuer", "signature_not_checked")
    iss = claims.get("iss")
    named = isinstance(iss, str) and iss in leaf.uris
    if leaf.unit is None or claims.get("issuing_authority_code") != leaf.unit or not named:
        return failed("issuer", "issuer_mismatch", {"certificate": leaf.unit})
    return passed("issuer", {"unit": leaf.unit})


def x509_revocation(subject: Subject, evidence: Evidence, crl: RevocationList | None) -> Check:
    """The leaf was not revoked when it signed, nor its key ever compromised."""
    name, leaf, issued = "x509_revocation", subject.header.leaf, subject.issued
    if evidence.crl is None or leaf is None or leaf.root is None or issued is None:
        return not_checked(name, "crl_not_given")
    if crl is None:
        return failed(name, "crl_invalid")
    if crl.root is not leaf.root:
        return not_checked(name, "crl_other")
    found = crl.of(leaf)
    if found is not None:
        code = "x509_revoked" if crl.voids(leaf, issued) else "x509_revoked_later"
        outcome = Outcome.FAILED if code == "x509_revoked" else Outcome.PASSED
        return Check(name, outcome, code, {"since": int(found[0]), "reason": found[1]})
    return not_checked(name, "crl_stale") if evidence.at.timestamp() >= crl.next_update else _UNREVOKED


def identifier(subject: Subject) -> Check:
    """The identifier is whole, and names the type and the unit that the other claims name."""
    claims = subject.claims
    said, vct = claims.get("certificate_identifier"), claims.get("vct")
    try:
        parsed = CertificateIdentifier.parse(said if isinstance(said, str) else "")
    except Invalid:
        return failed("identifier", "identifier_wrong")
    others = (claims.get("type_code"), claims.get("issuing_authority_code"))
    within = isinstance(vct, str) and f"/v1/vct/{parsed.type_code}/" in vct
    if others != (parsed.type_code, parsed.issuer) or not within:
        return failed("identifier", "identifier_wrong")
    return passed("identifier", said)


def validity(subject: Subject, at: datetime) -> Check:
    """RFC 7519 §4.1.4 to §4.1.6: signed already, from nbf on, and before exp. Business dates are in them, Shenzhen time."""
    begins, ends, issued = (subject.claims.get(name) for name in ("nbf", "exp", "iat"))
    now = at.timestamp()
    if type(ends) is int and now >= ends:
        return failed("validity", "validity_over", {"exp": ends})
    if type(begins) is not int or type(issued) is not int or (ends is not None and type(ends) is not int):
        return not_checked("validity", "validity_unknown")
    if now < begins or now + LEEWAY < issued:
        return failed("validity", "validity_not_begun", {"nbf": begins, "iat": issued})
    return _VALIDITY_OK


def reference(claims: Mapping[str, Json]) -> tuple[str, int] | None:
    """(status list's URI, index) that the credential names."""
    status = claims.get("status")
    listed = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(listed, dict):
        return None
    uri, index = listed.get("uri"), listed.get("idx")
    return (uri, index) if isinstance(uri, str) and type(index) is int else None


def status(
    subject: Subject, evidence: Evidence, listed: StatusList | None, crl: RevocationList | None
) -> Check:
    """What the list says about the credential. A bad value stands however old the list is; a good one must be of the moment."""
    named, leaf = reference(subject.claims), subject.header.leaf
    if named is None or evidence.status_list is None:
        return not_checked("status", "status_not_given", named and named[0])
    if listed is None or (crl is not None and crl.voids(listed.leaf, listed.issued)):
        return failed("status", "status_list_invalid")
    if listed.uri != named[0] or leaf is None or leaf.root is not listed.leaf.root:
        return not_checked("status", "status_list_other", named[0])
    try:
        value = listed.at(named[1])
    except ValueError:
        return failed("status", "status_list_invalid")
    return _stated(value, listed, evidence.at.timestamp())


def _stated(value: int, listed: StatusList, at: float) -> Check:
    seen: dict[str, Json] = {"value": value, "issued": listed.issued}
    if value:
        return failed("status", _STATUS.get(value, "status_list_invalid"), seen)
    if at >= listed.expires:
        return not_checked("status", "status_list_stale", seen)
    if at + LEEWAY < listed.issued:
        return not_checked("status", "status_list_later", seen)
    return passed("status", seen)
