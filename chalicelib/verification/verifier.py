"""Is this credential genuine? Every check is made and reported; the worst decides (see `verdict.Result`).

    v = Verifier(roots)                       anchors are the asker's decision, never the file's
    v.verify(text, Evidence(at, …)) ─▶ Verdict

A verifier keeps what it has read of headers, status lists and CRLs, so that many files cost little more than their
signatures. It is safe for threads: a lost cache entry is only read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.kernel.encoding import Json, integrity, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.signing.jose import der_signature
from chalicelib.signing.sd_jwt import SdJwt, parse_sd_jwt
from chalicelib.verification.chain import Leaf, RevocationList, read_crl, read_leaf
from chalicelib.verification.memory import Memory
from chalicelib.verification.status_list import unpack, value_at
from chalicelib.verification.verdict import Check, Verdict, failed, not_checked, passed

TYP: Final = "dc+sd-jwt"
STATUS_TYP: Final = "statuslist+jwt"
STATUS_SIGNER: Final = "/v1/trust/platform/status"
_ES256: Final = ECDSA(SHA256())
_VOIDS_ALL: Final = frozenset({"keyCompromise", "cACompromise", "aACompromise"})
_STATUS: Final = {1: "status_revoked", 2: "status_suspended", 3: "status_objection"}
_ALWAYS: Final = frozenset(
    {"iss", "iat", "vct", "certificate_identifier", "type_code", "issuing_authority_code"}
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the asker brings besides the file: the moment, and what was published about it."""

    at: datetime
    status_list: str | None = None
    crl: bytes | None = None
    type_metadata: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    typ: str
    sound: bool
    leaf: Leaf | None
    chain: bool


@dataclass(frozen=True, slots=True)
class _StatusList:
    uri: str
    bits: int
    packed: bytes
    expires: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A credential's content, once its form was whole: for whoever goes on from the verdict."""

    claims: Mapping[str, Json]
    disclosed: Mapping[str, Json]


