"""A whole stage in one process group: emulator, what `infra/` says, functions, triggers, gateway, identity provider."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.functions import logical
from infra.roles import FUNCTIONS_OF
from infra.synth import synthesise
from local_aws.city import UNITS
from local_aws.emulator.process import Emulator, start_emulator
from local_aws.functions import Functions, FunctionServer
from local_aws.gateway import Gateway, GatewayServer, free_port
from local_aws.identity import start_identity
from local_aws.loader import REGION, LoadedStage, load
from local_aws.triggers import Triggers

NAME: Final = "local"
# What boto3 wants and a local AWS does not look at.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
}


@dataclass(slots=True)
class LocalStage:
    """A running stage. `drain` delivers every event that waits; `stop` ends everything."""

    base_url: str
    endpoint_url: str
    oidc_issuer: str
    loaded: LoadedStage
    functions: Functions
    triggers: Triggers
    gateway: GatewayServer
    parts: tuple[Any, ...]
    environment: dict[str, str]

    def drain(self) -> None:
        """Deliver what waits in streams, here and now."""
        self.triggers.drain()

    def stop(self) -> None:
        """End the stage; the process has its own environment back."""
        self.triggers.stop()
        for part in self.parts:
            part.stop()
        os.environ.clear()
        os.environ.update(self.environment)


def _endpoint() -> tuple[str, Emulator | None]:
    """The endpoint that the environment names, or an emulator of our own."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    if given:
        return given, None
    emulator = start_emulator()
    return emulator.endpoint_url, emulator


def physical_functions(app: Any) -> dict[str, Any]:
    """Physical name → what Lambda calls: the attribute of app.py that the handler names."""
    return {
        f"zhengzhao-{NAME}-{name}": getattr(app, name)
        for names in FUNCTIONS_OF.values()
        for name in names
        if logical(name) != "APIHandler"
    }


def start_stage(port: int = 0, *, background: bool = True) -> LocalStage:
    """Start everything; the stage answers when this returns. It is empty: see `seed`.

    The environment of this process is the functions' own, so a process runs one stage. With `background` false the
    triggers wait for `drain`.
    """
    before = dict(os.environ)
    for name, value in CREDENTIALS.items():
        os.environ.setdefault(name, value)
    endpoint_url, emulator = _endpoint()
    os.environ["AWS_ENDPOINT_URL"] = endpoint_url
    identity = start_identity([subject for unit in UNITS for subject in unit.staff])
    base_url = f"http://127.0.0.1:{port or free_port()}"
    loaded = load(synthesise(NAME), endpoint_url)
    level = os.environ.get("POWERTOOLS_LOG_LEVEL", "WARNING")  # the terminal is for people here
    own = {
        "ZHENGZHAO_BASE_URL": base_url,
        "ZHENGZHAO_OIDC_ISSUER": identity.url,
        "POWERTOOLS_LOG_LEVEL": level,
    }
    os.environ.update({**loaded.environment, **own})
    import app  # only now: its functions read the environment on first use

    functions = Functions(physical_functions(app))
    served = FunctionServer(functions)
    served.start()
    os.environ["AWS_ENDPOINT_URL_LAMBDA"] = served.url
    triggers = Triggers(
        loaded.event_sources, lambda name, event: functions.invoke(f"zhengzhao-{NAME}-{name}", event)
    )
    gateway = GatewayServer(Gateway(app.app, loaded.gateway_responses), int(base_url.rpartition(":")[2]))
    gateway.start()
    if background:
        triggers.start()
    parts = tuple(part for part in (gateway, served, identity, emulator) if part is not None)
    return LocalStage(
        base_url, endpoint_url, identity.url, loaded, functions, triggers, gateway, parts, before
    )


def described(stage: LocalStage) -> Mapping[str, Any]:
    """What a stranger's client needs to know of the stage itself."""
    environment = stage.loaded.environment
    return {
        "base_url": stage.base_url,
        "aws_endpoint_url": stage.endpoint_url,
        "aws_region": REGION,
        "archive_bucket": environment["ZHENGZHAO_ARCHIVE_BUCKET"],
        "log_bucket": environment["ZHENGZHAO_LOG_BUCKET"],
        "edge_bucket": environment["ZHENGZHAO_EDGE_BUCKET"],
        "log_origin": environment["ZHENGZHAO_LOG_ORIGIN"],
        "tables": {
            name.removeprefix("ZHENGZHAO_TABLE_").lower(): value
            for name, value in environment.items()
            if name.startswith("ZHENGZHAO_TABLE_")
        },
        "keys": {
            name.removeprefix("ZHENGZHAO_KEY_").lower(): value
            for name, value in environment.items()
            if name.startswith("ZHENGZHAO_KEY_")
        },
        "oidc_issuer": stage.oidc_issuer,
        "oidc_audience": environment["ZHENGZHAO_OIDC_AUDIENCE"],
    }
