"""A violating sample for each rule of the profile, caught by that rule and by no other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.x509.oid import NameOID

from chalicelib.signing.x509_lint import RULES, lint_x509
from chalicelib.signing.x509_profile import LEAF_PROFILE, POLICY, ROOT_PROFILE, key_usage, root_name
from tests.fakes.ambient import NOON
from tests.fakes.authority import Extensions, LocalAuthority, extensions_of

Sample = Callable[[LocalAuthority], x509.Certificate]
SECOND = timedelta(seconds=1)
ELSEWHERE = x509.UniformResourceIdentifier("https://zz.example.cn/elsewhere")


@pytest.fixture(scope="module")
def authority() -> LocalAuthority:
    return LocalAuthority()


def lint_leaf(authority: LocalAuthority, leaf: x509.Certificate) -> list[str]:
    return lint_x509(leaf, authority.root, LEAF_PROFILE)


# -- samples: a good leaf with one thing wrong


def named(kind: x509.ObjectIdentifier, value: str) -> Sample:
    """One attribute of the subject says something else."""

    def sample(authority: LocalAuthority) -> x509.Certificate:
        leaf = authority.leaf()
        attributes = [
            x509.NameAttribute(one.oid, value if one.oid == kind else one.value) for one in leaf.subject
        ]
        return authority.rebuilt(leaf, subject=x509.Name(attributes))

    return sample


def living(begins: datetime, ends: datetime) -> Sample:
    return lambda authority: authority.rebuilt(authority.leaf(), begins=begins, ends=ends)


def without(kind: type[x509.ExtensionType]) -> Sample:
    return having(lambda found: [one for one in found if not isinstance(one[0], kind)])


def saying(value: x509.ExtensionType, *, critical: bool = False) -> Sample:
    """An extension has this value in the place of its own."""
    return having(lambda found: [(value, critical) if type(one[0]) is type(value) else one for one in found])


def having(change: Callable[[Extensions], Extensions]) -> Sample:
    def sample(authority: LocalAuthority) -> x509.Certificate:
        leaf = authority.leaf()
        return authority.rebuilt(leaf, extensions=change(extensions_of(leaf)))

    return sample


def uris(*values: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(value) for value in values])


def crl_at(*names: x509.GeneralName) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints([x509.DistributionPoint(list(names), None, None, None)])


def of_version_1(authority: LocalAuthority) -> x509.Certificate:
    leaf = authority.leaf()
    body = asn1.TbsCertificate.load(leaf.tbs_certificate_bytes)
    body["version"] = "v1"
    del body["extensions"]
    return authority.resigned(body.dump(force=True), leaf)


def in_teletex(authority: LocalAuthority) -> x509.Certificate:
    """The place's name as a TeletexString (tag 0x14) instead of a UTF8String (0x0c)."""
    leaf = authority.leaf()
    before, after = leaf.tbs_certificate_bytes.rsplit(b"\x0c\x08Shenzhen", 1)
    return authority.resigned(before + b"\x14\x08Shenzhen" + after, leaf)


def with_the_public_key_of(key: ec.EllipticCurvePrivateKey) -> Sample:
    """The key and its identifier go together, so that only the curve is wrong."""

    def sample(authority: LocalAuthority) -> x509.Certificate:
        public = key.public_key()
        named = saying(x509.SubjectKeyIdentifier.from_public_key(public))(authority)
        return authority.rebuilt(named, public=public)

    return sample


