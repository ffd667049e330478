"""`zhengzhao rebuild compare --prefix A --with B`: are two sets of tables the same, item by item?

Exit 0 equal, 1 different, 2 unreadable. Differences are told by table and key, with the names of attributes, never their
values. Replies that have expired may be on one side only: DynamoDB deletes them at a time of its own.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from chalicelib.adapters.dynamo_comparison import Comparison, Difference
from chalicelib.adapters.dynamo_rebuild import UNAVAILABLE, dynamodb_client, tables_of
from cli.inputs import moment

EQUAL, DIFFERENT, UNREADABLE = 0, 1, 2
MOST_SHOWN: Final = 1000


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao rebuild compare", description="Two sets of tables. 逐项比对两组数据表。"
    )
    made.add_argument("--prefix", required=True, metavar="A", help="of the one: zhengzhao-<stage>")
    made.add_argument("--with", required=True, dest="other", metavar="B", help="of the other")
    made.add_argument(
        "--now", type=moment, metavar="TIME", help="what has expired by this time may be gone (now)"
    )
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return made


def run(arguments: Sequence[str]) -> int:
    """Compare; the exit code says how it went."""
    given = parser().parse_args(arguments)
    now = given.now or datetime.now(UTC)
    compared = Comparison(dynamodb_client(), tables_of(given.prefix), tables_of(given.other), now)
    shown: list[Difference] = []
    count = 0
    try:
        for one in compared.differences():
            count += 1
            shown += [one] if count <= MOST_SHOWN else []
    except UNAVAILABLE as error:
        print(f"✗ {error}", file=sys.stderr)
        return UNREADABLE
    show(compared.items, compared.expired, shown, count, as_json=given.json)
    return DIFFERENT if count else EQUAL


def show(items: int, expired: int, shown: Sequence[Difference], count: int, *, as_json: bool) -> None:
    """Tell the first differences of so many, among so many items."""
    if as_json:
        found = [
            {"table": one.table, "pk": one.pk, "sk": one.sk, "how": one.how, "attributes": one.attributes}
            for one in shown
        ]
        verdict = "different" if count else "equal"
        told = {"verdict": verdict, "items": items, "expired": expired, "count": count}
        print(json.dumps({**told, "differences": found}, ensure_ascii=False))
        return
    if count:
        print(f"✗ {count} 处不同 · {count} differences in {items} items")
    else:
        print(f"✓ 完全一致 · equal: {items} items")
    for one in shown:
        names = f" ({', '.join(one.attributes)})" if one.attributes else ""
        print(f"  ✗ {one.how:8} {one.table:13} {one.pk}  {one.sk}{names}")
    if count > len(shown):
        print(f"  … {count - len(shown)} more")
