"""What can be wrong with a hand-over package, each kind with its sentences; and what was not looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

MOST_KEPT: Final = (
    1000  # findings told one by one; the rest is counted, so that a ruined package needs no more memory
)


class Kind(StrEnum):
    """One kind of fault."""

    UNSAFE = "unsafe"
    DUPLICATE = "duplicate"
    BOMB = "bomb"
    BAG_INVALID = "bag_invalid"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    MISSING = "missing"
    EXTRA = "extra"
    ALTERED = "altered"
    INFO_DIFFERS = "info_differs"
    LISTING_DIFFERS = "listing_differs"
    INCOMPLETE = "incomplete"
    DIGEST_DIFFERS = "digest_differs"
    TRUST_DIFFERS = "trust_differs"
    TRUST_UNREADABLE = "trust_unreadable"
    CREDENTIAL_REJECTED = "credential_rejected"
    CREDENTIAL_DIFFERS = "credential_differs"
    CREDENTIAL_NOT_LOGGED = "credential_not_logged"
    STATE_WRONG = "state_wrong"
    PROOF_UNREADABLE = "proof_unreadable"
    PROOF_REJECTED = "proof_rejected"
    ENTRY_OF_ANOTHER = "entry_of_another"
    CHECKPOINT_UNSIGNED = "checkpoint_unsigned"
    CHECKPOINT_DIFFERS = "checkpoint_differs"


class Sentence(NamedTuple):
    """In both languages."""

    zh: str
    en: str


S = Sentence
SENTENCES: Final[Mapping[Kind, Sentence]] = {
    Kind.UNSAFE: S(
        "名称或类型不安全,未予解包。", "A name or kind of file that no package has: not unpacked."
    ),
    Kind.DUPLICATE: S("同名文件出现两次,未予解包。", "Two files of one name: not unpacked."),
    Kind.BOMB: S("解包后体积异常,未予解包。", "Unpacks to more than any package: not unpacked."),
    Kind.BAG_INVALID: S("不是有效的 BagIt 包。", "Not a valid bag (RFC 8493)."),
    Kind.MANIFEST_UNREADABLE: S("移交清单无法读取。", "The manifest cannot be read."),
    Kind.MISSING: S("清单所列文件缺失。", "A listed file is missing."),
    Kind.EXTRA: S("文件未列入清单。", "A file that is not listed."),
    Kind.ALTERED: S("文件内容被改动。", "A file is not as it was listed."),
    Kind.INFO_DIFFERS: S("包信息与清单不一致。", "bag-info.txt says other than the manifest."),
    Kind.LISTING_DIFFERS: S("CSV 清单与清单不一致。", "manifest.csv says other than the manifest."),
    Kind.INCOMPLETE: S(
        "证照文件不全或错位。",
        "A certificate lacks a file that each has, or lists one that is none of its own.",
    ),
    Kind.DIGEST_DIFFERS: S("不是所指的移交包。", "Not the package that was asked for: another digest."),
    Kind.TRUST_DIFFERS: S(
        "包内信任材料不在所给之列。", "The package brings an anchor or key that you did not name."
    ),
    Kind.TRUST_UNREADABLE: S("包内信任材料无法读取。", "A trust file of the package cannot be read."),
    Kind.CREDENTIAL_REJECTED: S("电子证照核验不通过。", "A credential does not verify."),
    Kind.CREDENTIAL_DIFFERS: S("电子证照与清单不一致。", "A credential is not what the manifest says."),
    Kind.CREDENTIAL_NOT_LOGGED: S(
        "日志所载签发的是另一份电子证照。", "The log says that another credential was issued."
    ),
    Kind.STATE_WRONG: S(
        "移交时状态与有效期矛盾。", "The state at hand-over contradicts the period of validity."
    ),
    Kind.PROOF_UNREADABLE: S("日志证明无法读取。", "A log proof cannot be read."),
    Kind.PROOF_REJECTED: S("日志证明不成立。", "A log proof does not hold for its entry."),
    Kind.ENTRY_OF_ANOTHER: S("日志条目不属于该证照。", "A log entry is about something else."),
    Kind.CHECKPOINT_UNSIGNED: S("检查点签名不成立。", "The checkpoint is not signed by the log's key."),
    Kind.CHECKPOINT_DIFFERS: S(
        "证明所依检查点不同。", "A proof leads to another checkpoint than the package's."
    ),
}

# What a package cannot tell, or was not asked to.
OPEN: Final[Mapping[str, Sentence]] = {
    "roots_not_given": S("未给出信任的根证书(--roots),只核对了包内自洽。", "No --roots: credentials were held against the package's own roots, which a forger could have written."),
    "key_not_given": S("未给出日志公钥(--key),只核对了包内自洽。", "No --key: proofs were held against the package's own log key, which a forger could have written."),
    "digest_not_given": S("未给出移交包摘要(--digest)。", "No --digest: whether this is the package that the platform's log names."),
    "revocation_not_checked": S("部分签名证书未能对照吊销列表。", "Some signing certificates could not be held against the package's CRL: stale, or another root's."),
    "states_not_proven": S("移交时状态由移交方声明。", "States at hand-over are as the source declares them; each change is a log entry."),
    "completeness_not_proven": S("是否应移交而未移交,须与平台日志核对。", "Whether the log has more entries or certificates than were handed over: audit the log for that."),
    "unit_signatures_not_checked": S("提交材料的签名未核。", "The units' signatures on their submissions; faces against their templates."),
}  # fmt: skip
ALWAYS_OPEN: Final = ("states_not_proven", "completeness_not_proven", "unit_signatures_not_checked")


class Finding(NamedTuple):
    """A fault: of which kind, where, and what was seen there."""

    kind: Kind
    place: str
    seen: str = ""


@dataclass(slots=True)
class Report:
    """What a verification found. `findings` holds the first MOST_KEPT, each place once for a kind; `total` counts all."""

    package: str
    transfer: str = ""
    digest: str = ""
    certificates: int = 0
    entries: int = 0
    findings: dict[tuple[Kind, str], Finding] = field(default_factory=dict)
    total: int = 0
    open: tuple[str, ...] = ALWAYS_OPEN

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return self.total == 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Take up what was found."""
        for one in findings:
            if (one.kind, one.place) in self.findings:
                continue
            self.total += 1
            if len(self.findings) < MOST_KEPT:
                self.findings[one.kind, one.place] = one
