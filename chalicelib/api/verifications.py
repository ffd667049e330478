"""/v1/verifications: is this genuine? For anybody, about what they already hold (art. 5, art. 15)."""

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.verify_certificate import Question, verify_certificate


def _verify(call: Call) -> Answer:
    body: models.VerificationBody = call.body
    by_number = body.certificate_identifier is not None and body.certificate_number is not None
    if (body.credential is not None) == by_number:
        raise Invalid("invalid_request", "credential")
    question = Question(body.credential, body.certificate_identifier, body.certificate_number)
    verifier, crl = call.container.trust()
    return Answer(200, verify_certificate(call.platform, verifier, crl, question).document())


ENDPOINTS = (
    Endpoint("POST", "/v1/verifications", _verify, "Verify a credential, or an identifier with its number", "核验",
             body=models.VerificationBody, answers={200: models.VerificationView}),
)  # fmt: skip
