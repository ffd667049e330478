"""What a catalog entry must satisfy before it is published."""

from collections.abc import Iterator
from typing import Final

from chalicelib.catalog.model import CatalogEntry
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import UNIT_CODE_LENGTH, type_code, unit_code

MINIMUM_RETENTION_YEARS: Final = 20  # art. 21
# Those that jsonschema checks by itself. Others it passes silently, or checks on a machine that happens to have a package.
FORMATS: Final = frozenset({"date", "email", "idn-email", "ipv4", "ipv6", "regex", "uuid"})
# Names that a claim may not take: they mean something else in an SD-JWT VC, or in our own metadata.
RESERVED: Final = frozenset(
    "iss sub aud exp nbf iat jti vct vct#integrity status cnf _sd _sd_alg ... certificate_identifier type_code"
    " issuing_authority_code issuing_authority_name certificate_name certificate_number type_name issue_date"
    " valid_from valid_until holder_name holder_code holder_code_type holder_code_type_name".split()
)


def admit(entry: CatalogEntry) -> None:
    """Raise Invalid unless the entry can be published."""
    type_code(entry.type_code, "type_code")
    for unit in entry.issuing_units:
        unit_code(unit, "issuing_units")
    if entry.type_code[:UNIT_CODE_LENGTH] != entry.defining_authority:
        raise Invalid("type_code_of_other_authority", "type_code")
    if entry.retention_years < MINIMUM_RETENTION_YEARS:
        raise Invalid("retention_too_short", "retention_years", (str(MINIMUM_RETENTION_YEARS),))
    _admit_schema(entry)


def _admit_schema(entry: CatalogEntry) -> None:
    """The schema is closed and flat: each property one attribute with labels, each its own disclosure."""
    properties = entry.schema.get("properties")
    if entry.schema.get("type") != "object" or entry.schema.get("additionalProperties") is not False:
        raise Invalid("schema_not_closed", "schema")
    names = [attribute.name for attribute in entry.attributes]
    if (
        not isinstance(properties, dict)
        or sorted(properties) != sorted(set(names))
        or len(set(names)) != len(names)
    ):
        raise Invalid("schema_and_labels_differ", "schema")
    if RESERVED.intersection(names):
        raise Invalid("attribute_name_reserved", "attributes")
    if _refers_outside(entry.schema):
        raise Invalid("schema_refers_outside", "schema")
    _check_schema(entry.schema)


def _refers_outside(schema: Json) -> bool:
    """A reference to anything but this document: it would be fetched, and could change under a signature."""
    if isinstance(schema, dict):
        ref = schema.get("$ref", schema.get("$dynamicRef", "#"))
        return not (isinstance(ref, str) and ref.startswith("#")) or any(
            map(_refers_outside, schema.values())
        )
    return isinstance(schema, list) and any(map(_refers_outside, schema))


def _said(schema: Json, word: str) -> Iterator[str]:
    """Every text that stands under this keyword, at any depth."""
    if isinstance(schema, dict):
        found = schema.get(word)
        if isinstance(found, str):
            yield found
        schema = [*schema.values()]
    if isinstance(schema, list):
        for member in schema:
            yield from _said(member, word)


def _check_schema(schema: dict[str, Json]) -> None:
    """A JSON Schema 2020-12 whose formats are checked here and whose references lead somewhere."""
    from jsonschema import Draft202012Validator, SchemaError  # late: 60 ms that most requests need not pay
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Invalid("invalid_schema", "schema") from error
    if not FORMATS.issuperset(_said(schema, "format")):
        raise Invalid("schema_format_unknown", "schema", tuple(sorted(FORMATS)))
    resolver = Registry[Json]().resolver_with_root(DRAFT202012.create_resource(schema))
    try:
        for reference in _said(schema, "$ref"):
            resolver.lookup(reference)
    except Unresolvable as error:
        raise Invalid("schema_refers_nowhere", "schema") from error
