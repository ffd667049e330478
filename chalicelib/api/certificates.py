"""/v1/certificates: the life cycle over HTTP (art. 7)."""

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint, Handler
from chalicelib.audit.journal import Reply
from chalicelib.certificates.life_cycle import Step
from chalicelib.units.authorisation import Act as Entitlement
from chalicelib.usecases import (
    collect_certificate,
    correct_certificate,
    issue_certificate,
    read_certificate,
    read_history,
    reinstate_certificate,
    review_certificate,
    revoke_certificate,
    supersede_certificate,
    suspend_certificate,
)

ONE = "/v1/certificates/{id}"
_SUBMISSION = (
    "altered_jws", "unknown_signing_key", "state_secret_mark", "unknown_type", "certificate_number_taken",
    "invalid_holder_code", "type_of_another_unit",
)  # fmt: skip


def _collect(call: Call) -> Reply:
    body: models.SubmissionBody = call.body
    return collect_certificate.collect_certificate(call.platform, call.acting(), body.submission)


def _correct(call: Call) -> Reply:
    body: models.SubmissionBody = call.body
    return correct_certificate.correct_certificate(
        call.platform, call.acting(), call.path["id"], body.submission
    )


def _supersede(call: Call) -> Reply:
    body: models.SubmissionBody = call.body
    return supersede_certificate.supersede_certificate(
        call.platform, call.acting(), call.path["id"], body.submission
    )


def _review(call: Call) -> Reply:
    body: models.ReviewBody = call.body
    decision = review_certificate.Decision(Step(body.decision), body.comment)
    return review_certificate.review_certificate(call.platform, call.acting(), call.path["id"], decision)


def _issue(call: Call) -> Reply:
    return call.container.issuer.issue(call.acting(), call.path["id"])


def _suspend(call: Call) -> Reply:
    body: models.ReasonBody = call.body
    return suspend_certificate.suspend_certificate(call.platform, call.acting(), call.path["id"], body.reason)


def _reinstate(call: Call) -> Reply:
    body: models.ReasonBody = call.body
    return reinstate_certificate.reinstate_certificate(
        call.platform, call.acting(), call.path["id"], body.reason
    )


def _revoke(call: Call) -> Reply:
    body: models.ReasonBody = call.body
    return revoke_certificate.revoke_certificate(call.platform, call.acting(), call.path["id"], body.reason)


def _read(call: Call) -> Answer:
    return Answer(200, read_certificate.read_certificate(call.platform, call.acting(), call.path["id"]))


def _history(call: Call) -> Answer:
    return Answer(200, read_history.read_history(call.platform, call.acting(), call.path["id"]))


def _step(  # noqa: PLR0913  # one row of the table below
    path: str,
    handler: Handler,
    summary: str,
    summary_zh: str,
    entitlement: Entitlement,
    kind: str,
    body: type[models.Body],
    status: int = 200,
    problems: tuple[str, ...] = (),
) -> Endpoint:
    return Endpoint(
        "POST", path, handler, summary, summary_zh, entitlement, kind, body,
        answers={status: models.ActResult}, problems=(*problems, "no_such_certificate", "wrong_state"),
        elsewhere=handler is _issue,
    )  # fmt: skip


ENDPOINTS = (
    _step("/v1/certificates", _collect, "Collect a certificate", "采集", Entitlement.COLLECT,
          collect_certificate.KIND, models.SubmissionBody, 201, _SUBMISSION),
    _step(f"{ONE}/correction", _correct, "Correct a returned collection", "补正", Entitlement.CORRECT,
          correct_certificate.KIND, models.SubmissionBody, 200, _SUBMISSION),
    _step(f"{ONE}/review", _review, "Approve, return or reject a collection", "审核", Entitlement.REVIEW,
          review_certificate.KIND, models.ReviewBody, 200, ("collector_may_not_review", "lint_failed")),
    _step(f"{ONE}/issuance", _issue, "Issue a reviewed certificate", "签发", Entitlement.ISSUE,
          issue_certificate.KIND, models.IssueBody, 201, ("approval_too_old", "issuer_unavailable")),
    _step(f"{ONE}/supersession", _supersede, "Collect the next version of a certificate", "更新",
          Entitlement.SUPERSEDE, supersede_certificate.KIND, models.SubmissionBody, 201, _SUBMISSION),
    _step(f"{ONE}/suspension", _suspend, "Suspend a certificate", "中止", Entitlement.SUSPEND,
          suspend_certificate.KIND, models.ReasonBody),
    _step(f"{ONE}/reinstatement", _reinstate, "End a suspension", "恢复", Entitlement.REINSTATE,
          reinstate_certificate.KIND, models.ReasonBody),
    _step(f"{ONE}/revocation", _revoke, "Revoke a certificate", "注销", Entitlement.REVOKE,
          revoke_certificate.KIND, models.ReasonBody),
    Endpoint("GET", ONE, _read, "Read a certificate of one's own unit", "查看本单位证照",
             Entitlement.READ_CERTIFICATE, read_certificate.KIND, answers={200: models.CertificateView},
             problems=("no_such_certificate",)),
    Endpoint("GET", f"{ONE}/history", _history, "Read a certificate's log entries", "查看证照历史",
             Entitlement.READ_HISTORY, read_history.KIND, answers={200: models.HistoryView},
             problems=("no_such_certificate",)),
)  # fmt: skip
