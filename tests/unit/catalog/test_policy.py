"""What a catalog entry must be before it is published: each demand with a sample that breaks it."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.catalog.model import Attribute, CatalogEntry, ValidityRule
from chalicelib.catalog.policy import admit
from chalicelib.catalog.type_metadata import type_integrity, type_metadata, vct
from chalicelib.kernel.encoding import Json, parse_object
from chalicelib.kernel.errors import Invalid
from tests.fakes.records import BASE, ENTRY, OTHER_UNIT


def schema(**changes: Any) -> dict[str, Json]:
    whole: dict[str, Json] = {**ENTRY.schema, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def with_property(said: Json, **changes: Any) -> CatalogEntry:
    properties: Json = {"a": said}
    return replace(
        ENTRY,
        attributes=(Attribute("a", "甲", "A"),),
        schema=schema(properties=properties, required=[], **changes),
    )


def test_a_whole_entry_is_admitted() -> None:
    admit(ENTRY)
    admit(with_property({"type": "string", "format": "date"}))
    admit(with_property({"$ref": "#/$defs/x"}, **{"$defs": {"x": {"type": "string"}}}))


BREACHES: dict[str, tuple[CatalogEntry, str]] = {
    "type code": (replace(ENTRY, type_code="x"), "invalid_type_code"),
    "issuing unit": (replace(ENTRY, issuing_units=frozenset({"x"})), "invalid_unit_code"),
    "another authority's code": (
        replace(ENTRY, defining_authority=OTHER_UNIT),
        "type_code_of_other_authority",
    ),
    "retention": (replace(ENTRY, retention_years=19), "retention_too_short"),
    "no object": (replace(ENTRY, schema=schema(type="array")), "schema_not_closed"),
    "open": (replace(ENTRY, schema=schema(additionalProperties=None)), "schema_not_closed"),
    "no properties": (replace(ENTRY, schema=schema(properties=None)), "schema_and_labels_differ"),
    "a label too few": (replace(ENTRY, attributes=ENTRY.attributes[:1]), "schema_and_labels_differ"),
    "a label twice": (
        replace(ENTRY, attributes=(*ENTRY.attributes, ENTRY.attributes[0])),
        "schema_and_labels_differ",
    ),
    "a reserved name": (
        replace(
            ENTRY,
            attributes=(Attribute("holder_name", "a", "b"),),
            schema=schema(properties={"holder_name": {}}),
        ),
        "attribute_name_reserved",
    ),
    "a reference elsewhere": (
        with_property({"$ref": "https://elsewhere.example/x"}),
        "schema_refers_outside",
    ),
    "a dynamic reference elsewhere": (
        with_property({"allOf": [{"$dynamicRef": "x"}]}),
        "schema_refers_outside",
    ),
    "a reference to nothing": (with_property({"$ref": "#/$defs/none"}), "schema_refers_nowhere"),
    "a format nobody checks": (
        with_property({"type": "string", "format": "date-time"}),
        "schema_format_unknown",
    ),
    "no schema": (with_property({"type": "colour"}), "invalid_schema"),
}


@pytest.mark.parametrize(("entry", "code"), BREACHES.values(), ids=BREACHES.keys())
def test_what_is_not_admitted(entry: CatalogEntry, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        admit(entry)


@pytest.mark.parametrize(
    ("rule", "days", "admitted"),
    [
        (ValidityRule(1, 10, open_ended=False), 10, True),
        (ValidityRule(1, 10, open_ended=False), 11, False),
        (ValidityRule(5, None, open_ended=False), 4, False),
        (ValidityRule(5, None, open_ended=False), 5000, True),
        (ValidityRule(1, 10, open_ended=False), None, False),
        (ValidityRule(1, 10, open_ended=True), None, True),
    ],
)
def test_a_validity_rule_counts_both_ends(rule: ValidityRule, days: int | None, admitted: bool) -> None:
    from datetime import date, timedelta

    start = date(2026, 1, 1)
    assert rule.admits(start, None if days is None else start + timedelta(days=days - 1)) is admitted


def test_type_metadata_is_bound_to_its_version_and_labels_every_claim() -> None:
    said = parse_object(type_metadata(ENTRY, BASE))
    assert said["vct"] == vct(BASE, ENTRY.type_code, 1)
    labels: Any = said["claims"]
    assert {"business_address", "items", "holder_name"} <= {claim["path"][0] for claim in labels}
    assert type_integrity(ENTRY, BASE) != type_integrity(replace(ENTRY, version=2), BASE)
    assert type_integrity(ENTRY, BASE) != type_integrity(ENTRY, "https://elsewhere.example")
