"""A small city over fakes: one issuing unit with its system and staff, its type published, ready to act."""

import uuid
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.audit.entry import Actor
from chalicelib.audit.journal import Reply
from chalicelib.catalog.changes import PublishEntry
from chalicelib.certificates.life_cycle import Step
from chalicelib.certificates.submission import TYP
from chalicelib.kernel.encoding import Json, canonical_json, sha256
from chalicelib.signing.jose import compact, public_jwk, signing_input
from chalicelib.units.model import Caller, Person, Post, System, Unit, UnitKind
from chalicelib.usecases.act import Act
from chalicelib.usecases.certify_platform_key import certify_platform_key
from chalicelib.usecases.certify_unit_key import certify_unit_key
from chalicelib.usecases.collect_certificate import collect_certificate
from chalicelib.usecases.establish_root import establish_root
from chalicelib.usecases.issue_certificate import issue_certificate
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Keys, Platform
from chalicelib.usecases.publish_crl import publish_crl
from chalicelib.usecases.register_person import register_person
from chalicelib.usecases.register_system import register_system
from chalicelib.usecases.register_unit import register_unit
from chalicelib.usecases.review_certificate import Decision, review_certificate
from tests.fakes.ambient import SeededEntropy, TickingClock
from tests.fakes.in_memory import FixedBlindIndex, InMemoryArchive, InMemoryStore
from tests.fakes.local_signer import LocalSigner
from tests.fakes.log import in_memory_log
from tests.fakes.packages import in_memory_transfers
from tests.fakes.records import BASE, ENTRY, ISSUER, OTHER_UNIT, TYPE, UNIT
from tests.fakes.staff_identity import ISSUER as OIDC
from tests.fakes.staff_identity import KnownStaff
from tests.fakes.texts import InMemoryTexts

OFFICE = Office(Actor("11440300MB2F00016J", "administrator", person="admin.municipal"), "request-0")
STAFF = {
    "market.collector": {Post.COLLECTOR},
    "market.reviewer": {Post.REVIEWER},
    "market.signer": {Post.SIGNER},
    "market.both": {Post.COLLECTOR, Post.REVIEWER},
}
SYSTEM = "market-licensing"
UNIT_KEY = "unit-key"


@dataclass
class City:
    """The platform over fakes, with the fakes at hand."""

    platform: Platform
    store: InMemoryStore
    archive: InMemoryArchive
    clock: TickingClock
    signer: LocalSigner
    system_key: ec.EllipticCurvePrivateKey

    @property
    def kid(self) -> str:
        return str(public_jwk(self.system_key.public_key())["kid"])

    def act(
        self, person: str | None = None, *, unit: str = ISSUER, key: str | None = None, body: str = ""
    ) -> Act:
        """An act by a member of staff, or by the unit's system."""
        posts = frozenset(STAFF[person]) if person else frozenset({Post.SYSTEM})
        system = None if person else SYSTEM
        caller = Caller(unit, frozenset({UnitKind.ISSUING}), "440300", posts, person, system, None)
        return Act(
            caller,
            str(min(posts)),
            f"request-{uuid.uuid4()}",
            key or str(uuid.uuid4()),
            sha256(body.encode()).hex(),
        )

    def submission(self, **changes: Json) -> str:
        """A submission as the unit's system signs it."""
        members: dict[str, Json] = {
            "iss": SYSTEM,
            "aud": BASE,
            "iat": int(self.clock.now().timestamp()),
            "type_code": TYPE,
            "certificate_number": "JY14403050000001",
            "holder": {
                "name": "深圳市𠮷祥里餐饮有限公司(样例)",
                "code": "91440300MA5F0801XU",
                "code_type": "001",
            },
            "issue_date": "2026-06-01",
            "valid_from": "2026-06-01",
            "valid_until": "2031-05-31",
            "attributes": {"business_address": "南山区粤海街道·1号", "items": ["热食类食品制售"]},
            "collector": "market.collector",
            **changes,
        }
        return self.signed({name: value for name, value in members.items() if value is not None})

    def signed(self, members: dict[str, Json], **header: Json) -> str:
        """Any payload as a JWS by the unit's system."""
        signed = signing_input(
            {"alg": "ES256", "typ": TYP, "kid": self.kid, **header}, canonical_json(members)
        )
        return compact(signed, self.system_key.sign(signed, ec.ECDSA(SHA256())))

    def collected(self, **changes: Json) -> str:
        """The identifier of a fresh collection."""
        return str(collect_certificate(self.platform, self.act(), self.submission(**changes)).body["id"])

    def reviewed(self, **changes: Json) -> str:
        """The identifier of an approved one."""
        identifier = self.collected(**changes)
        self.approve(identifier)
        return identifier

    def approve(self, identifier: str) -> Reply:
        return review_certificate(
            self.platform, self.act("market.reviewer"), identifier, Decision(Step.APPROVE, None)
        )

    def issue(self, identifier: str) -> Reply:
        return issue_certificate(self.platform, self.act("market.signer"), identifier)

    def issued(self, **changes: Json) -> str:
        """The identifier of a valid one."""
        identifier = self.reviewed(**changes)
        self.issue(identifier)
        return identifier

    def credential(self, identifier: str) -> str:
        """Its credential from the archive."""
        record = self.store.certificate(identifier)
        assert record is not None
        assert record.credential is not None
        return self.archive.get(record.credential).decode()


def found_city(signer: LocalSigner | None = None) -> City:
    """A stage established, with one unit."""
    clock = TickingClock()
    signer = signer or LocalSigner()
    store, archive = InMemoryStore(clock.now), InMemoryArchive()
    platform = Platform(
        base_url=BASE,
        keys=Keys("root-key", ("token-key",), "status-key"),
        clock=clock,
        entropy=SeededEntropy(),
        signer=signer,
        journal=store,
        registry=store,
        catalog=store,
        certificates=store,
        blind_index=FixedBlindIndex(),
        statuses=store,
        archive=archive,
        staff=KnownStaff(),
        log=in_memory_log(store),
        transfers=in_memory_transfers(store),
        texts=InMemoryTexts(),
    )
    city = City(platform, store, archive, clock, signer, ec.generate_private_key(ec.SECP256R1()))
    establish_root(platform, OFFICE)
    certify_platform_key(platform, OFFICE, "status")
    publish_crl(platform, OFFICE)
    register_unit(platform, OFFICE, UNIT)
    register_unit(platform, OFFICE, replace(UNIT, id=OTHER_UNIT, name="深圳市住房和建设局(样例)"))
    jwk = {name: str(public_jwk(city.system_key.public_key())[name]) for name in ("kty", "crv", "x", "y")}
    register_system(platform, OFFICE, System(SYSTEM, ISSUER, {city.kid: jwk}))
    for subject, posts in STAFF.items():
        register_person(platform, OFFICE, Person(OIDC, subject, ISSUER, subject, frozenset(posts)))
    certify_unit_key(platform, OFFICE, ISSUER, UNIT_KEY)
    store.commit(
        [PublishEntry(ENTRY)], [OFFICE.entry(platform, "catalog_entry_published", f"catalog/{TYPE}")]
    )
    return city


__all__ = ["City", "Unit", "found_city"]
