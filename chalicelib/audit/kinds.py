"""Every kind of log entry there is: what it says, about which object, with which details (art. 21).

`Entry` refuses to be made of any other kind, or with a detail that its kind does not declare, so a new act begins with a
row here. `docs/entry-kinds.md` is generated from this table; `cli/questions/kinds.view.sql` agrees with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Class: TypeAlias = Literal[
    "certificate", "seeing", "sign-in", "administration", "publication", "transfer", "audit"
]

# What each class is, for who reads the documentation.
CLASSES: Final[dict[Class, str]] = {
    "certificate": "a step in a certificate's life",
    "seeing": "somebody saw certificate data",
    "sign-in": "somebody asked for an access token",
    "administration": "what the platform, its units and its keys are",
    "publication": "what strangers rely on was made anew",
    "transfer": "certificates handed over to an archive",
    "audit": "somebody read the log itself",
}

# A detail means the same in every kind that carries it. None is ever personal data of a holder.
FIELDS: Final[dict[str, str]] = {
    "act_sha256": "SHA-256 of the archived act, which says why",
    "active": "whether it may be used from now on",
    "certificate": "identifier of the certificate that stood in the way",
    "certificates": "how many certificates",
    "client_id": "the system's client id",
    "code": "why it was refused: a code of the problem documents",
    "collector": "account of the person who answers for the collection",
    "count": "how many were given out, or erased",
    "counts": "how many slots have each status other than valid",
    "credential_sha256": "SHA-256 of the archived credential",
    "decision": "approve, return or reject",
    "digests": "SHA-256 of each part of the package",
    "district": "code of the unit's administrative division",
    "field": "the member of the request that was at fault",
    "filters": "what was asked for: names and values of the filters",
    "first": "the first day of the period",
    "identifier": "the transfer's identifier",
    "index": "place in the log",
    "integrity": "integrity of the type metadata (SRI)",
    "key": "where in the archive it lies",
    "keys": "ids of the system's public keys",
    "kinds": "what kinds of unit it is",
    "last": "the last day of the period",
    "number": "the list's number",
    "part": "which of the packages",
    "parts": "of how many parts the package is",
    "posts": "the posts that the person holds",
    "precertificate_sha256": "SHA-256 of what was approved for signing",
    "reason": "one of RFC 5280's reasons",
    "review_sha256": "SHA-256 of the archived review, which says why",
    "revoked": "how many certificates the list names",
    "role": "what the key signs: root, status or unit",
    "serial": "serial number of the X.509 certificate, hex",
    "serials": "serial numbers of the X.509 certificates, hex",
    "sha256": "SHA-256 of what was made",
    "subject": "account of the person at the staff's identity provider",
    "submission_sha256": "SHA-256 of the archived submission",
    "successor": "identifier of the certificate that replaces it",
    "supersedes": "identifier of the certificate that it will replace",
    "type_code": "the type of certificate",
    "version": "the version published",
    "x509_serial": "serial number of the signing certificate, hex",
}
REFUSAL: Final = frozenset({"code", "field"})

CERTIFICATE: Final = "<certificate identifier>"
UNIT: Final = "unit/<USCC>"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `object` is the form of what it is about; a refusal may instead be filed under the caller's unit.

    `signs` says that the act signs, so that the entry names the KMS `key`; `refusals` whether one may be logged.
    """

    name: str
    class_: Class
    zh: str
    en: str
    object: str
    details: frozenset[str] = frozenset()
    refusals: bool = True
    signs: bool = False


def _kind(  # noqa: PLR0913  # one row of the table below
    class_: Class,
    name: str,
    zh: str,
    en: str,
    obj: str,
    details: str = "",
    *,
    refusals: bool = True,
    signs: bool = False,
) -> Kind:
    return Kind(name, class_, zh, en, obj, frozenset(details.split()), refusals, signs)


