"""The demo's chapter on the archives bureau: it asks for a period, fetches a package, and verifies it alone."""

import contextlib
import io
from typing import Final
from urllib.request import urlopen

from cli.main import main as zhengzhao
from local_aws.client import Client
from local_aws.stage import LocalStage
from local_aws.story import Story

PACKAGE: Final = "transfer.tar"


def tell_transfer(story: Story, stage: LocalStage, bureau: Client, type_code: str, day: str) -> None:
    """All certificates of the type that were issued that day, handed over."""
    contact = {"name": "欧阳·管", "phone": "0755-00000000"}
    asked = bureau.post(
        "/v1/transfers", {"type_code": type_code, "first": day, "last": day, "contact": contact}
    )
    stage.drain()
    ready = bureau.get(f"/v1/transfers/{asked.json()['id']}").json()
    parts = ready.get("parts") or [{}]
    story.step(
        "移交:档案局申请,移交包已锁入档案 · handed over: the bureau asked, the package is locked",
        ready["state"] == "ready" and len(parts) == 1,
        f"{ready.get('certificates')} certificates, {parts[0].get('size')} bytes",
    )
    with urlopen(parts[0]["url"]) as answer:  # noqa: S310  # the local S3's own address
        path = story.keep(PACKAGE, answer.read())
    trust = ["--roots", str(story.folder / "roots.pem"), "--key", str(story.folder / "log.vkeys")]
    whole = _code("transfer", "verify", str(path), *trust, "--digest", parts[0]["digest"])
    data = path.read_bytes()
    middle = len(data) // 2
    altered = story.keep("altered.tar", data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    refused = _code("transfer", "verify", str(altered), *trust)
    altered.unlink()
    story.step(
        "移交包由接收方独立核验,改动一个字节即被拒 · verified by its receiver alone; one byte changed: refused",
        whole == 0 and refused != 0,
        PACKAGE,
    )


def _code(*arguments: str) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return zhengzhao(arguments)
