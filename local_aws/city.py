"""A synthetic city: units, staff, three certificate types, holders. No real person, no real number.

Holder numbers carry valid check digits and the sequence 000, which is not given to anybody.
"""

from dataclasses import dataclass
from typing import Any, Final

MUNICIPAL: Final = "11440300MB2F00016J"
MARKET: Final = "11440300MB2F01027X"
HOUSING: Final = "11440300MB2F020389"
LABOUR: Final = "11440300MB2F03049L"
POLICE: Final = "11440300MB2F0405XT"
NANSHAN: Final = "11440305MB2F05060H"
ARCHIVES: Final = "11440300MB2F06071L"
AUDIT: Final = "11440300MB2F070820"


@dataclass(frozen=True, slots=True)
class SeedUnit:
    """A unit, with its business system's client id and its staff: account → (name, posts)."""

    id: str
    name: str
    kinds: tuple[str, ...]
    client_id: str
    staff: dict[str, tuple[str, tuple[str, ...]]]
    district: str = "440300"


UNITS: Final = (
    SeedUnit(MUNICIPAL, "深圳市政务服务和数据管理局(样例)", ("municipal",), "data-bureau-console",
             {"admin.municipal": ("欧阳·管", ("administrator",))}),
    SeedUnit(NANSHAN, "深圳市南山区政务服务数据管理局(样例)", ("district",), "nanshan-console",
             {"admin.nanshan": ("南宫理", ("administrator",))}, "440305"),
    SeedUnit(MARKET, "深圳市市场监督管理局(样例)", ("issuing", "using"), "market-licensing",
             {"market.collector": ("采敏", ("collector",)), "market.reviewer": ("审慎", ("reviewer",)),
              "market.signer": ("签正", ("signer",)), "market.both": ("双岗", ("collector", "reviewer"))}),
    SeedUnit(HOUSING, "深圳市住房和建设局(样例)", ("issuing", "using"), "housing-permits",
             {"housing.collector": ("采建", ("collector",)), "housing.reviewer": ("审筑", ("reviewer",)),
              "housing.signer": ("签建", ("signer",))}),
    SeedUnit(LABOUR, "深圳市人力资源和社会保障局(样例)", ("issuing",), "labour-talent",
             {"labour.collector": ("采才", ("collector",)), "labour.reviewer": ("审才", ("reviewer",)),
              "labour.signer": ("签才", ("signer",))}),
    SeedUnit(POLICE, "深圳市公安局(样例)", ("using",), "police-residence",
             {"police.user": ("用良", ("user",))}),
    SeedUnit(ARCHIVES, "深圳市档案局(样例)", ("archives",), "archives-ingest",
             {"archives.keeper": ("藏之", ("user",))}),
    SeedUnit(AUDIT, "深圳市审计局(样例)", ("auditor",), "audit-desk",
             {"audit.auditor": ("鉴明", ("auditor",))}),
)  # fmt: skip

ISSUERS: Final = (MARKET, HOUSING, LABOUR)


def _attribute(name: str, zh: str, en: str) -> dict[str, str]:
    return {"name": name, "zh": zh, "en": en}


def _text(limit: int, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": limit}


def _schema(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }


FOOD: Final = MARKET + "001"
BUILDING: Final = HOUSING + "001"
TALENT: Final = LABOUR + "001"

TYPES: Final[tuple[dict[str, Any], ...]] = (
    {
        "type_code": FOOD, "name_zh": "食品经营许可证", "name_en": "Food business licence", "kind": "licence",
        "defining_authority": MARKET, "issuing_units": [MARKET],
        "standard": "样例规范 SZ-DZZZ-001(参照 GB/T 36903、食品经营许可和备案管理办法)",
        "scope_of_application": "市场准入、日常监管、招标投标",
        "face_template": "{certificate_name}\n许可证编号 {certificate_number}\n经营者名称 {holder_name}\n经营场所 {business_address}",
        "attributes": [
            _attribute("business_address", "经营场所", "Business address"),
            _attribute("legal_representative", "法定代表人(负责人)", "Legal representative"),
            _attribute("main_business", "主体业态", "Main line of business"),
            _attribute("business_items", "经营项目", "Business items"),
        ],
        "schema": _schema(
            {"business_address": _text(200), "legal_representative": _text(60),
             "main_business": {"enum": ["食品销售经营者", "餐饮服务经营者", "集中用餐单位食堂"]},
             "business_items": {"type": "array", "minItems": 1, "maxItems": 20, "items": _text(60)}},
            ["business_address", "legal_representative", "main_business", "business_items"],
        ),
        "validity": {"min_days": 1, "max_days": 1827, "open_ended": False},
        "holder_code_types": ["001", "111"], "retention_years": 30,
    },
    {
        "type_code": BUILDING, "name_zh": "建筑工程施工许可证", "name_en": "Construction permit", "kind": "approval",
        "defining_authority": HOUSING, "issuing_units": [HOUSING],
        "standard": "样例规范 SZ-DZZZ-002(参照 GB/T 36903、全国一体化在线政务服务平台电子证照 建筑工程施工许可证)",
        "scope_of_application": "施工监管、竣工验收、不动产登记",
        "face_template": "{certificate_name}\n编号 {certificate_number}\n建设单位 {holder_name}\n工程名称 {project_name}",
        "attributes": [
            _attribute("project_name", "工程名称", "Project name"),
            _attribute("project_address", "建设地址", "Project address"),
            _attribute("construction_scale", "建设规模", "Scale of construction"),
            _attribute("contract_price_cny", "合同价格(元)", "Contract price (CNY)"),
            _attribute("contractor", "施工单位", "Contractor"),
        ],
        "schema": _schema(
            {"project_name": _text(200), "project_address": _text(200), "construction_scale": _text(100),
             "contract_price_cny": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
             "contractor": _text(200)},
            ["project_name", "project_address", "construction_scale", "contractor"],
        ),
        "validity": {"min_days": 1, "max_days": None, "open_ended": True},
        "holder_code_types": ["001"], "retention_years": 70,
    },
    {
        "type_code": TALENT, "name_zh": "高层次人才认定结果", "name_en": "High-level talent recognition", "kind": "result",
        "defining_authority": LABOUR, "issuing_units": [LABOUR],
        "standard": "样例规范 SZ-DZZZ-003(参照 GB/T 36903)",
        "scope_of_application": "人才服务、入户、子女入学",
        "face_template": "{certificate_name}\n编号 {certificate_number}\n姓名 {holder_name}\n认定类别 {talent_category}",
        "attributes": [
            _attribute("talent_category", "认定类别", "Category"),
            _attribute("employer", "工作单位", "Employer"),
            _attribute("recognition_date", "认定日期", "Date of recognition"),
        ],
        "schema": _schema(
            {"talent_category": {"enum": ["A类", "B类", "C类"]}, "employer": _text(200),
             "recognition_date": {"type": "string", "format": "date"}},
            ["talent_category", "recognition_date"],
        ),
        "validity": {"min_days": 1, "max_days": 1827, "open_ended": False},
        "holder_code_types": ["111"], "retention_years": 30,
    },
)  # fmt: skip

COMPANY: Final = {"name": "深圳市𠮷祥里餐饮有限公司(样例)", "code": "91440300MA5F0801XU", "code_type": "001"}
PERSON: Final = {"name": "买买提·阿卜杜拉", "code": "440305199003070006", "code_type": "111"}
