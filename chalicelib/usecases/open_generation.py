"""Opening the next generation of status lists, when the open one is crowded; of several at once, one does it."""

from chalicelib.audit.journal import ChangeRefused
from chalicelib.status.changes import OpenGeneration
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.platform import Platform

KIND = "status_generation_opened"


def open_generation(platform: Platform, act: Act, generation: int) -> None:
    """The generation is open when it returns, whoever opened it."""
    log = entry(platform, act, KIND, f"status-generation/{generation}")
    try:
        platform.journal.commit([OpenGeneration(generation)], [log])
    except ChangeRefused:
        return  # somebody else opened it a moment ago
