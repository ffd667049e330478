"""Owns the differences between stages, one JSON file each. Does not own what all stages share.

Keeps: COMPLIANCE, which nobody can undo, needs an explicit word in `prod` (docs/deploying.md).
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMES: Final = ("local", "dev", "test", "prod")
CONFIRMATION: Final = "CONFIRM_COMPLIANCE"


class StageRefused(RuntimeError):
    """The stage is not to be made like this; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage's settings. `units` maps the USCC of each unit that gets a signing key to its name.

    Anchors of the log are off when empty: `witnesses` are `<vkey>@<address>`, `timestamp_roots` PEM or a path in the
    bundle.
    """

    name: str
    base_url: str
    archive_mode: str
    deletion_protection: bool
    log_retention_days: int
    oidc_issuer: str
    oidc_audience: str
    log_origin: str
    witnesses: list[str]
    timestamp_authority: str
    timestamp_roots: str
    units: dict[str, str]

    def physical(self, name: str) -> str:
        """A resource's physical name."""
        return f"zhengzhao-{self.name}-{name}"


def load_stage(name: str, *, confirmed: bool | None = None) -> Stage:
    """The stage's settings. StageRefused for an unknown stage, or `prod` without its confirmation."""
    if name not in NAMES:
        raise StageRefused(f"unknown stage {name!r}: one of {', '.join(NAMES)}")
    settings = json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
    stage = Stage(name=name, **settings)
    agreed = os.environ.get(CONFIRMATION) == "yes" if confirmed is None else confirmed
    if stage.archive_mode == "COMPLIANCE" and name != "local" and not agreed:
        raise StageRefused(
            f"{name} locks its archive in COMPLIANCE mode for 20 years: nobody, the account's owner included, can delete"
            f" an object or close the bucket before that. Set {CONFIRMATION}=yes to say that you mean it."
        )
    return stage
