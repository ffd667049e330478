"""Bring the synthetic city into a loaded stage, by the same doors that an administrator uses on AWS.

The authority function registers units, systems, staff and certifies keys; the API publishes the catalog. Run twice, it
changes nothing.
"""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.signing.jose import public_jwk
from local_aws.city import ISSUERS, MUNICIPAL, UNITS, SeedUnit


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
