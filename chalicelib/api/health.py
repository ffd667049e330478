"""/health: the function answers. It says nothing of its dependencies: those have alarms of their own."""

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint


def _health(call: Call) -> Answer:
    return Answer(200, {"status": "ok", "stage": call.container.settings.stage})


ENDPOINTS = (
    Endpoint("GET", "/health", _health, "The function answers", "健康检查", answers={200: models.Health}),
)
