"""A draft that keeps every rule, and for each rule drafts that break it: the good one with one thing changed."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.catalog.model import Attribute, CatalogEntry
from chalicelib.catalog.type_metadata import type_integrity
from chalicelib.certificates.claims import Facts, claims
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.model import State
from chalicelib.kernel.encoding import Json
from chalicelib.signing.x509_profile import jose_header
from chalicelib.status.model import LIST_SIZE, Slot
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, ROOT
from tests.fakes.ambient import NOON, SeededEntropy
from tests.fakes.authority import LocalAuthority
from tests.fakes.records import BASE, ENTRY, IDENTIFIER, ISSUER, OTHER_UNIT, UNIT, record

GONE: Json = {"gone": True}  # in a change: the member is taken out


def good() -> Draft:
    """What `prepare` hands to the rules, made of the same parts."""
    authority = LocalAuthority()
    leaf, root = (one.public_bytes(Encoding.DER) for one in (authority.leaf(), authority.root))
    ends = authority.root.not_valid_after_utc
    x509 = UnitCertificate(ISSUER, "01", "unit", leaf, NOON, ends)
    anchor = UnitCertificate(PLATFORM, "02", "root", root, NOON, ends, role=ROOT)
    facts = Facts(record(State.REVIEWED), ENTRY, UNIT, x509, anchor, Slot("1-07", 4711), BASE, NOON)
    said, entropy = claims(facts), SeededEntropy()
    return Draft(
        header={**jose_header(leaf, root), "alg": "ES256", "typ": "dc+sd-jwt"},
        visible=said.visible,
        disclosed=said.disclosed,
        salts=[entropy.token(16) for _ in said.disclosed],
        entry=ENTRY,
        issuer=ISSUER,
        base_url=BASE,
        now=NOON,
    )


GOOD = good()


@dataclass(frozen=True)
class Breach:
    """One change to the good draft, the rule that it breaks, and others that cannot but break with it."""

    rule: str
    what: str
    header: Mapping[str, Json] = field(default_factory=dict)
    visible: Mapping[str, Json] = field(default_factory=dict)
    disclosed: Mapping[str, Json] = field(default_factory=dict)
    entry: CatalogEntry = ENTRY
    issuer: str = ISSUER
    salts: Sequence[bytes] | None = None
    also: tuple[str, ...] = ()
    bound: bool = True  # to the entry as it is in this breach

    def draft(self) -> Draft:
        """The good draft with this change; an added claim gets a salt of its own."""
        disclosed = changed(GOOD.disclosed, self.disclosed)
        binding: dict[str, Json] = {"vct#integrity": type_integrity(self.entry, BASE)} if self.bound else {}
        return replace(
            GOOD,
            header=changed(GOOD.header, self.header),
            visible=changed(GOOD.visible, {**binding, **self.visible}),
            disclosed=disclosed,
            salts=salted(len(disclosed)) if self.salts is None else self.salts,
            entry=self.entry,
            issuer=self.issuer,
        )


def salted(count: int, size: int = 16) -> list[bytes]:
    """So many salts, no two alike."""
    return [SeededEntropy(number).token(size) for number in range(count)]


def changed(members: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """The members with these changed, added or taken out."""
    return {name: value for name, value in {**members, **changes}.items() if value is not GONE}


def with_attribute(schema: dict[str, Json]) -> CatalogEntry:
    """The entry with one more attribute, `extra`."""
    properties = ENTRY.schema["properties"]
    assert isinstance(properties, dict)
    closed: dict[str, Json] = {**ENTRY.schema, "properties": {**properties, "extra": schema}}
    return replace(ENTRY, attributes=(*ENTRY.attributes, Attribute("extra", "附加", "Extra")), schema=closed)


ANYTHING = with_attribute({})
SLOT: dict[str, Json] = {"idx": 4711, "uri": f"{BASE}/v1/status-lists/1-07"}
VCT = f"{BASE}/v1/vct/{ENTRY.type_code}"


def status(**changes: Json) -> dict[str, Json]:
    """The visible claims' change that refers to the status list otherwise."""
    return {"status": {"status_list": changed(SLOT, changes)}}


def identifier(old: str, new: str) -> dict[str, Json]:
    assert old in IDENTIFIER
    return {"certificate_identifier": IDENTIFIER.replace(old, new)}