WRONG: dict[str, list[Sample]] = {
    "x509_serial": [lambda authority: authority.rebuilt(authority.leaf(), serial=2**63 - 1)],
    "x509_signature": [lambda authority: authority.rebuilt(authority.leaf(), key="unit")],
    "x509_issuer": [
        lambda authority: authority.rebuilt(authority.leaf(), issuer=x509.Name(list(root_name())[1:]))
    ],
    "x509_validity": [
        living(NOON, NOON.replace(year=NOON.year + 3)),  # notAfter belongs to the life: a second too long
        living(NOON, NOON),
    ],
    "x509_validity_nested": [
        living(NOON - SECOND, NOON + timedelta(days=1)),
        living(datetime(2076, 1, 1, tzinfo=UTC), datetime(2076, 6, 1, 4, tzinfo=UTC)),
    ],
    "x509_place": [
        named(NameOID.LOCALITY_NAME, "Guangzhou"),
        named(NameOID.STATE_OR_PROVINCE_NAME, "Guangxi"),
        named(NameOID.COUNTRY_NAME, "SG"),
        lambda authority: authority.rebuilt(
            authority.leaf(), subject=x509.Name(list(authority.leaf().subject)[1:])
        ),
    ],
    "x509_name_length": [
        named(NameOID.ORGANIZATION_NAME, "深" * 65),
        lambda authority: authority.rebuilt(
            authority.leaf(), subject=x509.Name(list(authority.leaf().subject)[:-1])
        ),
    ],
    "x509_name_encoding": [in_teletex],
    "x509_organization_identifier": [
        named(NameOID.ORGANIZATION_IDENTIFIER, "NTRCN-11440300MB2F010270"),
        named(NameOID.ORGANIZATION_IDENTIFIER, "11440300MB2F01027X"),
    ],
    "x509_key": [with_the_public_key_of(ec.generate_private_key(ec.SECP384R1()))],
    "x509_extensions": [
        saying(key_usage(LEAF_PROFILE), critical=False),
        having(lambda found: [*reversed(found)]),
        having(
            lambda found: [
                *found,
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
            ]
        ),
    ],
    "x509_basic_constraints": [
        without(x509.BasicConstraints),
        saying(x509.BasicConstraints(ca=True, path_length=None), critical=True),
        saying(x509.BasicConstraints(ca=True, path_length=0), critical=True),
    ],
    "x509_key_usage": [without(x509.KeyUsage), saying(key_usage(ROOT_PROFILE), critical=True)],
    "x509_subject_key_identifier": [
        without(x509.SubjectKeyIdentifier),
        saying(x509.SubjectKeyIdentifier(b"\x00" * 20)),
    ],
    "x509_authority_key_identifier": [
        without(x509.AuthorityKeyIdentifier),
        saying(x509.AuthorityKeyIdentifier(b"\x00" * 20, None, None)),
    ],
    "x509_subject_alternative_name": [
        without(x509.SubjectAlternativeName),
        saying(uris("https://zz.example.cn/a", "https://zz.example.cn/b")),
        saying(uris("urn:uscc:11440300MB2F01027X")),
        saying(uris("https:///v1")),
        saying(uris("https://zz.example.cn/v1 2")),
        saying(x509.SubjectAlternativeName([x509.DNSName("zz.example.cn")])),
    ],
    "x509_policies": [
        without(x509.CertificatePolicies),
        saying(x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)])),
        saying(
            x509.CertificatePolicies(
                [
                    x509.PolicyInformation(POLICY, None),
                    x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), None),
                ]
            )
        ),
    ],
    "x509_crl_distribution_points": [
        without(x509.CRLDistributionPoints),
        saying(crl_at(x509.UniformResourceIdentifier("ldap://zz.example.cn/crl"))),
        saying(crl_at(ELSEWHERE, ELSEWHERE)),
        saying(crl_at(x509.DirectoryName(root_name()))),
    ],
}  # fmt: skip


def test_what_the_profile_builds_breaks_no_rule(authority: LocalAuthority) -> None:
    assert lint_leaf(authority, authority.leaf()) == []
    assert lint_x509(authority.root, authority.root, ROOT_PROFILE) == []


@pytest.mark.parametrize(
    ("code", "sample"),
    [pytest.param(code, sample, id=f"{code}-{n}") for code, samples in WRONG.items() for n, sample in enumerate(samples)],
)  # fmt: skip
def test_one_thing_wrong_breaks_one_rule(authority: LocalAuthority, code: str, sample: Sample) -> None:
    assert lint_leaf(authority, sample(authority)) == [code]


def test_rebuilding_alone_breaks_nothing(authority: LocalAuthority) -> None:
    """So that what the samples show is owed to the one thing that they change."""
    leaf = authority.leaf()
    assert lint_leaf(authority, authority.rebuilt(leaf)) == []
    assert lint_leaf(authority, authority.resigned(leaf.tbs_certificate_bytes, leaf)) == []


def test_name_constraints_belong_to_the_root_alone(authority: LocalAuthority) -> None:
    constraints = authority.root.extensions.get_extension_for_class(x509.NameConstraints).value
    leaf = having(lambda found: [*found, (constraints, True)])(authority)
    assert lint_leaf(authority, leaf) == ["x509_extensions", "x509_name_constraints"]
    free = [one for one in extensions_of(authority.root) if not isinstance(one[0], x509.NameConstraints)]
    root = authority.rebuilt(authority.root, public=authority.signer.public_key("root"), extensions=free)
    assert lint_x509(root, root, ROOT_PROFILE) == ["x509_name_constraints"]


def test_version_1_has_no_extensions_to_keep_the_other_rules_with(authority: LocalAuthority) -> None:
    assert lint_leaf(authority, of_version_1(authority))[0] == "x509_version"


def test_another_hash_is_another_algorithm(authority: LocalAuthority) -> None:
    leaf = authority.rebuilt(authority.leaf(), algorithm=SHA384())
    assert lint_leaf(authority, leaf) == ["x509_algorithm", "x509_signature"]


def test_a_leaf_is_no_root_and_a_root_no_leaf(authority: LocalAuthority) -> None:
    assert "x509_basic_constraints" in lint_x509(authority.leaf(), authority.root, ROOT_PROFILE)
    assert "x509_basic_constraints" in lint_x509(authority.root, authority.root, LEAF_PROFILE)


def test_every_rule_has_a_violating_sample_and_a_clause() -> None:
    apart = {"x509_version", "x509_algorithm", "x509_name_constraints"}
    assert {rule.code for rule in RULES} == WRONG.keys() | apart
    assert all(rule.clause.startswith(("RFC ", "ETSI ", "docs/adr/")) for rule in RULES)
