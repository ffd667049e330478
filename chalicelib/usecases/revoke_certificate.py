"""注销 (art. 7, art. 10): Revocation for ever."""

from chalicelib.audit.journal import Reply
from chalicelib.certificates.life_cycle import Step
from chalicelib.usecases.act import Act
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.status_change import StatusChange, change_status

KIND = "certificate_revoked"


def revoke_certificate(platform: Platform, act: Act, identifier: str, reason: str) -> Reply:
    """200 with the new state; Conflict("wrong_state") when the life cycle knows no such step."""
    return change_status(platform, act, identifier, StatusChange(Step.REVOKE, reason, KIND))
