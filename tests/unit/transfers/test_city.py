"""What the platform really issues can be handed over: credential, submissions and history as its own use cases left them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.catalog.type_metadata import type_metadata
from chalicelib.certificates.model import State
from chalicelib.kernel.clock import business_date
from chalicelib.kernel.encoding import parse_object, sha256, unb64url
from chalicelib.transfers import layout
from chalicelib.transfers.model import Item, Kept
from cli.transfer import run
from tests.fakes.city import City, found_city
from tests.fakes.records import BASE, ENTRY
from tests.unit.transfers.workshop import SCOPE, Workshop, packed


def item(city: City, workshop: Workshop, identifier: str) -> Item:
    """The certificate with everything that is archived of it, its entries sealed into the workshop's log."""
    record = city.store.certificate(identifier)
    assert record is not None
    places = []
    for entry in city.store.history(identifier):
        workshop.log.entries.append((entry.canonical(), sha256(entry.id.encode())))
        places.append(len(workshop.log.entries) - 1)
    kept = [Kept(one.key.removeprefix(f"certificates/{identifier}/"), city.archive.get(one)) for one in record.submissions]  # fmt: skip
    return Item(
        identifier=identifier,
        state=State.VALID,
        credential=city.credential(identifier).encode(),
        catalog_entry=replace(
            ENTRY, face_template="{certificate_name}\n{holder_name}\n{items}\n{valid_until}"
        ),
        type_metadata=type_metadata(ENTRY, BASE),
        kept=tuple(kept),
        log=tuple(map(workshop.log.logged, places)),
    )


def root_of(credential: bytes) -> bytes:
    header = parse_object(unb64url(credential.split(b".")[0].decode()))
    chain = header["x5c"]
    assert isinstance(chain, list)
    return b"-----BEGIN CERTIFICATE-----\n" + str(chain[-1]).encode() + b"\n-----END CERTIFICATE-----\n"


def test_a_certificate_of_the_platform_is_handed_over_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city, workshop = found_city(), Workshop()
    handed = item(city, workshop, city.issued())
    root = root_of(handed.credential)
    published = city.platform.registry.crl()
    assert published is not None
    day = business_date(city.clock.now())
    scope = replace(SCOPE, first=day, last=day, at=city.clock.now())
    plain = workshop.transfer(scope)
    transfer = replace(
        plain, trust=replace(plain.trust, roots=root, unit_certificates=root, crl=published[1])
    )
    files = dict(layout.files(transfer, [handed]))
    assert "深圳市𠮷祥里餐饮有限公司(样例)" in files[layout.folder(handed.identifier) + layout.FACE].decode()
    packed(files, tmp_path / "out.tar", layout.described(scope))
    (tmp_path / "roots.pem").write_bytes(root)
    assert run(["verify", str(tmp_path / "out.tar"), "--roots", str(tmp_path / "roots.pem"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] >= 3
