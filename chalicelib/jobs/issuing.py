"""The issuer function's body: the one that may sign with units' keys."""

from typing import Any

from chalicelib.adapters.lambda_issuer import serve
from chalicelib.audit.journal import Reply
from chalicelib.usecases.act import Act, once
from chalicelib.usecases.issue_certificate import KIND, issue_certificate
from chalicelib.usecases.platform import Platform


def handle_issue(platform: Platform, event: dict[str, Any]) -> dict[str, Any]:
    """Event: {act, identifier} as `LambdaIssuer` packs them. The API has authenticated and authorised the caller."""

    def issue(act: Act, identifier: str) -> Reply:
        return once(platform, act, KIND, identifier, lambda: issue_certificate(platform, act, identifier))

    return serve(event, issue)
