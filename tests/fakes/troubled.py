"""A client of AWS in whose calls something goes wrong first: throttled, cancelled, half answered, or answered twice."""

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError


def fault(code: str, *reasons: str) -> ClientError:
    """What boto3 raises: the code, and for a cancelled transaction why, member by member."""
    answer: Any = {"Error": {"Code": code, "Message": code}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": one} for one in reasons]
    return ClientError(answer, "Operation")


def cancelled(*reasons: str) -> ClientError:
    """A transaction that was cancelled."""
    return fault("TransactionCanceledException", *reasons)


class Troubled:
    """`real`, but the first calls of the operation raise these errors instead; `calls` counts all of them."""

    def __init__(self, real: object, operation: str, errors: Sequence[ClientError]) -> None:
        self._real, self._operation, self._errors = real, operation, list(errors)
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return found if name != self._operation else self._counted(found)

    def _counted(self, found: Callable[..., object]) -> Callable[..., object]:
        def call(**asked: object) -> object:
            self.calls += 1
            if self._errors:
                raise self._errors.pop(0)
            return found(**asked)

        return call


class Repeating:
    """`real`, whose first answer to the operation is lost on the way: it is asked again, and only that is answered."""

    def __init__(self, real: object, operation: str) -> None:
        self._real, self._operation = real, operation

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return found if name != self._operation else self._twice(found)

    @staticmethod
    def _twice(found: Callable[..., object]) -> Callable[..., object]:
        def call(**asked: object) -> object:
            found(**asked)
            return found(**asked)

        return call


class Sparing:
    """`real`, which answers at most so many keys of a BatchGetItem at a time."""

    def __init__(self, real: Any, most: int) -> None:
        self._real, self._most = real, most
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803  # boto3's own name
        self.calls += 1
        ((table, asked),) = RequestItems.items()
        now, later = asked["Keys"][: self._most], asked["Keys"][self._most :]
        answer = self._real.batch_get_item(RequestItems={table: {**asked, "Keys": now}})
        left = {table: {**asked, "Keys": later}} if later else {}
        return {**answer, "UnprocessedKeys": left}
