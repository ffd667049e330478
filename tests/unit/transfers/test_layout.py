"""What goes into a package, and what is refused before it does."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.certificates.model import State
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.sd_jwt import reduce_to
from chalicelib.transfers import layout
from chalicelib.transfers.listing import HEADINGS, listing
from chalicelib.transfers.manifest import Manifest
from chalicelib.transfers.model import MOST_CERTIFICATES, Item, Kept, NotTransferable, Scope
from tests.fakes.records import ENTRY, ISSUER
from tests.unit.transfers.workshop import FIRST, SAID, SCOPE, SECOND, Workshop, info


def test_a_package_holds_what_the_bureau_needs() -> None:
    paths = [path.removeprefix("data/") for path in Workshop().files()]
    at = f"certificates/{FIRST}/"
    assert paths[:5] == [
        f"trust/{name}"
        for name in ("checkpoint", "crl.der", "log.vkey", "roots.pem", "unit-certificates.pem")
    ]
    assert [path.removeprefix(at) for path in paths if path.startswith(at)] == [
        "credential.sd-jwt", "face.txt", "type-metadata.json", "reviews/0b.json", "submissions/0a.jws",
        "log/entry-1.json", "log/entry-1.proof.json", "log/entry-4.json", "log/entry-4.proof.json",
        "log/entry-7.json", "log/entry-7.proof.json",
    ]  # fmt: skip
    assert paths[-2:] == ["manifest.csv", "manifest.json"]


def test_the_manifest_lists_every_file_and_nobody_s_data() -> None:
    files = Workshop().files()
    text = files[layout.MANIFEST].decode() + files[layout.LISTING].decode()
    manifest = Manifest.parse(files[layout.MANIFEST])
    assert {one.path for one in manifest.listed()} == set(files) - {layout.MANIFEST}
    for name in ("holder_name", "holder_code", "certificate_number", "business_address"):
        assert str(SAID[name]) not in text
    assert [one.identifier for one in manifest.certificates] == [FIRST, SECOND]
    assert (manifest.certificates[0].issue_date, manifest.certificates[0].log) == (
        date(2026, 3, 1),
        (1, 4, 7),
    )


def test_the_list_for_people_opens_in_excel() -> None:
    data = Workshop().files()[layout.LISTING]
    assert data.startswith(b"\xef\xbb\xbf")
    rows = [*csv.reader(data.decode("utf-8-sig").splitlines())]
    assert tuple(rows[0]) == HEADINGS
    assert [row[1] for row in rows[1:]] == [FIRST, SECOND]
    assert rows[1][5] == "有效"
    assert rows[1][-1] == "1、4、7"


def test_no_cell_is_a_formula() -> None:
    manifest = Manifest.parse(Workshop().files()[layout.MANIFEST])
    hostile = replace(manifest, scope=replace(SCOPE, type_name="=HYPERLINK(1)"))
    assert ",'=HYPERLINK(1)," in listing(hostile).decode()
    assert ",'" not in listing(manifest).decode()


def test_bag_info_names_source_period_and_contact() -> None:
    said = info()
    assert said["Source-Organization"] == f"深圳市市场监督管理局(样例) ({ISSUER})"
    assert said["Period-Of-Issue"] == "2026-01-01/2026-03-31"
    assert (said["Bagging-Date"], said["Bag-Count"]) == ("2026-06-01", "1 of 1")
    assert said["Contact-Name"] == "档案室(样例)"
    with pytest.raises(Invalid):
        info(replace(SCOPE, source_name="two\nlines"))


def test_the_bagging_date_is_shenzhen_s() -> None:
    assert (
        info(replace(SCOPE, at=datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)))["Bagging-Date"]
        == "2026-12-31"
    )
    assert info(replace(SCOPE, at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC)))["Bagging-Date"] == "2027-01-01"


Change = Callable[[Workshop, Item], Item]

REFUSED: Mapping[str, tuple[str, Change]] = {
    "another's credential": ("another certificate's", lambda w, i: replace(i, credential=w.credential(SECOND))),
    "another type": ("of another type", lambda w, i: replace(i, credential=w.credential(type_code=ISSUER + "002"))),
    "issued before": ("not issued in", lambda w, i: replace(i, credential=w.credential(hidden={**SAID, "issue_date": "2025-12-31"}))),
    "issued after": ("not issued in", lambda w, i: replace(i, credential=w.credential(hidden={**SAID, "issue_date": "2026-04-01"}))),
    "no date": ("not issued in", lambda w, i: replace(i, credential=w.credential(hidden={**SAID, "issue_date": "soon"}))),
    "a presentation": ("not whole", lambda _, i: replace(i, credential=reduce_to(i.credential.decode(), ["issue_date"]).encode())),
    "no credential": ("cannot be read", lambda _, i: replace(i, credential=b"x")),
    "other metadata": ("type metadata", lambda _, i: replace(i, type_metadata=b"{}")),
    "not issued yet": ("while reviewed", lambda _, i: replace(i, state=State.REVIEWED)),
    "no submission": ("without a submission", lambda _, i: replace(i, kept=())),
    "no history": ("without a log entry", lambda _, i: replace(i, log=())),
    "history backwards": ("out of order", lambda _, i: replace(i, log=i.log[::-1])),
    "an entry twice": ("twice", lambda _, i: replace(i, log=(*i.log, i.log[-1]))),
    "a file twice": ("file twice", lambda _, i: replace(i, kept=(*i.kept, i.kept[0]))),
    "a file outside": ("cannot be called", lambda _, i: replace(i, kept=(*i.kept, Kept("../x", b"")))),
    "a file over ours": ("cannot be called", lambda _, i: replace(i, kept=(*i.kept, Kept("face.txt", b"")))),
    "a file as history": ("cannot be called", lambda _, i: replace(i, kept=(*i.kept, Kept("log/x.json", b"")))),
    "another salt": ("no proof that holds", lambda _, i: replace(i, log=(replace(i.log[0], salt=b"x" * 32),))),
    "another's entry": ("about something else", lambda w, i: replace(i, log=(w.log.logged(0),))),
    "an unknown placeholder": ("unknown placeholder", lambda _, i: replace(i, catalog_entry=replace(ENTRY, face_template="{secret}"))),
}  # fmt: skip


@pytest.mark.parametrize(("said", "change"), REFUSED.values(), ids=REFUSED)
def test_what_the_bureau_would_send_back_is_not_handed_over(said: str, change: Change) -> None:
    workshop = Workshop()
    good, other = workshop.items()
    assert workshop.files([good, other])
    with pytest.raises(NotTransferable, match=said) as refusal:
        workshop.files([change(workshop, good), other])
    assert str(SAID["holder_name"]) not in str(refusal.value)


def test_certificates_come_in_order_and_once() -> None:
    workshop = Workshop()
    first, second = workshop.items()
    for wrong in ([second, first], [first, first]):
        with pytest.raises(NotTransferable, match="out of order"):
            workshop.files(wrong)
    assert MOST_CERTIFICATES == 10_000


@pytest.mark.parametrize(
    "changes",
    [{"id": "../x"}, {"id": ""}, {"first": date(2026, 4, 1)}, {"at": datetime(2026, 6, 1)}, {"part": 2}, {"part": 0}],  # noqa: DTZ001  # a moment without its offset is refused
)  # fmt: skip
def test_a_scope_is_whole(changes: dict[str, object]) -> None:
    with pytest.raises(NotTransferable):
        replace(SCOPE, **changes)  # type: ignore[arg-type]  # any field by its name
    assert isinstance(replace(SCOPE, part=2, parts=2), Scope)


UNREADABLE: Mapping[str, Callable[[dict[str, object]], object]] = {
    "another format": lambda m: m.update(format="x"),
    "an unknown member": lambda m: m.update(more=1),
    "no transfer": lambda m: m.pop("transfer"),
    "files no array": lambda m: m.update(files={}),
    "certificates twice": lambda m: m.update(certificates=[*m["certificates"], *m["certificates"]]),  # type: ignore[misc]  # an array
    "certificates backwards": lambda m: m.update(certificates=m["certificates"][::-1]),  # type: ignore[index]  # an array
}  # fmt: skip


@pytest.mark.parametrize("spoil", UNREADABLE.values(), ids=UNREADABLE)
def test_a_manifest_has_one_spelling(spoil: Callable[[dict[str, object]], object]) -> None:
    data = Workshop().files()[layout.MANIFEST]
    document = json.loads(data)
    assert Manifest.parse(data).canonical() == data
    spoil(document)
    with pytest.raises(ValueError, match=r"manifest|order"):
        Manifest.parse(
            json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "collected"),
        ("issue_date", "1 March"),
        ("log", [-1]),
        ("log", [True]),
        ("type_code", ISSUER + "009"),
    ],
)
def test_a_certificate_s_line_is_read_strictly(name: str, value: object) -> None:
    document = json.loads(Workshop().files()[layout.MANIFEST])
    document["certificates"][0][name] = value
    with pytest.raises(ValueError, match=r"manifest|type"):
        Manifest.parse(
            json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        )


@pytest.mark.parametrize(
    "path",
    ["../x", "/x", "a//b", "a/../b", ".a", "a.", "a\\b", "a b", "照", "a\n", "", "a/" * 9 + "b", "a" * 400],
)
def test_no_path_leads_elsewhere(path: str) -> None:
    assert not layout.is_path(path)
    assert layout.is_path("data/trust/roots.pem")
