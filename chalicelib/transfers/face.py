"""The face in plain text: a catalog entry's `face_template` filled with what the credential says.

{certificate_name}      the claim of that name; only names, no expressions, and no other brace
"""

import re
from collections.abc import Mapping
from typing import Final

from chalicelib.catalog.model import CatalogEntry
from chalicelib.catalog.type_metadata import METADATA
from chalicelib.kernel.encoding import Json, canonical_json
from chalicelib.transfers.model import NotTransferable

# What a licence without a last day prints there; any other claim that may be absent leaves its place empty.
_ABSENT: Final = {"valid_until": "长期"}
_PART: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}|([{}])")
_WORDS: Final = {True: "是", False: "否", None: ""}


def render(entry: CatalogEntry, claims: Mapping[str, Json]) -> str:
    """The face, ending in a newline. NotTransferable for a placeholder that is no claim of the type, or a stray brace."""
    known = {name for name, *_ in METADATA} | {attribute.name for attribute in entry.attributes}

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name is None or name not in known:
            raise NotTransferable(
                f"the face template of {entry.type_code} has an unknown placeholder: {match[0]}"
            )
        return shown(claims[name]) if name in claims else _ABSENT.get(name, "")

    return _PART.sub(fill, entry.face_template).rstrip("\n") + "\n"


def shown(value: Json) -> str:
    """A claim as people write it: lists with 、 between, objects as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "、".join(map(shown, value))
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return canonical_json(value).decode()
