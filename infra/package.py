"""`make package STAGE=…`: the template and the bundle, side by side in `dist/<stage>/`; cfn-lint has the last word."""

import argparse
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from chalice.cli.factory import CLIFactory
from chalice.deploy.packager import DependencyBuilder as PipDependencies
from chalice.deploy.packager import LambdaDeploymentPackager, PipRunner, SubprocessPip
from chalice.utils import UI, OSUtils

from infra.stages import StageRefused
from infra.synth import PROJECT, synthesise

ARCHITECTURE: Final = "arm64"
LARGEST: Final = 45 * 1024 * 1024


def bundle(stage: str, out: Path) -> Path:
    """The deployment zip: app, chalicelib and the pinned requirements for Lambda on arm64."""
    config = CLIFactory(str(PROJECT), environ={}).create_config_obj(stage)
    tools = OSUtils()
    runner = PipRunner(pip=SubprocessPip(osutils=tools), osutils=tools)
    dependencies = PipDependencies(osutils=tools, pip_runner=runner, architecture=ARCHITECTURE)
    packager = LambdaDeploymentPackager(
        osutils=tools, dependency_builder=dependencies, ui=UI(), architecture=ARCHITECTURE
    )
    made = Path(packager.create_deployment_package(str(PROJECT), config.lambda_python_version))
    target = out / "deployment.zip"
    target.write_bytes(made.read_bytes())
    return target


def lint(template: Path) -> int:
    """cfn-lint's exit code."""
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--", str(template)]
    return subprocess.run(command, check=False).returncode  # noqa: S603  # our own environment and file


def main() -> int:
    """Package one stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--template-only", action="store_true", help="no bundle")
    given = parser.parse_args()
    out: Path = given.out or PROJECT / "dist" / given.stage
    out.mkdir(parents=True, exist_ok=True)
    try:
        template = synthesise(given.stage)
    except StageRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    path = out / "template.json"
    path.write_text(
        json.dumps(template, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    if not given.template_only:
        made = bundle(given.stage, out)
        size = made.stat().st_size
        print(f"{made}: {size / 1024 / 1024:.1f} MB, {len(zipfile.ZipFile(made).namelist())} files")
        if size > LARGEST:
            print("the bundle is over 45 MB", file=sys.stderr)
            return 1
    print(path)
    return lint(path)


if __name__ == "__main__":
    sys.exit(main())
