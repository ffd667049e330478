"""What may change about transfers, each with its condition."""

from dataclasses import dataclass

from chalicelib.audit.journal import Change
from chalicelib.transfers.record import TransferRecord


@dataclass(frozen=True, slots=True)
class CreateTransfer(Change):
    """A new transfer; refused when its identifier exists."""

    record: TransferRecord


@dataclass(frozen=True, slots=True)
class AdvanceTransfer(Change):
    """Replace `before` by `after`; refused unless the stored revision is still that of `before`."""

    before: TransferRecord
    after: TransferRecord
