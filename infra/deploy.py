"""`make deploy STAGE=…`: upload the bundle, then create or change the stack with CloudFormation's own command.

Needs the AWS command line and credentials; ARTIFACTS names a bucket for the bundle. See docs/deploying.md.
"""

import argparse
import os
import shutil
import subprocess
import sys

from infra.synth import PROJECT


def main() -> int:
    """Deploy what `make package` made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args().stage
    bucket, command = os.environ.get("ARTIFACTS"), shutil.which("aws")
    if not bucket or not command:
        print("needs the AWS command line, and ARTIFACTS=<bucket for the bundle>", file=sys.stderr)
        return 2
    out = PROJECT / "dist" / stage
    packaged = [
        command, "cloudformation", "package", "--template-file", str(out / "template.json"), "--s3-bucket", bucket,
        "--output-template-file", str(out / "packaged.yaml"),
    ]  # fmt: skip
    deployed = [
        command, "cloudformation", "deploy", "--template-file", str(out / "packaged.yaml"), "--stack-name",
        f"zhengzhao-{stage}", "--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-fail-on-empty-changeset", "--s3-bucket", bucket,
    ]  # fmt: skip
    for step in (packaged, deployed):
        code = subprocess.run(step, check=False).returncode  # noqa: S603  # built from our own paths
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
