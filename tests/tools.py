"""The tools that a test may need beside Python, and how to tell that one is missing."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]
VERIFIER: Final = REPOSITORY / "node_modules" / "@sd-jwt" / "sd-jwt-vc" / "package.json"
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def lacks_node() -> str | None:
    """Why tests marked `needs_node` cannot run; None when they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return None if VERIFIER.exists() else "the packages of package.json are not installed"


@cache
def lacks_openssl() -> str | None:
    """Why tests marked `needs_openssl` cannot run; None when they can."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return "openssl is not installed"
    version = subprocess.run([openssl, "version"], capture_output=True, text=True, check=False).stdout
    return None if version.startswith(("OpenSSL 3", "OpenSSL 4")) else f"too old: {version.strip()}"


@cache
def lacks_chromium() -> str | None:
    """Why tests marked `needs_chromium` cannot run; None when they can."""
    return None if any(map(shutil.which, CHROMIUMS)) else "no Chromium is installed"


NEEDS: Final[Mapping[str, Callable[[], str | None]]] = {
    "needs_node": lacks_node,
    "needs_openssl": lacks_openssl,
    "needs_chromium": lacks_chromium,
}
