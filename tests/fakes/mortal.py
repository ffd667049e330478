"""A process that dies at a chosen effect: a signature, an archived object, a commit; before or after it persists."""

from dataclasses import replace

from chalicelib.usecases.platform import LogPorts, Platform

# What a sealer does to the world, port by port.
EFFECTS = {
    "outbox": ("advance", "mark", "settle"),
    "store": ("lock", "lock_first", "keep", "newest"),
    "signer": ("sign",),
}


class Killed(BaseException):
    """The process is gone: no handler of ours runs."""


class Mortal:
    """Passes on to the real thing and dies at the effect numbered `at`, before or after it persists."""

    def __init__(self, real: object, effects: tuple[str, ...], life: "Life") -> None:
        self._real, self._effects, self._life = real, effects, life

    def __getattr__(self, name: str) -> object:
        found = getattr(self._real, name)
        if name not in self._effects:
            return found

        def effect(*arguments: object, **named: object) -> object:
            self._life.step("before")
            result = found(*arguments, **named)
            self._life.step("after")
            return result

        return effect


class Life:
    """Counts steps (two an effect) and ends at the one given."""

    def __init__(self, ends_at: int | None = None) -> None:
        self.steps, self.ends_at = 0, ends_at

    def step(self, _: str) -> None:
        self.steps += 1
        if self.steps == self.ends_at:
            raise Killed


def mortal(platform: Platform, life: Life) -> Platform:
    """The platform, whose process dies where its life ends."""
    packages = Mortal(platform.transfers.packages, ("archive",), life)
    return replace(
        platform,
        transfers=replace(platform.transfers, packages=packages),  # type: ignore[arg-type]  # passes everything on
        signer=Mortal(platform.signer, ("sign",), life),  # type: ignore[arg-type]  # passes everything on
        archive=Mortal(platform.archive, ("put",), life),  # type: ignore[arg-type]  # as above
        journal=Mortal(platform.journal, ("commit",), life),  # type: ignore[arg-type]  # as above
    )


def dying(log: LogPorts, life: Life) -> LogPorts:
    """The log's ports, in a process that ends where its life does."""
    mortals = {name: Mortal(getattr(log, name), effects, life) for name, effects in EFFECTS.items()}
    return replace(log, **mortals)  # type: ignore[arg-type]  # each passes everything on
