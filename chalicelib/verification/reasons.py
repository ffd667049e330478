"""Every reason code with its sentences; a failed check leads to the verdict named third."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """Sentences in both languages; `result` is the verdict that the code, when failed, leads to."""

    zh: str
    en: str
    result: str = ""


R = Reason
REASONS: Final[dict[str, Reason]] = {
    # verdicts
    "verdict_genuine": R("真实有效。", "Genuine."),
    "verdict_malformed": R("不是电子证照文件,或文件不完整。", "Not a certificate file, or not a whole one."),
    "verdict_altered": R("内容被改动过,不可采信。", "Altered: do not rely on it."),
    "verdict_untrusted": R(
        "签名不是由受信任的签发单位作出。", "Not signed by an issuing unit that you trust."
    ),
    "verdict_unknown": R("无此证照,或编号不符。", "There is no such certificate, or the number is another."),
    "verdict_revoked": R("证照已注销。", "The certificate is revoked."),
    "verdict_superseded": R("证照已被更新的版本取代。", "The certificate is superseded by a newer version."),
    "verdict_expired": R("证照已过有效期。", "The certificate has expired."),
    "verdict_not_yet_valid": R("证照尚未生效。", "The certificate is not valid yet."),
    "verdict_suspended": R("证照已中止,暂不可采信。", "The certificate is suspended: do not rely on it now."),
    "verdict_objection_pending": R("证照正在异议处理中。", "An objection to the certificate is pending."),
    # form
    "form_ok": R("格式完整。", "The form is whole."),
    "malformed_credential": R("不是 SD-JWT 凭证。", "This is not an SD-JWT credential.", "malformed"),
    "key_binding_unexpected": R(
        "带有不应有的持有者绑定。", "It carries a key binding that is not expected.", "malformed"
    ),
    "wrong_header": R(
        "凭证类型或签名算法不符。", "The credential's type or algorithm is another.", "malformed"
    ),
    "missing_claims": R("缺少必备信息。", "Claims that every certificate has are missing.", "malformed"),
    # signature and disclosures
    "signature_ok": R("签名与内容相符。", "The signature fits the content."),
    "signature_invalid": R("签名与内容不符。", "The signature does not fit the content.", "altered"),
    "signature_not_checked": R(
        "无法取得公钥,签名未核。", "Without a public key the signature was not checked."
    ),
    "disclosures_ok": R(
        "所披露的字段均由签发单位签名。", "Every disclosed field is covered by the signature."
    ),
    "disclosure_unsigned": R(
        "存在签名未覆盖的字段。", "A disclosed field is not covered by the signature.", "altered"
    ),
    "disclosure_repeated": R("字段重复。", "A field is disclosed twice.", "altered"),
    "malformed_digests": R(
        "字段摘要的结构有误。", "The digests of the fields are not as they must be.", "malformed"
    ),
    "disclosure_forbidden": R(
        "不得选择性披露的信息被作为可选字段。",
        "What decides about validity was made disclosable.",
        "malformed",
    ),
    # trust
    "chain_ok": R("签名证书由平台根证书签发。", "The signing certificate was issued by the platform root."),
    "chain_missing": R("没有证书链。", "There is no certificate chain.", "untrusted"),
    "chain_untrusted": R(
        "证书链不通向受信任的根证书。", "The chain does not lead to a root that you trust.", "untrusted"
    ),
    "chain_profile": R(
        "签名证书不符合规定用途。", "The signing certificate is not one for certificates.", "untrusted"
    ),
    "chain_not_valid_then": R(
        "签名时签名证书不在有效期内。", "The signing certificate was not valid when it signed.", "untrusted"
    ),
    "issuer_ok": R(
        "颁发机构与签名证书一致。", "The issuing authority is the one that the signing certificate names."
    ),
    "issuer_mismatch": R(
        "颁发机构与签名证书不一致。",
        "The issuing authority is not the one that the signing certificate names.",
        "untrusted",
    ),
    "x509_revocation_ok": R("签名证书未被吊销。", "The signing certificate is not revoked."),
    "x509_revoked": R("签名证书已被吊销。", "The signing certificate is revoked.", "untrusted"),
    "x509_revoked_later": R(
        "签名证书在签发之后才被吊销,签名仍有效。",
        "The signing certificate was revoked after it signed; the signature stands.",
    ),
    "crl_not_given": R("未提供吊销列表。", "No revocation list was given."),
    "crl_stale": R("吊销列表已过期。", "The revocation list is out of date."),
    "crl_other": R(
        "吊销列表不是签发该签名证书的根证书所发布。",
        "The revocation list is not of the root that issued the signing certificate.",
    ),
    "crl_invalid": R("吊销列表不是平台根证书签发。", "The revocation list is not the root's.", "untrusted"),
    # identity and type
    "identifier_ok": R("电子证照标识正确。", "The certificate identifier is right."),
    "identifier_wrong": R("电子证照标识有误。", "The certificate identifier is wrong.", "altered"),
    "type_ok": R("证照类型元数据相符。", "The type metadata is the one that was signed."),
    "type_altered": R(
        "证照类型元数据与签名时不同。", "The type metadata is not the one that was signed.", "altered"
    ),
    "type_not_given": R("未提供证照类型元数据。", "No type metadata was given."),
    # time
    "validity_ok": R("在有效期内。", "Within its validity."),
    "validity_over": R("已过有效期。", "Its validity is over.", "expired"),
    "validity_not_begun": R("尚未生效。", "Its validity has not begun.", "not_yet_valid"),
    "validity_unknown": R("有效期无法读取。", "Its validity could not be read."),
    # status
    "status_ok": R("状态有效。", "Its status is valid."),
    "status_revoked": R("已注销或已被更新。", "Revoked or superseded.", "revoked"),
    "status_superseded": R("已被更新的版本取代。", "Superseded by a newer version.", "superseded"),
    "status_suspended": R("已中止。", "Suspended.", "suspended"),
    "status_objection": R("异议处理中。", "An objection is pending.", "objection_pending"),
    "status_not_given": R(
        "未提供状态列表,当前状态未核。", "No status list was given: its present status was not checked."
    ),
    "status_list_stale": R(
        "状态列表已过期,当前状态未核。", "The status list is out of date: the present status was not checked."
    ),
    "status_list_later": R(
        "状态列表晚于所问时刻,当时的状态未核。",
        "The status list was made after the moment asked about: the status at that time was not checked.",
    ),
    "status_list_invalid": R("状态列表不可信。", "The status list cannot be trusted.", "untrusted"),
    "status_list_other": R(
        "状态列表不是该证照所指的。", "The status list is not the one that the certificate names."
    ),
    # the record, online
    "record_ok": R("与平台记录一致。", "It is the one that the platform's record names."),
    "record_unknown": R("平台没有此证照的记录。", "The platform has no such certificate.", "unknown"),
    "record_other": R("平台记录的是另一份文件。", "The platform's record is of another file.", "altered"),
    "record_not_issued": R("该证照未签发。", "The certificate was not issued.", "unknown"),
    "number_mismatch": R(
        "无此证照,或编号不符。", "There is no such certificate, or the number is another.", "unknown"
    ),
}
