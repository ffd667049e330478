"""Prepare: build the exact bytes to be signed, lint them, and hand back a one-use token (boulder's two steps).

A precertificate is all of the credential but its signature. Issuing takes only a precertificate whose token is still on
the record, so nothing can be signed that was not linted and approved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.certificates.claims import Claims, Facts, claims, issue_date
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rules import LintReport, lint
from chalicelib.certificates.model import Precertificate
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.kernel.entropy import Entropy
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.sd_jwt import Disclosure, prepare_sd_jwt
from chalicelib.signing.x509_profile import jose_header

USABLE_FOR: Final = timedelta(days=7)  # an approval older than this is made again, so that `iat` stays true
TYP: Final = "dc+sd-jwt"
SALT_BYTES: Final = 16  # RFC 9901 §9.3: at least 128 bits


@dataclass(frozen=True, slots=True)
class Approval:
    """A precertificate with the report of the rules that it passed."""

    precertificate: Precertificate
    report: LintReport


def prepare(facts: Facts, entropy: Entropy) -> Approval:
    """The precertificate; Invalid("lint_failed", facts = codes of every rule broken) and nothing otherwise."""
    said = claims(facts)
    header: dict[str, Json] = {**jose_header(facts.x509.der, facts.root.der), "alg": "ES256", "typ": TYP}
    disclosures = [
        Disclosure(name, value, entropy.token(SALT_BYTES)) for name, value in said.disclosed.items()
    ]
    report = lint(_draft(facts, header, said, disclosures))
    if report.findings:
        raise Invalid("lint_failed", None, tuple(finding.code for finding in report.findings))
    signed = prepare_sd_jwt(header, said.visible, disclosures).decode("ascii")
    precertificate = Precertificate(
        token=sha256(entropy.token(SALT_BYTES) + signed.encode("ascii")).hex(),
        signing_input=signed,
        disclosures=tuple(disclosure.encoded for disclosure in disclosures),
        key=facts.x509.key,
        x509_serial=facts.x509.serial,
        prepared_at=facts.now,
        usable_until=facts.now + USABLE_FOR,
        issue_date=issue_date(facts),
    )
    return Approval(precertificate, report)


def _draft(
    facts: Facts, header: Mapping[str, Json], said: Claims, disclosures: Sequence[Disclosure]
) -> Draft:
    """What the rules look at: these very parts."""
    return Draft(
        header=header,
        visible=said.visible,
        disclosed=said.disclosed,
        salts=[one.salt for one in disclosures],
        entry=facts.entry,
        issuer=facts.record.unit,
        base_url=facts.base_url,
        now=facts.now,
    )
