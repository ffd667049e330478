"""How large the deployment bundle is: what Chalice makes for Lambda on arm64 (needs the package index for the wheels)."""

import contextlib
import io
import tempfile
from pathlib import Path

from infra.package import bundle

Row = tuple[str, float, str]


def run() -> list[Row]:
    """(what, figure, unit)."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        size = bundle("dev", Path(folder)).stat().st_size
    return [("deployment.zip (ceiling 45)", size / 1024 / 1024, "MB")]
