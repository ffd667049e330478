"""The one table that turns refusals into problem documents (RFC 9457): code → status, Chinese and English sentence."""

from dataclasses import dataclass
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import DomainError

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a code means."""

    status: int
    zh: str
    en: str
    oauth: str | None = None  # the `error` member that RFC 6749 §5.2 wants beside it


P = Problem
PROBLEMS: Final[dict[str, Problem]] = {
    # the request's form
    "invalid_json": P(400, "请求体不是合法的 JSON。", "The body is not valid JSON."),
    "invalid_request": P(
        400, "请求不符合接口说明。", "The request does not match its description.", "invalid_request"
    ),
    "missing_field": P(422, "缺少必填字段。", "A required field is missing."),
    "unknown_field": P(422, "存在未知字段。", "There is a field that is not known here."),
    "invalid_date": P(422, "日期应为 YYYY-MM-DD。", "A date must be YYYY-MM-DD."),
    "unprintable_text": P(422, "文本含有不可显示的字符。", "The text has characters that cannot be shown."),
    "inexact_value": P(
        422, "数值超出可精确表示的范围。", "A number is beyond what every reader reads alike."
    ),
    "text_too_long": P(422, "文本过长。", "The text is too long."),
    "unsupported_media_type": P(415, "请使用 application/json。", "Use application/json."),
    "request_too_large": P(413, "请求体过大。", "The request is too large."),
    "not_found": P(404, "没有此资源。", "There is no such resource."),
    "method_not_allowed": P(405, "该资源不支持此方法。", "The resource does not support this method."),
    "idempotency_key_missing": P(400, "请提供 Idempotency-Key 请求头。", "Send an Idempotency-Key header."),
    "idempotency_key_invalid": P(
        400,
        "Idempotency-Key 应为 8 至 128 个可见字符。",
        "An Idempotency-Key has 8 to 128 visible characters.",
    ),
    "idempotency_key_reused": P(
        422, "该 Idempotency-Key 已用于另一请求。", "This Idempotency-Key was used with another request."
    ),
    # who is calling
    "invalid_client": P(
        401, "客户端身份无法确认。", "The client could not be authenticated.", "invalid_client"
    ),
    "assertion_replayed": P(
        401, "该身份断言已被使用。", "This proof of identity was used before.", "invalid_client"
    ),
    "assertion_subject": P(
        401, "断言的主体不符。", "The assertion's issuer or subject is another.", "invalid_client"
    ),
    "assertion_audience": P(
        401, "断言不是给本平台的。", "The assertion is for another audience.", "invalid_client"
    ),
    "assertion_expired": P(401, "断言已过期。", "The assertion has expired.", "invalid_client"),
    "assertion_lives_too_long": P(
        401, "断言有效期超过 5 分钟。", "An assertion lives 5 minutes at most.", "invalid_client"
    ),
    "assertion_not_yet_valid": P(401, "断言尚未生效。", "The assertion is not valid yet.", "invalid_client"),
    "assertion_without_jti": P(401, "断言缺少 jti。", "The assertion has no usable jti.", "invalid_client"),
    "assertion_times": P(401, "断言的时间有误。", "The assertion's times are wrong.", "invalid_client"),
    "invalid_subject_token": P(
        401, "登录凭据无效。", "The identity token is not acceptable.", "invalid_grant"
    ),
    "subject_token_expired": P(401, "登录凭据已过期。", "The identity token is too old.", "invalid_grant"),
    "unsupported_grant_type": P(
        400, "不支持该授权类型。", "The grant type is not supported.", "unsupported_grant_type"
    ),
    "identity_provider_unavailable": P(
        503, "统一身份认证暂不可用。", "The identity provider is unavailable."
    ),
    "invalid_token": P(401, "访问令牌无效。", "The access token is not valid."),
    "token_expired": P(401, "访问令牌已过期。", "The access token has expired."),
    "token_missing": P(401, "请提供访问令牌。", "Send an access token."),
    "not_entitled": P(403, "无权进行此操作。", "You are not entitled to this act."),
    "person_required": P(403, "此操作须由工作人员本人进行。", "A member of staff must do this in person."),
    # identifiers and codes
    "invalid_unit_code": P(422, "统一社会信用代码有误。", "The unified social credit code is wrong."),
    "invalid_type_code": P(422, "证照类型代码有误。", "The certificate type code is wrong."),
    "invalid_holder_code": P(422, "持证主体代码有误。", "The holder code is wrong."),
    "invalid_certificate_identifier": P(422, "电子证照标识有误。", "The certificate identifier is wrong."),
    "invalid_jwk": P(422, "公钥格式有误。", "The public key is not a P-256 JWK."),
    # submissions
    "malformed_jws": P(422, "提交内容不是紧凑格式的 JWS。", "The submission is not a compact JWS."),
    "unsuitable_jws": P(
        422, "JWS 的类型或算法不符。", "The JWS has another type or algorithm than required."
    ),
    "altered_jws": P(
        422, "JWS 签名无效,内容可能被改动。", "The JWS signature is not valid: altered, or another key."
    ),
    "unknown_signing_key": P(422, "签名密钥未登记。", "The signing key is not registered."),
    "submission_for_another_platform": P(
        422, "提交内容不是给本平台的。", "The submission is meant for another platform."
    ),
    "submission_for_another_certificate": P(
        422, "提交内容针对另一证照。", "The submission is about another certificate."
    ),
    "submission_of_another_unit": P(
        403, "提交内容不是本单位系统签名的。", "No system of your unit signed this."
    ),
    "submission_of_another_system": P(
        403, "提交内容由另一系统签名。", "Another system signed this submission."
    ),
    "no_such_collector": P(
        403, "采集人未在本单位任该岗位。", "The collector does not hold that post in your unit."
    ),
    "collector_is_another_person": P(403, "采集人不是登录者本人。", "The collector named is not you."),
    "state_secret_mark": P(
        422, "内容带有国家秘密标志,不予受理(第三条)。", "Marked as a state secret: not admitted (art. 3)."
    ),
    "unknown_type": P(422, "目录中没有此证照类型。", "The catalog has no such certificate type."),
    "type_of_another_unit": P(403, "本单位不签发此类证照。", "Your unit does not issue this type."),
    "type_may_not_change": P(422, "不得更改证照类型。", "The certificate type may not change."),
    # life cycle
    "no_such_type": P(404, "目录中没有此证照类型或版本。", "The catalog has no such type or version."),
    "no_such_certificate": P(404, "没有此证照。", "There is no such certificate."),
    "wrong_state": P(409, "证照当前状态不允许此操作。", "The certificate's state does not allow this."),
    "collector_may_not_review": P(403, "采集人不得审核(采集与审核分岗)。", "Who collected may not review."),
    "lint_failed": P(
        422, "不符合标准规范,不予签发。", "It breaks the standard's rules and will not be signed."
    ),
    "certificate_number_taken": P(409, "证照编号已被使用。", "The certificate number is taken."),
    "successor_pending": P(409, "已有更新正在办理。", "An update is already under way."),
    "versions_exhausted": P(409, "版本号已用尽。", "There are no versions left."),
    "approval_too_old": P(409, "审核已过期,请重新审核。", "The approval is too old; review it again."),
    "signing_certificate_not_in_use": P(
        409, "签名证书已停用,请重新审核。", "The signing certificate is no longer used; review it again."
    ),
    "unit_suspended": P(403, "单位已停用。", "The unit is suspended."),
    "concurrent_change": P(
        409, "该记录刚被他人更改,请重试。", "Somebody changed this a moment ago; try again."
    ),
    "already_recorded": P(409, "该操作已记录。", "This act is recorded already."),
    # catalog
    "type_code_of_other_authority": P(
        422, "类型代码不属于该定义单位。", "The type code belongs to another authority."
    ),
    "retention_too_short": P(422, "保存期限不得少于 20 年。", "Retention is at least 20 years."),
    "schema_not_closed": P(422, "数据模式须为封闭对象。", "The schema must be a closed object."),
    "schema_and_labels_differ": P(
        422, "数据模式与属性标签不一致。", "Schema and labels name different attributes."
    ),
    "schema_refers_outside": P(422, "数据模式不得引用外部。", "The schema may not refer outside itself."),
    "schema_format_unknown": P(
        422, "数据模式使用了无法校验的格式。", "The schema uses a format that is not checked here."
    ),
    "schema_refers_nowhere": P(422, "数据模式中的引用不存在。", "A reference in the schema leads nowhere."),
    "attribute_name_reserved": P(422, "属性名已被保留。", "An attribute's name is reserved."),
    "invalid_schema": P(422, "不是有效的 JSON Schema 2020-12。", "This is not a JSON Schema 2020-12."),
    "state_secret_type": P(
        422, "涉密类型不得编入目录(第三条)。", "A state-secret type is not admitted (art. 3)."
    ),
    # hand-overs
    "no_such_transfer": P(404, "没有此移交。", "There is no such transfer."),
    "period_reversed": P(422, "止日早于起日。", "The period ends before it begins."),
    "period_in_future": P(422, "起止日期不得晚于今日。", "The period reaches into the future."),
    "period_too_long": P(422, "起止日期不得超过十年。", "The period is longer than ten years."),
    # keys and certificates
    "signing_key_unavailable": P(
        503, "签名密钥不可用,请联系管理员。", "The signing key is unavailable; an administrator has to act."
    ),
    "signing_service_unavailable": P(
        503, "签名服务暂不可用,请稍后重试。", "The signing service did not answer; try again."
    ),
    "signature_does_not_verify": P(500, "签名自检未通过。", "The signature made does not verify."),
    "x509_lint_failed": P(
        500, "签名证书不符合规范,未予登记。", "The certificate breaks the profile and was not recorded."
    ),
    "stage_not_established": P(503, "平台尚未初始化。", "The platform is not established yet."),
    "no_signing_certificate": P(403, "单位没有可用的签名证书。", "The unit has no certificate to sign with."),
    "key_compromised": P(
        403, "该密钥已泄露,不得再次认证。", "The key is compromised and is never certified again."
    ),
    "key_certified_for_another": P(
        409, "该密钥已为其他主体认证。", "The key is certified for another signer."
    ),
    "root_not_revocable": P(403, "根证书不能由其自身吊销。", "The root cannot revoke itself."),
    "invalid_subject": P(422, "主体索引无效。", "Not the blind index of a person."),
    "unknown_reason": P(422, "吊销原因无效。", "Not a reason for revocation."),
    "unknown_role": P(422, "未知的平台证书用途。", "There is no such platform role."),
    "invalid_unit_name": P(422, "单位名称须为 1 至 64 个字符。", "A unit's name has 1 to 64 characters."),
    "record_damaged": P(500, "记录已损坏。", "The record is damaged."),
    "archive_damaged": P(500, "档案已损坏。", "The archived object is damaged."),
    "keyring_missing": P(503, "平台密钥环尚未建立。", "The stage's keyring is not established."),
    # the log
    "no_such_entry": P(
        404, "日志中没有此记录(或尚未封存)。", "The log has no such entry, or has not sealed it yet."
    ),
    "log_damaged": P(500, "日志与封存时不符。", "The log is not as it was sealed; an alarm was raised."),
    # the platform's own troubles
    "issuer_unavailable": P(
        503,
        "签发服务暂不可用,请用同一 Idempotency-Key 重试。",
        "Issuing is unavailable; retry with the same Idempotency-Key.",
    ),
    "unavailable": P(503, "服务暂不可用,请稍后重试。", "The service is unavailable; try again later."),
    "internal": P(500, "系统内部错误。", "An internal error."),
}


def document(code: str, request_id: str, refusal: DomainError | None = None) -> tuple[int, dict[str, Json]]:
    """(status, problem document). An unknown code is an internal error: it was never meant for a caller."""
    known = code if code in PROBLEMS else "internal"
    problem = PROBLEMS[known]
    body: dict[str, Json] = {
        "type": f"urn:zhengzhao:problem:{known}",
        "title": problem.en,
        "title_zh": problem.zh,
        "status": problem.status,
        "code": known,
        "instance": f"urn:zhengzhao:request:{request_id}",
    }
    if problem.oauth:
        body["error"] = problem.oauth
    if refusal is not None and known == code:
        body.update({"field": refusal.field} if refusal.field else {})
        body.update({"facts": list(refusal.facts)} if refusal.facts else {})
    return problem.status, body
