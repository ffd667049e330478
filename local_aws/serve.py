"""`make serve`: the whole system on 127.0.0.1:8000 until interrupted; `.local/sandbox.json` says how to use it."""

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, Final

from local_aws.seed import seed
from local_aws.stage import start_stage

SANDBOX: Final = Path(".local/sandbox.json")


def write_privately(path: Path, document: Any) -> None:
    """Write for the owner's eyes only (it holds private keys), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
    draft.replace(path)


def _busy(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    port = int(os.environ.get("PORT") or 8000)
    if _busy(port):
        print(f"port {port} is taken: PORT=… make serve · 端口 {port} 已被占用", file=sys.stderr)
        return 1
    stage = start_stage(port)
    description, _ = seed(stage)
    write_privately(SANDBOX, description)
    print(f"{stage.base_url}/docs      接口文档 · the interface for people")
    print(f"{stage.base_url}/openapi.json")
    print(f"{SANDBOX}      各角色登录与密钥 · logins and keys for every role")
    print("Ctrl-C 结束 · ends it", flush=True)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    stage.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
