"""The public SD-JWT VC Type Metadata of a catalog entry: labels for every claim, in Chinese and English.

The bytes are canonical JSON, a pure function of the published version and the base URL: `vct#integrity` holds for ever.
"""

from typing import Final

from chalicelib.catalog.model import CatalogEntry
from chalicelib.kernel.encoding import Json, canonical_json, integrity

# GB/T 36903 metadata under English names, with their Chinese labels (docs/standards in the README's terms).
METADATA: Final = (
    ("certificate_identifier", "电子证照标识", "Certificate identifier", False),
    ("type_code", "证照类型代码", "Certificate type code", False),
    ("issuing_authority_code", "证照颁发机构代码", "Issuing authority code", False),
    ("type_name", "证照类型名称", "Certificate type name", True),
    ("certificate_name", "证照名称", "Certificate name", True),
    ("certificate_number", "证照编号", "Certificate number", True),
    ("issuing_authority_name", "证照颁发机构", "Issuing authority", True),
    ("issue_date", "证照颁发日期", "Issue date", True),
    ("holder_name", "持证主体", "Holder", True),
    ("holder_code", "持证主体代码", "Holder code", True),
    ("holder_code_type", "持证主体代码类型代码", "Holder code type", True),
    ("valid_from", "证照有效期起始日期", "Valid from", True),
    ("valid_until", "证照有效期截止日期", "Valid until", True),
)


def vct(base_url: str, type_code: str, version: int) -> str:
    """The type's public URL."""
    return f"{base_url}/v1/vct/{type_code}/{version}"


def _claim(name: str, zh: str, en: str, *, disclosable: bool) -> Json:
    return {
        "path": [name],
        "display": [_shown("zh-CN", zh), _shown("en-US", en)],
        "sd": "always" if disclosable else "never",
    }


def _shown(locale: str, label: str) -> Json:
    # Drafts up to 10 call the language tag `lang`, later ones `locale`; readers ignore the one they do not know.
    return {"lang": locale, "locale": locale, "label": label, "name": label}


def type_metadata(entry: CatalogEntry, base_url: str) -> bytes:
    """The bytes served at the entry's `vct`."""
    claims = [_claim(name, zh, en, disclosable=sd) for name, zh, en, sd in METADATA]
    claims += [_claim(field.name, field.zh, field.en, disclosable=True) for field in entry.attributes]
    document: dict[str, Json] = {
        "vct": vct(base_url, entry.type_code, entry.version),
        "name": entry.name_zh,
        "description": f"{entry.name_en}. {entry.standard}",
        "display": [_shown("zh-CN", entry.name_zh), _shown("en-US", entry.name_en)],
        "claims": claims,
    }
    return canonical_json(document)


def type_integrity(entry: CatalogEntry, base_url: str) -> str:
    """What `vct#integrity` says about those bytes."""
    return integrity(type_metadata(entry, base_url))
