"""Where a log may lie: a folder, an address (the public tree only), or the two buckets of a stage."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.audit.findings import Lock, LogFiles
from cli.inputs import PublicDocuments, Unreadable


class FolderFiles:
    """A copy of the log in a folder. It knows no locks."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise Unreadable(f"{root}: not a folder")
        self._root = root

    def get(self, path: str) -> bytes | None:
        """See `LogFiles.get`."""
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from error

    def list(self, prefix: str) -> Iterator[str]:
        """See `LogFiles.list`."""
        yield from self._walk(prefix.rstrip("/"))

    def _walk(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self._root / folder) as entries:
                found = sorted(one.name + "/" * one.is_dir(follow_symlinks=False) for one in entries)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unreadable(f"{folder}: {error.strerror}") from error
        for name in found:
            if name.endswith("/"):
                yield from self._walk(f"{folder}/{name[:-1]}")
            else:
                yield f"{folder}/{name}"

    def lock(self, path: str) -> Lock | None:
        """See `LogFiles.lock`."""
        del path  # a file has no lock
        return None


class HttpFiles:
    """The public tree at an address. It lists nothing."""

    def __init__(self, base: str) -> None:
        self._documents = PublicDocuments(base)

    def get(self, path: str) -> bytes | None:
        """See `LogFiles.get`."""
        return self._documents.find(f"/{path}")

    def list(self, prefix: str) -> Iterator[str]:
        """See `LogFiles.list`."""
        del prefix
        yield from ()

    def lock(self, path: str) -> Lock | None:
        """See `LogFiles.lock`."""
        del path  # a file has no lock
        return None


def log_files(where: str, edge: str | None = None) -> LogFiles:
    """The log at a folder, at an http(s) address, or in `s3://<locked bucket>` with its `edge` bucket.

    Unreadable when there is none. Buckets are read with the environment's own credentials.
    """
    if where.startswith(("http://", "https://")):
        return HttpFiles(where)
    if not where.startswith("s3://"):
        return FolderFiles(Path(where))
    from chalicelib.adapters.s3_log_files import s3_log_files

    if not edge:
        raise Unreadable(f"{where}: name the bucket of its edge with --edge")
    return s3_log_files(urlsplit(where).netloc, edge)
