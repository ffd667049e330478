"""恢复: The end of a suspension."""

from chalicelib.audit.journal import Reply
from chalicelib.certificates.life_cycle import Step
from chalicelib.usecases.act import Act
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.status_change import StatusChange, change_status

KIND = "certificate_reinstated"


def reinstate_certificate(platform: Platform, act: Act, identifier: str, reason: str) -> Reply:
    """200 with the new state; Conflict("wrong_state") when the life cycle knows no such step."""
    return change_status(platform, act, identifier, StatusChange(Step.REINSTATE, reason, KIND))
