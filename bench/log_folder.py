"""`LogStore` in a folder, as `aws s3 sync` of both buckets would leave it; staged files stay in memory."""

from pathlib import Path

from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import LogDamaged


class FolderStore:
    """See the port. Locks are the folder's owner's own business. `puts` counts what S3 would be asked."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._staged, self.puts = folder, dict[str, bytes](), 0

    def lock(self, path: str, body: bytes, retention: Retention) -> None:
        """See `LogStore.lock`."""
        if self.lock_first(path, body, retention) != body:
            raise LogDamaged(path)

    def lock_first(self, path: str, body: bytes, retention: Retention) -> bytes:
        """See `LogStore.lock_first`."""
        del retention
        standing = self.fetch(path)
        if standing is None:
            self.keep(path, body)
        return body if standing is None else standing

    def keep(self, path: str, body: bytes) -> None:
        """See `LogStore.keep`."""
        self.puts += 1
        if path.startswith("staging/"):
            self._staged = {path: body}
            return
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)

    def newest(self, checkpoint: bytes, size: int) -> None:
        """See `LogStore.newest`: here nobody races."""
        del size
        self.keep("checkpoint", checkpoint)

    def fetch(self, path: str) -> bytes | None:
        """See `LogStore.fetch`."""
        target = self._folder / path
        if path.startswith("staging/"):
            return self._staged.get(path)
        return target.read_bytes() if target.is_file() else None
