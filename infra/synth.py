"""One template: what Chalice says of the functions, and what `infra/` says of everything else.

`synthesise` asks Chalice's own generators, without building the bundle, so that it takes less than a second.
"""

from pathlib import Path
from typing import Any, Final

from chalice.cli.factory import CLIFactory
from chalice.deploy import models
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import BuildStage, InjectDefaults, SwaggerBuilder
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.package import PackageOptions, SAMTemplateGenerator

from infra.analytics import analytics
from infra.backup import backup
from infra.buckets import buckets
from infra.functions import overlay
from infra.keys import keys
from infra.roles import roles
from infra.stages import Stage, load_stage
from infra.tables import tables

PROJECT: Final = Path(__file__).resolve().parent.parent
BUNDLE: Final = "./deployment.zip"


class _Options(PackageOptions):
    """Service principals without asking AWS."""

    def __init__(self) -> None:
        nobody: Any = None  # the client that would be asked
        super().__init__(nobody)

    def service_principal(self, service: str) -> str:
        """The same in every partition."""
        return f"{service}.amazonaws.com"


def synthesise(name: str, *, confirmed: bool | None = None) -> dict[str, Any]:
    """The stage's whole template. StageRefused as `load_stage` says."""
    return _normalised(
        merged(_chalice(name), {"Resources": resources(load_stage(name, confirmed=confirmed))})
    )


def resources(stage: Stage) -> dict[str, Any]:
    """Everything that is ours to say, laid over Chalice's."""
    data = {**tables(stage), **buckets(stage), **keys(stage)}
    return {**data, **roles(stage), **overlay(stage), **analytics(stage), **backup(stage)}


def _chalice(stage: str) -> dict[str, Any]:
    config = CLIFactory(str(PROJECT), environ={}).create_config_obj(stage)
    application = ApplicationGraphBuilder().build(config, stage)
    found = DependencyBuilder().build_dependencies(application)
    BuildStage([InjectDefaults(), SwaggerBuilder(CFNSwaggerGenerator())]).execute(config, found)
    for one in found:
        if isinstance(one, models.DeploymentPackage):
            one.filename = BUNDLE
    template: dict[str, Any] = SAMTemplateGenerator(config, _Options()).generate(found)
    return template


def merged(under: Any, over: Any) -> Any:
    """`over` laid on `under`: mappings member by member, anything else replaced."""
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    return {name: merged(under[name], over[name]) if name in under and name in over else over.get(name, under.get(name))
            for name in (*under, *(name for name in over if name not in under))}  # fmt: skip


def _normalised(template: dict[str, Any]) -> dict[str, Any]:
    """Without what would differ between two runs or machines; CodeUri is the bundle beside the template."""
    template["Description"] = "Zhengzhao: electronic certificates"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"].pop("Tags", None)
    return template
