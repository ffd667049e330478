"""The emulator as a child process."""

from dataclasses import dataclass

from local_aws.child import Child, start_child


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running local AWS."""

    endpoint_url: str
    child: Child

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self.child.stop()


def start_emulator(port: int = 0, *, plain: bool = False) -> Emulator:
    """Start it; it accepts calls when this returns. RuntimeError when it does not start."""
    how = ["--plain"] if plain else []
    child = start_child("local_aws.emulator", "--attached", "--port", str(port), *how, quiet=plain)
    return Emulator(child.url, child)
