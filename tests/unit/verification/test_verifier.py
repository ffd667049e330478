"""Every reason code is reached by a credential made for it, and the genuine one passes every check."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chalicelib.kernel.encoding import Json
from chalicelib.signing.sd_jwt import Disclosure, reduce_to
from chalicelib.verification.reasons import REASONS
from chalicelib.verification.verdict import Outcome, Result, Verdict
from chalicelib.verification.verifier import Evidence, Verifier
from tests.fakes.records import BASE, IDENTIFIER, ISSUER, OTHER_UNIT
from tests.unit.verification.forge import (
    EXPIRES,
    INDEX,
    ISSUED,
    METADATA,
    NOON,
    Extension,
    Forge,
    Signer,
    at_noon,
    authority,
    credential,
    leaf_extensions,
    name,
    new_key,
    raw_credential,
    root_extensions,
    status_list,
    unit_name,
    usage,
    visible,
)

FORGE = Forge()
UNIT = FORGE.unit()
STATUS = FORGE.status_signer()
VERIFIER = FORGE.verifier()
GENUINE = credential(UNIT)
URI = f"{BASE}/v1/trust/units/{ISSUER}"
ALL_BROUGHT: Mapping[str, Any] = {
    "status_list": status_list(STATUS),
    "crl": FORGE.root.crl(),
    "type_metadata": METADATA,
}


def codes(verdict: Verdict) -> set[str]:
    return {check.code for check in verdict.checks if check.outcome is not Outcome.PASSED}


def verdict_on(text: str, verifier: Verifier = VERIFIER, **brought: Any) -> Verdict:
    return verifier.verify(text, at_noon(**{**ALL_BROUGHT, **brought}))


def test_a_genuine_credential_passes_every_check() -> None:
    verdict = verdict_on(GENUINE)
    assert verdict.result is Result.GENUINE
    assert [check.name for check in verdict.checks if check.outcome is not Outcome.PASSED] == []
    assert len({check.name for check in verdict.checks}) == len(verdict.checks) == 10


def test_what_was_not_brought_is_not_checked_and_said_so() -> None:
    verdict = VERIFIER.verify(GENUINE, at_noon())
    assert verdict.result is Result.GENUINE
    assert set(verdict.reasons) == {"crl_not_given", "type_not_given", "status_not_given"}


def test_the_content_is_handed_on() -> None:
    verdict, reading = VERIFIER.read(reduce_to(GENUINE, ["holder_name"]), at_noon())
    assert verdict.result is Result.GENUINE
    assert reading is not None
    assert reading.claims["certificate_identifier"] == IDENTIFIER
    assert set(reading.disclosed) == {"holder_name"}
    assert reading.status_list == f"{BASE}/v1/status-lists/1-0"


@dataclass(frozen=True)
class Case:
    """A credential (or what is brought with it), the code that must be among the reasons, and the verdict."""

    make: Callable[[], str]
    code: str
    result: Result
    brought: Mapping[str, Any] = field(default_factory=dict)
    verifier: Verifier = VERIFIER


def claims(**changes: Json) -> Callable[[], str]:
    return lambda: credential(UNIT, changes)


def header(**changes: Json) -> Callable[[], str]:
    return lambda: credential(UNIT, header=changes)


def leaf(*extensions: Extension, subject: x509.Name | None = None, **times: Any) -> Callable[[], str]:
    chosen = list(extensions) or None
    return lambda: credential(FORGE.unit(subject, chosen, **times))


def extensions(*more: Extension, without: type[x509.ExtensionType] | None = None) -> list[Extension]:
    return [
        *(one for one in leaf_extensions(URI) if without is None or not isinstance(one[0], without)),
        *more,
    ]


def on_another_curve() -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return credential(
        Signer(UNIT.key, FORGE.root.certify(unit_name(), key, leaf_extensions(URI)), FORGE.root.certificate)
    )


def signed_by_another_key() -> str:
    return credential(Signer(new_key(), UNIT.certificate, UNIT.root), header={"kid": UNIT.header["kid"]})


def with_disclosure(*more: str) -> Callable[[], str]:
    return lambda: GENUINE + "".join(one + "~" for one in more)


def under(root_extensions_: list[Extension]) -> tuple[Callable[[], str], Verifier]:
    forge = Forge(authority(root_extensions_))
    return (lambda: credential(forge.unit())), forge.verifier()


BAD = Disclosure("holder_name", "另一个人", b"0" * 16).encoded
FIRST = GENUINE.split("~")[1]
NESTED: Json = [[]]
for _ in range(40):
    NESTED = [NESTED]
NO_CA, CANNOT_CERTIFY, NAMES_NOT_UNDERSTOOD, EXCLUDING = (
    under([(x509.BasicConstraints(ca=False, path_length=None), True)]),
    under([(x509.BasicConstraints(ca=True, path_length=0), True), (usage(sign=True, certify=False), True)]),
    under(
        [
            root_extensions()[0],
            (x509.NameConstraints([x509.UniformResourceIdentifier("example.cn")], None), True),
        ]
    ),
    under([root_extensions()[0], (x509.NameConstraints(None, [x509.DirectoryName(name("x"))]), True)]),
)
ABROAD = [(NameOID.COUNTRY_NAME, "US")]
LATE = ISSUED + timedelta(days=1)
STRANGER = Forge()

CASES: Mapping[str, Case] = {
    # form
    "empty": Case(str, "malformed_credential", Result.MALFORMED),
    "no tilde": Case(lambda: GENUINE.split("~")[0], "malformed_credential", Result.MALFORMED),
    "two parts": Case(lambda: GENUINE.replace(".", "~", 1), "malformed_credential", Result.MALFORMED),
    "header no JSON": Case(lambda: "e30x" + GENUINE[4:], "malformed_credential", Result.MALFORMED),
    "payload no object": Case(lambda: f"{GENUINE.split('.')[0]}.W10.AA~", "malformed_credential", Result.MALFORMED),
    "key binding": Case(lambda: GENUINE + "e30.e30.AA", "key_binding_unexpected", Result.MALFORMED),
    "typ of the drafts": Case(header(typ="vc+sd-jwt"), "wrong_header", Result.MALFORMED),
    "status list as credential": Case(lambda: status_list(STATUS) + "~", "wrong_header", Result.MALFORMED),
    "alg none": Case(header(alg="none"), "wrong_header", Result.MALFORMED),
    "alg HMAC": Case(header(alg="HS256"), "wrong_header", Result.MALFORMED),
    "crit": Case(header(crit=["exp"]), "wrong_header", Result.MALFORMED),
    "kid of another key": Case(header(kid="another"), "wrong_header", Result.MALFORMED),
    **{
        f"without {one}": Case(claims(**{one: None}), "missing_claims", Result.MALFORMED)
        for one in visible()
        if one != "exp"
    },
    "iat no number": Case(claims(iat="1"), "missing_claims", Result.MALFORMED),
    "nbf true": Case(claims(nbf=True), "missing_claims", Result.MALFORMED),
    "exp a fraction": Case(claims(exp=1e300), "missing_claims", Result.MALFORMED),
    "exp null": Case(lambda: raw_credential(UNIT, {**visible(), "exp": None}), "missing_claims", Result.MALFORMED),
    "iss a list": Case(claims(iss=[URI]), "missing_claims", Result.MALFORMED),
    "times unreadable": Case(claims(nbf="soon"), "validity_unknown", Result.MALFORMED),
    # signature and disclosures
    "another key": Case(signed_by_another_key, "signature_invalid", Result.ALTERED),
    "signature short": Case(lambda: GENUINE.replace("~", "AA~", 1), "signature_invalid", Result.ALTERED),
    "no chain, no key": Case(header(x5c=None), "signature_not_checked", Result.UNTRUSTED),
    "foreign disclosure": Case(with_disclosure(BAD), "disclosure_unsigned", Result.ALTERED),
    "disclosure twice": Case(with_disclosure(FIRST), "disclosure_repeated", Result.ALTERED),
    "digest twice": Case(lambda: raw_credential(UNIT, {**visible(), "_sd": ["a", "a"]}), "disclosure_repeated", Result.ALTERED),
    "no list of digests": Case(lambda: raw_credential(UNIT, {**visible(), "_sd": {}}), "malformed_digests", Result.MALFORMED),
    "digest a number": Case(lambda: raw_credential(UNIT, {**visible(), "_sd": [1]}), "malformed_digests", Result.MALFORMED),
    "another hash": Case(lambda: raw_credential(UNIT, {**visible(), "_sd_alg": "sha-1"}), "malformed_digests", Result.MALFORMED),
    "too deep": Case(lambda: raw_credential(UNIT, {**visible(), "deep": NESTED}), "malformed_digests", Result.MALFORMED),
    "exp hidden": Case(
        lambda: raw_credential(
            UNIT,
            {key: one for key, one in visible().items() if key != "exp"} | {"_sd": [Disclosure("exp", 1, b"s").digest]},
            [Disclosure("exp", 1, b"s").encoded],
        ),
        "disclosure_forbidden",
        Result.MALFORMED,
    ),
    # chain
    "no chain": Case(header(x5c=None), "chain_missing", Result.UNTRUSTED),
    "chain empty": Case(header(x5c=[]), "chain_untrusted", Result.UNTRUSTED),
    "chain no certificate": Case(header(x5c=["AAAA"]), "chain_untrusted", Result.UNTRUSTED),
    "another root": Case(lambda: credential(STRANGER.unit()), "chain_untrusted", Result.UNTRUSTED),
    "another curve": Case(on_another_curve, "chain_untrusted", Result.UNTRUSTED),
    "leaf a CA": Case(leaf(*extensions((x509.BasicConstraints(ca=True, path_length=0), True), without=x509.BasicConstraints)), "chain_profile", Result.UNTRUSTED),
    "leaf without constraints": Case(leaf(*extensions(without=x509.BasicConstraints)), "chain_profile", Result.UNTRUSTED),
    "leaf may not sign": Case(leaf(*extensions((usage(sign=False, certify=False), True), without=x509.KeyUsage)), "chain_profile", Result.UNTRUSTED),
    "leaf without usage": Case(leaf(*extensions(without=x509.KeyUsage)), "chain_profile", Result.UNTRUSTED),
    "leaf for TLS": Case(leaf(*extensions((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))), "chain_profile", Result.UNTRUSTED),
    "leaf with a strange critical extension": Case(leaf(*extensions((x509.OCSPNoCheck(), True))), "chain_profile", Result.UNTRUSTED),
    "leaf abroad": Case(leaf(subject=unit_name(place=ABROAD)), "chain_profile", Result.UNTRUSTED),
    "other name abroad": Case(
        leaf(*extensions((x509.SubjectAlternativeName([x509.UniformResourceIdentifier(URI), x509.DirectoryName(name("x", place=ABROAD))]), False), without=x509.SubjectAlternativeName)),
        "chain_profile",
        Result.UNTRUSTED,
    ),
    "root no CA": Case(NO_CA[0], "chain_profile", Result.UNTRUSTED, verifier=NO_CA[1]),
    "root may not certify": Case(CANNOT_CERTIFY[0], "chain_profile", Result.UNTRUSTED, verifier=CANNOT_CERTIFY[1]),
    "constraints not understood": Case(NAMES_NOT_UNDERSTOOD[0], "chain_profile", Result.UNTRUSTED, verifier=NAMES_NOT_UNDERSTOOD[1]),
    "constraints that exclude": Case(EXCLUDING[0], "chain_profile", Result.UNTRUSTED, verifier=EXCLUDING[1]),
    "leaf too young": Case(leaf(start=LATE), "chain_not_valid_then", Result.UNTRUSTED),
    "leaf too old": Case(leaf(end=ISSUED - timedelta(days=1)), "chain_not_valid_then", Result.UNTRUSTED),
    # issuer
    "another unit's URI": Case(claims(iss=f"{BASE}/v1/trust/units/{OTHER_UNIT}"), "issuer_mismatch", Result.UNTRUSTED),
    "another unit's code": Case(claims(issuing_authority_code=OTHER_UNIT), "issuer_mismatch", Result.ALTERED),
    "another unit's leaf": Case(leaf(subject=unit_name(OTHER_UNIT)), "issuer_mismatch", Result.UNTRUSTED),
    "a leaf of no unit": Case(leaf(subject=name("Zhengzhao status")), "issuer_mismatch", Result.UNTRUSTED),
    "the status signer": Case(lambda: credential(STATUS, {"issuing_authority_code": None}), "issuer_mismatch", Result.MALFORMED),
    # identifier
    "check character": Case(claims(certificate_identifier=IDENTIFIER[:-1] + "*"), "identifier_wrong", Result.ALTERED),
    "another type": Case(claims(type_code=OTHER_UNIT + "001"), "identifier_wrong", Result.ALTERED),
    "another vct": Case(claims(vct=f"{BASE}/v1/vct/{OTHER_UNIT}001/1"), "identifier_wrong", Result.ALTERED),
    # type metadata
    "other metadata": Case(lambda: GENUINE, "type_altered", Result.ALTERED, {"type_metadata": METADATA + b" "}),
    # time
    "over": Case(claims(exp=int(NOON.timestamp())), "validity_over", Result.EXPIRED),
    "not begun": Case(claims(nbf=int(NOON.timestamp()) + 1), "validity_not_begun", Result.NOT_YET_VALID),
    "signed tomorrow": Case(claims(iat=int(NOON.timestamp()) + 86400), "validity_not_begun", Result.NOT_YET_VALID),
    # CRL
    "crl no CRL": Case(lambda: GENUINE, "crl_invalid", Result.UNTRUSTED, {"crl": b"x"}),
    "crl of a stranger": Case(lambda: GENUINE, "crl_invalid", Result.UNTRUSTED, {"crl": STRANGER.root.crl()}),
    "crl with a critical extension": Case(
        lambda: GENUINE, "crl_invalid", Result.UNTRUSTED, {"crl": FORGE.root.crl(extensions=[(x509.DeltaCRLIndicator(1), True)])}
    ),
    "crl stale": Case(lambda: GENUINE, "crl_stale", Result.GENUINE, {"crl": FORGE.root.crl(end=NOON)}),
    "revoked before": Case(lambda: GENUINE, "x509_revoked", Result.UNTRUSTED, {"crl": FORGE.root.crl([(UNIT.certificate, ISSUED, None)])}),
    "key compromised later": Case(
        lambda: GENUINE, "x509_revoked", Result.UNTRUSTED, {"crl": FORGE.root.crl([(UNIT.certificate, LATE, x509.ReasonFlags.key_compromise)])}
    ),
    # status
    "revoked": Case(lambda: GENUINE, "status_revoked", Result.REVOKED, {"status_list": status_list(STATUS, {INDEX: 1})}),
    "suspended": Case(lambda: GENUINE, "status_suspended", Result.SUSPENDED, {"status_list": status_list(STATUS, {INDEX: 2})}),
    "objection": Case(lambda: GENUINE, "status_objection", Result.OBJECTION_PENDING, {"status_list": status_list(STATUS, {INDEX: 3})}),
    "revoked, on an old list": Case(lambda: GENUINE, "status_revoked", Result.REVOKED, {"status_list": status_list(STATUS, {INDEX: 1}, exp=1)}),
    "list stale": Case(lambda: GENUINE, "status_list_stale", Result.GENUINE, {"status_list": status_list(STATUS, exp=int(NOON.timestamp()))}),
    "list of tomorrow": Case(lambda: GENUINE, "status_list_later", Result.GENUINE, {"status_list": status_list(STATUS, iat=int(NOON.timestamp()) + 3000)}),
    "another list": Case(lambda: GENUINE, "status_list_other", Result.GENUINE, {"status_list": status_list(STATUS, sub=f"{BASE}/v1/status-lists/9-9")}),
    "index out of range": Case(
        claims(status={"status_list": {"idx": 4096 * 4, "uri": f"{BASE}/v1/status-lists/1-0"}}), "status_list_invalid", Result.UNTRUSTED
    ),
    "negative index": Case(
        claims(status={"status_list": {"idx": -1, "uri": f"{BASE}/v1/status-lists/1-0"}}), "status_list_invalid", Result.UNTRUSTED
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_fault_has_its_reason(case: Case) -> None:
    verdict = verdict_on(case.make(), case.verifier, **case.brought)
    assert case.code in codes(verdict)
    assert verdict.result is case.result


LISTS: Mapping[str, Callable[[], str]] = {
    "no token": lambda: "x",
    "typ of a credential": lambda: status_list(STATUS, header={"typ": "dc+sd-jwt"}),
    "alg none": lambda: status_list(STATUS, header={"alg": "none"}),
    "without a chain": lambda: status_list(STATUS, header={"x5c": None}),
    "by a unit": lambda: status_list(UNIT),
    "by another platform's signer": lambda: status_list(FORGE.status_signer("https://other.example/v1/trust/platform/status")),
    "by a stranger": lambda: status_list(STRANGER.status_signer()),
    "altered": lambda: status_list(STATUS)[:-4] + "AAAA",
    "before its signer was certified": lambda: status_list(STATUS, iat=1),
    "without exp": lambda: status_list(STATUS, exp=None),
    "without sub": lambda: status_list(STATUS, sub=None),
    "three bits": lambda: status_list(STATUS, status_list={"bits": 3, "lst": "eNoDAAAAAAE"}),
    "bits true": lambda: status_list(STATUS, status_list={"bits": True, "lst": "eNoDAAAAAAE"}),
    "not compressed": lambda: status_list(STATUS, status_list={"bits": 2, "lst": "AAAA"}),
    "no list": lambda: status_list(STATUS, status_list=None),
    "larger than 1 MB": lambda: status_list(STATUS) + "A" * 1024 * 1024,
}  # fmt: skip


@pytest.mark.parametrize("token", LISTS.values(), ids=LISTS)
def test_a_status_list_that_the_platform_did_not_sign_is_invalid(token: Callable[[], str]) -> None:
    verdict = verdict_on(GENUINE, status_list=token())
    assert codes(verdict) == {"status_list_invalid"}
    assert verdict.result is Result.UNTRUSTED


def test_a_status_list_by_a_revoked_signer_is_invalid() -> None:
    crl = FORGE.root.crl([(STATUS.certificate, NOON - timedelta(days=1), x509.ReasonFlags.key_compromise)])
    assert codes(verdict_on(GENUINE, crl=crl)) == {"status_list_invalid"}


def test_lists_of_another_trusted_root_say_nothing_about_this_credential() -> None:
    both = Verifier([FORGE.root.certificate, STRANGER.root.certificate])
    verdict = verdict_on(
        GENUINE, both, status_list=status_list(STRANGER.status_signer()), crl=STRANGER.root.crl()
    )
    assert codes(verdict) == {"status_list_other", "crl_other"}
    assert verdict.result is Result.GENUINE
    assert verdict_on(credential(STRANGER.unit()), both, crl=STRANGER.root.crl()).result is Result.GENUINE


def test_revocation_of_the_signing_certificate_after_the_signature_changes_nothing() -> None:
    verdict = verdict_on(GENUINE, crl=FORGE.root.crl([(UNIT.certificate, LATE, x509.ReasonFlags.superseded)]))
    assert verdict.result is Result.GENUINE
    assert "x509_revoked_later" in {check.code for check in verdict.checks}


def test_expiry_of_the_signing_certificate_changes_nothing() -> None:
    text = credential(FORGE.unit(end=NOON - timedelta(days=1)))
    assert verdict_on(text).result is Result.GENUINE


def test_the_end_of_a_certificate_is_judged_at_the_moment_asked_about() -> None:
    for seconds, result in ((-1, Result.GENUINE), (0, Result.EXPIRED)):
        verdict = VERIFIER.verify(GENUINE, Evidence(EXPIRES + timedelta(seconds=seconds)))
        assert verdict.result is result


def test_a_certificate_without_end_does_not_expire() -> None:
    verdict = VERIFIER.verify(credential(UNIT, {"exp": None}), Evidence(EXPIRES + timedelta(days=10_000)))
    assert verdict.result is Result.GENUINE


def test_every_fault_is_reported_not_only_the_first() -> None:
    text = (
        credential(STRANGER.unit(), {"exp": int(ISSUED.timestamp()) + 1, "type_code": OTHER_UNIT + "001"})
        + BAD
        + "~"
    )
    verdict = verdict_on(text, status_list=status_list(STATUS, {INDEX: 1}), type_metadata=b"")
    failed = {check.code for check in verdict.checks if check.outcome is Outcome.FAILED}
    assert failed == {
        "chain_untrusted",
        "disclosure_unsigned",
        "identifier_wrong",
        "type_altered",
        "validity_over",
    }
    assert verdict.result is Result.ALTERED


def test_a_name_that_decides_nothing_where_it_stands_may_be_disclosable() -> None:
    inner = Disclosure("exp", "2030", b"s")
    text = raw_credential(UNIT, {**visible(), "permit": {"_sd": [inner.digest]}}, [inner.encoded])
    assert verdict_on(text).result is Result.GENUINE


def test_an_unsigned_disclosure_is_not_handed_on() -> None:
    _, reading = VERIFIER.read(GENUINE + BAD + "~", at_noon())
    assert reading is not None
    assert reading.disclosed == {}


def test_the_document_has_both_languages_and_is_json() -> None:
    document = json.loads(json.dumps(verdict_on(GENUINE, status_list=None).document()))
    assert document["verdict"] == "genuine"
    assert document["reasons"] == ["status_not_given"]
    assert all(check["zh"] and check["en"] for check in document["checks"])


def test_every_reason_is_reached_by_a_case() -> None:
    reached = {case.code for case in CASES.values()} | {
        "status_list_invalid",
        "status_list_other",
        "crl_other",
    }
    online = {"status_superseded", "record_unknown", "record_other", "record_not_issued", "number_mismatch"}
    not_given = {"crl_not_given", "type_not_given", "status_not_given", "x509_revoked_later"}
    passing = {code for code in REASONS if code.endswith("_ok") or code.startswith("verdict_")}
    assert set(REASONS) - passing == reached | online | not_given


def test_every_verdict_has_its_sentences_and_every_failure_its_verdict() -> None:
    assert {f"verdict_{result}" for result in Result} <= set(REASONS)
    assert {reason.result for reason in REASONS.values() if reason.result} <= {
        str(result) for result in Result
    }