class Verifier:
    """Verifies against these trust anchors and no others."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        self._roots = tuple(roots)
        self._header = Memory(self._read_header)
        self._status_list = Memory(self._read_status_list)
        self._revocation_list: Memory[bytes, RevocationList | None] = Memory(
            lambda der: read_crl(der, self._roots)
        )

    def verify(self, text: str, evidence: Evidence) -> Verdict:
        """The verdict on a credential in compact form."""
        return self.read(text, evidence)[0]

    def read(self, text: str, evidence: Evidence) -> tuple[Verdict, Reading | None]:
        """The verdict, and the content when there was any to read."""
        try:
            parsed = parse_sd_jwt(text.strip())
        except Invalid as refusal:
            code = refusal.code if refusal.code == "key_binding_unexpected" else "malformed_credential"
            return Verdict((failed("form", code),)), None
        parts = parsed.jws.split(".")
        header, claims = self._opened(parts)
        if header is None or claims is None:
            return Verdict((failed("form", "malformed_credential"),)), None
        checks = self._checks(parsed, header, claims, evidence)
        disclosed = {one.name: one.value for one in parsed.disclosures}
        return Verdict(tuple(checks)), Reading(claims, disclosed)

    def _opened(self, parts: Sequence[str]) -> tuple[_Header | None, dict[str, Json] | None]:
        if len(parts) != len(("header", "payload", "signature")):
            return None, None
        try:
            return self._header(parts[0]), parse_object(unb64url(parts[1]))
        except (ValueError, Invalid):
            return None, None

    def _checks(
        self, parsed: SdJwt, header: _Header, claims: Mapping[str, Json], evidence: Evidence
    ) -> list[Check]:
        return [
            _form(header, claims),
            _signature(parsed.jws, header),
            _disclosures(parsed, claims),
            _chain(header, claims),
            _issuer(header, claims),
            self._revocation(header, claims, evidence),
            _identifier(claims),
            _type(claims, evidence),
            _validity(claims, evidence),
            self._status(claims, evidence),
        ]

    # -- what is kept

    def _read_header(self, encoded: str) -> _Header | None:
        try:
            header = parse_object(unb64url(encoded))
        except (ValueError, Invalid):
            return None
        sound = header.get("alg") == "ES256" and "crit" not in header
        leaf = read_leaf(header.get("x5c"), self._roots)
        return _Header(str(header.get("typ")), sound, leaf, "x5c" in header)

    def _read_status_list(self, token: str) -> _StatusList | None:
        """The list, when the platform's status signer signed it under one of the anchors."""
        parts = token.split(".")
        header, claims = self._opened(parts)
        if header is None or claims is None or header.typ != STATUS_TYP or header.leaf is None:
            return None
        named = any(uri.endswith(STATUS_SIGNER) for uri in header.leaf.uris)
        issued = claims.get("iat")
        trusted = (
            header.sound
            and header.leaf.trusted
            and header.leaf.fits
            and named
            and _signed(token, header.leaf)
        )
        if (
            not trusted
            or not isinstance(issued, int)
            or not header.leaf.not_before <= issued <= header.leaf.not_after
        ):
            return None
        return _unpacked(claims)

    # -- checks that need them

    def _revocation(self, header: _Header, claims: Mapping[str, Json], evidence: Evidence) -> Check:
        name = "x509_revocation"
        if evidence.crl is None or header.leaf is None:
            return not_checked(name, "crl_not_given")
        crl = self._revocation_list(evidence.crl)
        if crl is None:
            return failed(name, "crl_invalid")
        since, reason = crl.revoked.get(header.leaf.serial, (None, ""))
        if since is None:
            stale = evidence.at.timestamp() >= crl.next_update
            return not_checked(name, "crl_stale") if stale else passed(name)
        issued = claims.get("iat")
        if reason not in _VOIDS_ALL and isinstance(issued, int) and issued < since:
            return Check(name, passed(name).outcome, "x509_revoked_later", {"reason": reason})
        return failed(name, "x509_revoked", {"reason": reason})

    def _status(self, claims: Mapping[str, Json], evidence: Evidence) -> Check:
        reference = _reference(claims)
        if reference is None:
            return failed("form", "missing_claims", "status")
        if evidence.status_list is None:
            return not_checked("status", "status_not_given", reference[0])
        listed = self._status_list(evidence.status_list)
        if listed is None:
            return failed("status", "status_list_invalid")
        if listed.uri != reference[0]:
            return not_checked("status", "status_list_other", reference[0])
        return _stated(listed, reference[1], evidence)


def _unpacked(claims: Mapping[str, Json]) -> _StatusList | None:
    listed, expires = claims.get("status_list"), claims.get("exp")
    bits = listed.get("bits") if isinstance(listed, dict) else None
    if not isinstance(listed, dict) or not isinstance(bits, int) or not isinstance(expires, int):
        return None
    try:
        packed = unpack(str(listed.get("lst")), bits)
    except ValueError:
        return None
    return _StatusList(str(claims.get("sub")), bits, packed, float(expires))


def _stated(listed: _StatusList, index: int, evidence: Evidence) -> Check:
    """What the list says about the index. A bad value stands however old the list is; a good one must be fresh."""
    try:
        value = value_at(listed.packed, listed.bits, index)
    except ValueError:
        return failed("status", "status_list_invalid")
    if value:
        return failed("status", _STATUS.get(value, "status_list_invalid"), {"value": value})
    if evidence.at.timestamp() >= listed.expires:
        return not_checked("status", "status_list_stale")
    return passed("status", {"value": value})


def _form(header: _Header, claims: Mapping[str, Json]) -> Check:
    if header.typ != TYP or not header.sound:
        return failed("form", "wrong_header", {"typ": header.typ})
    missing: list[Json] = [*sorted(_ALWAYS.difference(claims))]
    if missing or claims.get("_sd_alg", "sha-256") != "sha-256" or not isinstance(claims.get("_sd"), list):
        return failed("form", "missing_claims", missing)
    return passed("form")


def _signed(jws: str, leaf: Leaf) -> bool:
    signed, _, signature = jws.rpartition(".")
    try:
        leaf.key.verify(der_signature(unb64url(signature)), signed.encode("ascii"), _ES256)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signature(jws: str, header: _Header) -> Check:
    if header.leaf is None:
        return not_checked("signature", "signature_not_checked")
    return passed("signature") if _signed(jws, header.leaf) else failed("signature", "signature_invalid")