BREACHES = (
    Breach("attributes_valid", "a required attribute is missing", disclosed={"items": GONE}),
    Breach("attributes_valid", "an attribute of another type", disclosed={"items": "热食类食品制售"}),
    Breach(
        "attributes_valid",
        "a format that does not hold",
        disclosed={"extra": "20260601"},
        entry=with_attribute({"type": "string", "format": "date"}),
    ),
    Breach(
        "attributes_valid",
        "a format that nobody can check",
        disclosed={"extra": "P1D"},
        entry=with_attribute({"type": "string", "format": "duration"}),
    ),
    Breach(
        "attributes_valid",
        "a schema that refers nowhere",
        disclosed={"extra": "x"},
        entry=with_attribute({"$ref": "#/$defs/nowhere"}),
    ),
    Breach("claims_known", "a claim that no schema knows", disclosed={"nickname": "阿祥"}),
    Breach("header_complete", "another type", header={"typ": "vc+sd-jwt"}),
    Breach("header_complete", "another algorithm", header={"alg": "none"}),
    Breach("header_complete", "no key id", header={"kid": GONE}),
    Breach("header_complete", "an empty key id", header={"kid": ""}),
    Breach("header_complete", "no chain", header={"x5c": GONE}),
    Breach("header_complete", "a chain without its root", header={"x5c": ["AAAA"]}),
    Breach("header_complete", "a chain in base64url", header={"x5c": ["AAAA", "AAAA-_-_"]}),
    Breach("header_complete", "a member that nobody asked for", header={"jku": "https://evil.example"}),
    Breach(
        "holder_code_check", "a wrong check digit of 001", disclosed={"holder_code": "91440300MA5F0801XW"}
    ),
    Breach(
        "holder_code_check",
        "a wrong check digit of 111",
        disclosed={"holder_code": "440305199003070005", "holder_code_type": "111"},
    ),
    Breach(
        "holder_code_check",
        "no code",
        disclosed={"holder_code": GONE},
        also=("holder_present",),
    ),
    Breach(
        "holder_code_type_allowed",
        "a type that the entry does not admit",
        disclosed={"holder_code_type": "414"},
    ),
    Breach("holder_present", "no name", disclosed={"holder_name": GONE}),
    Breach("holder_present", "a name of spaces", disclosed={"holder_name": "  "}),
    Breach(
        "identifier_check",
        "another check character",
        visible={"certificate_identifier": IDENTIFIER[:-1] + "?"},
    ),
    Breach("identifier_check", "a serial altered under its check", visible=identifier("0A1B", "1A1B")),
    Breach(
        "identifier_check",
        "none at all",
        visible={"certificate_identifier": GONE},
        also=("identifier_matches",),
    ),
    Breach(
        "identifier_matches",
        "another unit's identifier",
        issuer=OTHER_UNIT,
        also=("issuer_entitled", "issuer_named"),
    ),
    Breach("identifier_matches", "another type", visible={"type_code": f"{ISSUER}002"}),
    Breach(
        "identifier_matches", "another authority beside it", visible={"issuing_authority_code": OTHER_UNIT}
    ),
    Breach("issue_date_not_future", "tomorrow", disclosed={"issue_date": "2026-06-02"}),
    Breach("issue_date_not_future", "no date", disclosed={"issue_date": "六月一日"}),
    Breach("issue_date_not_future", "a date written otherwise", disclosed={"issue_date": "20260601"}),
    Breach("issued_at_now", "six minutes ago", visible={"iat": int(NOON.timestamp()) - 360}),
    Breach("issued_at_now", "in six minutes", visible={"iat": int(NOON.timestamp()) + 360}),
    Breach("issued_at_now", "no number", visible={"iat": True}),
    Breach(
        "issuer_entitled",
        "not named by the entry",
        entry=replace(ENTRY, issuing_units=frozenset({OTHER_UNIT})),
    ),
    Breach("issuer_named", "another unit's URI", visible={"iss": f"{BASE}/v1/trust/units/{OTHER_UNIT}"}),
    Breach(
        "issuer_named",
        "another platform's URI",
        visible={"iss": f"https://evil.example/v1/trust/units/{ISSUER}"},
    ),
    Breach("nothing_personal_visible", "the holder in the open", visible={"holder_name": "深圳市样例"}),
    Breach(
        "nothing_personal_visible",
        "the status withholdable",
        disclosed={"status": {"status_list": dict(SLOT)}},
        also=("claims_known",),
    ),
    Breach("number_present", "no number", disclosed={"certificate_number": GONE}),
    Breach("number_present", "a blank number", disclosed={"certificate_number": " "}),
    Breach("number_present", "a number too long", disclosed={"certificate_number": "9" * 101}),
    Breach("salts_strong", "salts of 120 bits", salts=salted(len(GOOD.disclosed), 15)),
    Breach("salts_strong", "the same salt twice", salts=[*salted(len(GOOD.disclosed) - 1), salted(1)[0]]),
    Breach("salts_strong", "one disclosure without", salts=salted(len(GOOD.disclosed) - 1)),
    Breach(
        "size_bounded",
        "a header of more than 8 KiB",
        header={"x5c": [base64.b64encode(bytes(3100)).decode()] * 2},
    ),
    Breach(
        "size_bounded",
        "a credential of more than 48 KiB",
        disclosed={"extra": ["长" * 3000] * 5},
        entry=ANYTHING,
    ),
    Breach("state_secret_mark", "marked as GB/T 9704 has it", disclosed={"business_address": "机密★10年"}),
    Breach("state_secret_mark", "deep within", disclosed={"extra": [{"a": ["秘密★长期"]}]}, entry=ANYTHING),
    Breach("status_referenced", "no reference", visible={"status": GONE}),
    Breach("status_referenced", "no list", visible=status(uri=GONE)),
    Breach(
        "status_referenced",
        "another platform's list",
        visible=status(uri="https://evil.example/v1/status-lists/1-07"),
    ),
    Breach("status_referenced", "a list without a name", visible=status(uri=f"{BASE}/v1/status-lists/")),
    Breach("status_referenced", "one beyond the last", visible=status(idx=LIST_SIZE)),
    Breach("status_referenced", "before the first", visible=status(idx=-1)),
    Breach("status_referenced", "no number", visible=status(idx=True)),
    Breach("text_printable", "a control character", disclosed={"business_address": "南山\u0000区"}),
    Breach("text_printable", "a bidirectional override", disclosed={"holder_name": "深圳\u202e市"}),
    Breach("text_printable", "in a member's name", disclosed={"extra": {"a\u0007": 1}}, entry=ANYTHING),
    Breach("times_match", "valid a second longer", visible={"exp": int(str(GOOD.visible["exp"])) + 1}),
    Breach("times_match", "valid for ever", visible={"exp": GONE}),
    Breach("times_match", "valid from a second earlier", visible={"nbf": int(str(GOOD.visible["nbf"])) - 1}),
    Breach("type_bound", "another version", visible={"vct": f"{VCT}/2"}),
    Breach("type_bound", "no integrity", visible={"vct#integrity": GONE}),
    Breach(
        "type_bound",
        "the integrity of something else",
        entry=replace(ENTRY, name_en="Another licence"),
        bound=False,
    ),
    Breach(
        "validity_admitted",
        "longer than the entry admits",
        disclosed={"valid_until": "2031-06-02"},
        also=("times_match",),
    ),
    Breach("validity_admitted", "without an end", disclosed={"valid_until": GONE}, also=("times_match",)),
    Breach(
        "validity_not_past",
        "over yesterday",
        disclosed={"valid_from": "2026-05-01", "valid_until": "2026-05-31"},
        also=("times_match",),
    ),
    Breach(
        "validity_ordered",
        "ends before it begins",
        disclosed={"valid_from": "2031-06-01"},
        also=("times_match", "validity_admitted"),
    ),
    Breach(
        "validity_ordered",
        "an end that is no date",
        disclosed={"valid_until": "长期"},
        also=("times_match", "validity_admitted"),
    ),
    Breach("values_exact", "in the open", visible={"exp": 2**60}, also=("size_bounded", "times_match")),
    Breach(
        "values_exact",
        "a number that floats lose",
        disclosed={"extra": 2**53},
        entry=ANYTHING,
        also=("size_bounded",),
    ),
    Breach(
        "values_exact", "infinity", disclosed={"extra": float("inf")}, entry=ANYTHING, also=("size_bounded",)
    ),
    Breach(
        "values_exact",
        "half a character",
        disclosed={"extra": "\ud842"},
        entry=ANYTHING,
        also=("size_bounded", "text_printable"),
    ),
)
