"""A story told step by step: each step has a name in two languages and either holds or does not."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Story:
    """Steps as they happen; `folder` receives what a stranger would hold."""

    folder: Path
    steps: list[dict[str, Any]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def step(self, name: str, ok: bool, detail: Any = "") -> None:
        """Tell one step and whether it held."""
        self.steps.append({"name": name, "ok": bool(ok), "detail": detail})
        mark = "✓" if ok else "✗"
        print(f" {mark} {name}" + (f"\n     {detail}" if detail else ""), flush=True)

    def keep(self, name: str, content: bytes | str) -> Path:
        """Leave a file."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def end(self) -> int:
        """Write `story.json`; 0 only if every step held."""
        self.keep("story.json", json.dumps(self.steps, ensure_ascii=False, indent=1))
        held = sum(step["ok"] for step in self.steps)
        seconds = time.monotonic() - self.started
        print(
            f"\n {held} of {len(self.steps)} steps held · {len(self.steps)} 步中 {held} 步成立 · {seconds:.1f} s"
        )
        print(f" {self.folder}/")
        return 0 if held == len(self.steps) else 1