def _disclosures(parsed: SdJwt, claims: Mapping[str, Json]) -> Check:
    """Each disclosure's digest is signed once; no claim twice, none that the payload has already (RFC 9901 §7.1)."""
    name, signed = "disclosures", claims.get("_sd")
    digests = [digest for digest in signed if isinstance(digest, str)] if isinstance(signed, list) else []
    known, given = frozenset(digests), [one.digest for one in parsed.disclosures]
    names = [one.name for one in parsed.disclosures]
    if not known.issuperset(given):
        return failed(name, "disclosure_unsigned", [*sorted(set(given) - known)])
    if len(set(given)) != len(given) or len(set(names)) != len(names) or len(known) != len(digests):
        return failed(name, "disclosure_repeated")
    if not frozenset(names).isdisjoint(claims):
        return failed(name, "disclosure_repeated")
    return passed(name, {"disclosed": len(given), "withheld": len(known) - len(given)})


def _chain(header: _Header, claims: Mapping[str, Json]) -> Check:
    leaf, issued = header.leaf, claims.get("iat")
    if leaf is None:
        return failed("chain", "chain_missing" if not header.chain else "chain_untrusted")
    if not leaf.trusted:
        return failed("chain", "chain_untrusted")
    if not leaf.fits:
        return failed("chain", "chain_profile")
    if not isinstance(issued, int) or not leaf.not_before <= issued <= leaf.not_after:
        return failed("chain", "chain_not_valid_then")
    return passed("chain", {"serial": f"{leaf.serial:x}"})


def _issuer(header: _Header, claims: Mapping[str, Json]) -> Check:
    leaf = header.leaf
    if leaf is None:
        return not_checked("issuer", "signature_not_checked")
    if claims.get("iss") not in leaf.uris or claims.get("issuing_authority_code") != leaf.unit:
        return failed("issuer", "issuer_mismatch", {"certificate": leaf.unit})
    return passed("issuer", {"unit": leaf.unit})


def _identifier(claims: Mapping[str, Json]) -> Check:
    """The identifier is whole, and names the type and the unit that the other claims name."""
    try:
        identifier = CertificateIdentifier.parse(str(claims.get("certificate_identifier")))
    except Invalid:
        return failed("identifier", "identifier_wrong")
    said = (claims.get("type_code"), claims.get("issuing_authority_code"))
    within = f"/v1/vct/{identifier.type_code}/" in str(claims.get("vct"))
    if said != (identifier.type_code, identifier.issuer) or not within:
        return failed("identifier", "identifier_wrong")
    return passed("identifier", claims.get("certificate_identifier"))


def _type(claims: Mapping[str, Json], evidence: Evidence) -> Check:
    if evidence.type_metadata is None:
        return not_checked("type", "type_not_given", claims.get("vct"))
    if integrity(evidence.type_metadata) != claims.get("vct#integrity"):
        return failed("type", "type_altered")
    return passed("type", claims.get("vct"))


def _validity(claims: Mapping[str, Json], evidence: Evidence) -> Check:
    """RFC 7519 §4.1.4 and §4.1.5: from nbf on, and before exp. A time that is no number is no time to rely on."""
    begins, ends, at = claims.get("nbf", 0), claims.get("exp"), evidence.at.timestamp()
    if not isinstance(begins, int | float) or not isinstance(ends, int | float | None):
        return failed("form", "missing_claims", ["nbf", "exp"])
    if ends is not None and at >= ends:
        return failed("validity", "validity_over", {"exp": ends})
    if at < begins:
        return failed("validity", "validity_not_begun", {"nbf": begins})
    return passed("validity")


def _reference(claims: Mapping[str, Json]) -> tuple[str, int] | None:
    """(status list's URI, index) that the credential names."""
    status = claims.get("status")
    listed = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(listed, dict):
        return None
    uri, index = listed.get("uri"), listed.get("idx")
    if not isinstance(uri, str) or not isinstance(index, int) or isinstance(index, bool):
        return None
    return uri, index