CATALOG: Final[tuple[Kind, ...]] = (
    _kind("certificate", "certificate_collected", "采集", "A submission was collected", CERTIFICATE,
          "submission_sha256 collector"),
    _kind("certificate", "certificate_corrected", "补正", "A returned collection was corrected", CERTIFICATE,
          "submission_sha256 collector"),
    _kind("certificate", "certificate_reviewed", "审核", "A collection was approved, returned or rejected",
          CERTIFICATE, "decision review_sha256 precertificate_sha256"),
    _kind("certificate", "certificate_issued", "签发", "A certificate was signed and became valid", CERTIFICATE,
          "credential_sha256 x509_serial", signs=True),
    _kind("certificate", "certificate_supersession_collected", "采集更新", "The next version was collected",
          CERTIFICATE, "submission_sha256 collector supersedes"),
    _kind("certificate", "certificate_superseded", "更新", "A certificate was replaced by its successor",
          CERTIFICATE, "successor", refusals=False),
    _kind("certificate", "certificate_suspended", "中止", "A certificate was suspended", CERTIFICATE, "act_sha256"),
    _kind("certificate", "certificate_reinstated", "恢复", "A suspension ended", CERTIFICATE, "act_sha256"),
    _kind("certificate", "certificate_revoked", "注销", "A certificate was revoked", CERTIFICATE, "act_sha256"),
    _kind("seeing", "certificate_read", "查看证照", "A certificate was read by its own unit", CERTIFICATE),
    _kind("seeing", "certificate_history_read", "查看证照历史", "A certificate's log entries were read",
          CERTIFICATE),
    _kind("sign-in", "token_granted", "登录", "An access token was granted", UNIT, refusals=False, signs=True),
    _kind("sign-in", "token_refused", "登录被拒", "A known system's sign-in was refused", UNIT),
    _kind("administration", "unit_registered", "登记单位", "A unit was registered or changed", UNIT,
          "kinds district active"),
    _kind("administration", "person_registered", "登记人员", "A member of staff was registered or changed", UNIT,
          "subject posts active"),
    _kind("administration", "system_registered", "登记系统", "A business system was registered or changed", UNIT,
          "client_id keys active"),
    _kind("administration", "catalog_entry_published", "发布目录", "A version of a type of certificate was published",
          "catalog/<type code>", "version integrity"),
    _kind("administration", "root_established", "建立根证书", "The platform's root was made", "unit/platform",
          "serial role sha256", signs=True),
    _kind("administration", "platform_key_certified", "认证平台密钥", "A key of the platform's own was certified",
          "unit/platform", "serial role sha256", signs=True),
    _kind("administration", "unit_key_certified", "认证单位密钥", "A unit's key was certified", UNIT,
          "serial role sha256", signs=True),
    _kind("administration", "unit_certificate_rotated", "更换单位证书", "A unit's key was replaced by another", UNIT,
          "serial role sha256", signs=True),
    _kind("administration", "unit_certificate_revoked", "撤销单位证书", "Certificates of a unit's key were revoked",
          UNIT, "serials reason"),
    _kind("administration", "status_generation_opened", "启用状态列表", "A new generation of status lists was opened",
          "status-generation/<number>", refusals=False),
    _kind("administration", "subject_erased", "删除个人信息", "Texts about a person were erased beside the log",
          "subject/<blind index>", "count"),
    _kind("publication", "status_list_published", "发布状态列表", "A status list was signed",
          "status-list/<list>", "version sha256 counts", refusals=False, signs=True),
    _kind("publication", "status_list_archived", "归档状态列表", "A status list was archived for the day",
          "status-list-day/<list>/<date>", "sha256 key", refusals=False),
    _kind("publication", "crl_published", "发布撤销列表", "The CRL of the units' signing certificates was signed",
          "crl", "number sha256 revoked", signs=True),
    _kind("transfer", "transfer_requested", "申请移交", "A hand-over was asked for", "transfer/<identifier>",
          "identifier type_code first last"),
    _kind("transfer", "transfer_part_prepared", "移交分包", "One of its packages was archived", "transfer/<identifier>",
          "identifier type_code first last part certificates sha256", refusals=False),
    _kind("transfer", "transfer_prepared", "移交就绪", "All of its packages were archived", "transfer/<identifier>",
          "identifier type_code first last parts certificates digests", refusals=False),
    _kind("transfer", "transfer_refused", "移交失败", "A hand-over could not be made", "transfer/<identifier>",
          "identifier type_code first last code certificate", refusals=False),
    _kind("transfer", "transfers_listed", "查阅移交清单", "The list of hand-overs was read", "transfers", "count"),
    _kind("transfer", "transfer_read", "领取移交", "A hand-over package was fetched", "transfer/<identifier>",
          "identifier type_code first last parts certificates digests"),
    _kind("audit", "audit_entries_read", "查阅日志", "Entries of the log were read by an auditor", "log",
          "filters index count"),
    _kind("audit", "audit_entry_proven", "证明日志", "An entry's proof of inclusion was given to an auditor", "log",
          "filters index count"),
)  # fmt: skip

KINDS: Final = {kind.name: kind for kind in CATALOG}


def admit(kind: str, outcome: str, details: Collection[str], key: str | None) -> None:
    """ValueError when no entry of that kind may look so. Cheap: every act of the platform passes here."""
    known = KINDS.get(kind)
    if known is None:
        raise ValueError(f"{kind} is not in the catalog of entry kinds")
    refused = outcome == "refused"
    if refused and not known.refusals:
        raise ValueError(f"{kind} is never refused")
    if key is not None and not known.signs:
        raise ValueError(f"{kind} signs nothing")
    if details:
        undeclared = set(details) - known.details
        if undeclared and not (refused and undeclared <= REFUSAL):
            raise ValueError(f"{kind} declares no detail {', '.join(sorted(undeclared))}")


def document() -> str:
    """The table as `docs/entry-kinds.md`."""
    lines = [
        "# Kinds of entry",
        "",
        "Generated by `make vectors` from `chalicelib/audit/kinds.py`; the form of an entry is in [log.md](log.md).",
        "A refusal has `code`, and `field` where one was at fault; before the object is known it is filed under",
        "`unit/<USCC>` of the caller. *Refused* and *signs* say whether entries with outcome `refused`, and with `key`, exist.",
    ]
    for class_, word in CLASSES.items():
        rows = [_row(kind) for kind in CATALOG if kind.class_ == class_]
        head = [
            "| Kind | 说明 | What happened | Object | Details | Refused | Signs |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += ["", f"## {class_}: {word}", "", *head, *rows]
    lines += ["", "## Details", "", "| Name | What |", "|---|---|"]
    lines += [f"| `{name}` | {word} |" for name, word in sorted(FIELDS.items())]
    return "\n".join(lines) + "\n"


def _row(kind: Kind) -> str:
    details = ", ".join(f"`{name}`" for name in sorted(kind.details))
    yes = {True: "yes", False: ""}
    return (
        f"| `{kind.name}` | {kind.zh} | {kind.en} | `{kind.object}` | {details} "
        f"| {yes[kind.refusals]} | {yes[kind.signs]} |"
    )
