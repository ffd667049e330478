"""Bring the synthetic city into a loaded stage, by the same doors that an administrator uses on AWS.

The authority function registers units, systems, staff and certifies keys; the API publishes the catalog. Run twice, it
changes nothing.
"""

import json
import os
from dataclasses import dataclass
from typing import Any, Final

import boto3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.signing.jose import public_jwk
from local_aws.city import ISSUERS, MUNICIPAL, TYPES, UNITS, SeedUnit
from local_aws.client import Client, staff_client
from local_aws.stage import NAME, LocalStage, described

SCHEDULED: Final = {
    "version": "0", "account": "", "region": "", "detail": {}, "detail-type": "Scheduled Event", "source": "aws.events",
    "time": "", "id": "", "resources": [],
}  # fmt: skip


class SeedRefused(RuntimeError):
    """The stage refused a step of the seeding."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A unit's business system: its client id and private key, as its owner would hold them."""

    unit: SeedUnit
    key: ec.EllipticCurvePrivateKey

    @property
    def kid(self) -> str:
        """The registered key's id."""
        return str(public_jwk(self.key.public_key())["kid"])

    @property
    def private_pem(self) -> str:
        """PKCS #8."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode("ascii")


class Authority:
    """The stage's authority function, invoked as an administrator does."""

    def __init__(self, function: str) -> None:
        self._client, self._function = boto3.client("lambda"), function

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Run a command; SeedRefused with the function's own words when it fails."""
        operator = {"unit": MUNICIPAL, "person": "admin.municipal"}
        payload = json.dumps({"command": command, "operator": operator, **arguments}).encode()
        answer = self._client.invoke(FunctionName=self._function, Payload=payload)
        document: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise SeedRefused(f"{command}: {document}")
        return document


def seed_units(authority: Authority, stage: str) -> list[Credentials]:
    """Everybody there is, with fresh system keys; issuing units get X.509 certificates on their KMS keys."""
    authority.do("establish")
    found = []
    for unit in UNITS:
        credentials = Credentials(unit, ec.generate_private_key(ec.SECP256R1()))
        _register(authority, credentials)
        if unit.id in ISSUERS:
            authority.do("certify_unit_key", unit=unit.id, key=_unit_key(stage, unit.id))
        found.append(credentials)
    return found


def _unit_key(stage: str, unit: str) -> str:
    """The ARN behind the alias that the stage's template gave the unit's key."""
    described = boto3.client("kms").describe_key(KeyId=f"alias/zhengzhao-{stage}-unit-{unit}")
    return described["KeyMetadata"]["Arn"]


def _register(authority: Authority, credentials: Credentials) -> None:
    unit = credentials.unit
    described = {"id": unit.id, "name": unit.name, "kinds": list(unit.kinds), "district": unit.district}
    authority.do("register_unit", unit=described)
    jwk = {
        name: value
        for name, value in public_jwk(credentials.key.public_key()).items()
        if name not in ("alg", "use")
    }
    system = {"client_id": unit.client_id, "unit": unit.id, "keys": {credentials.kid: jwk}}
    authority.do("register_system", system=system)
    for subject, (name, posts) in unit.staff.items():
        person = {"subject": subject, "unit": unit.id, "name": name, "posts": list(posts)}
        authority.do("register_person", person=person)


def publish_types(admin: Client) -> None:
    """The city's types, by the municipal administrator, through the API."""
    for entry in TYPES:
        if admin.get(f"/v1/catalog/{entry['type_code']}").status == 200:
            continue
        answer = admin.post("/v1/catalog", entry)
        if answer.status != 201:
            raise SeedRefused(answer.body.decode())


def sandbox(stage: LocalStage, credentials: list[Credentials]) -> dict[str, Any]:
    """All that a stranger's client needs to use every endpoint."""
    units = {
        one.unit.id: {
            "name": one.unit.name,
            "kinds": list(one.unit.kinds),
            "district": one.unit.district,
            "client_id": one.unit.client_id,
            "key_id": one.kid,
            "private_key_pem": one.private_pem,
            "staff": {
                subject: {"name": name, "posts": list(posts)}
                for subject, (name, posts) in one.unit.staff.items()
            },
        }
        for one in credentials
    }
    return {**described(stage), "types": [entry["type_code"] for entry in TYPES], "units": units}


def seed(stage: LocalStage) -> tuple[dict[str, Any], list[Credentials]]:
    """A city in the stage: (sandbox description, systems' credentials)."""
    credentials = seed_units(Authority(os.environ["ZHENGZHAO_FUNCTION_AUTHORITY"]), NAME)
    audience = stage.loaded.environment["ZHENGZHAO_OIDC_AUDIENCE"]
    publish_types(staff_client(stage.base_url, stage.oidc_issuer, audience, "admin.municipal"))
    stage.functions.invoke(f"zhengzhao-{NAME}-publish_on_schedule", SCHEDULED)
    return sandbox(stage, credentials), credentials
