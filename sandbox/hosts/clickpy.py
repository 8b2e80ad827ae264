"""sql-clickhouse.clickhouse.com: the table of PyPI downloads by month, mirrors included.

The query is carried out by SQLite on a table of the same name that holds the packages the query names. Only the shape
that is needed is let through: SELECT … FROM pypi.pypi_downloads_per_month WHERE project IN (…) GROUP BY project, month.
As ClickHouse does, 64-bit integers are given as strings unless `output_format_json_quote_64bit_integers=0`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.entry import Package
from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.project import Project, date_of
from sandbox.world import World

HOST: Final = "sql-clickhouse.clickhouse.com"
USERS: Final = ("demo", "play")
SHAPE: Final = re.compile(
    r"\s*SELECT\b.+\bFROM\s+pypi\.pypi_downloads_per_month\s+WHERE\b.*\bproject\s+IN\s*\(.+\).*"
    r"\bGROUP\s+BY\s+(project\s*,\s*month|month\s*,\s*project)\b[^;]*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
FORMAT: Final = re.compile(r"\s+FORMAT\s+JSON\s*;?\s*$", re.IGNORECASE)
TEXTS: Final = re.compile(r"'((?:[^'\\]|\\.|'')*)'")
ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
FUNCTIONS: Final = frozenset({"sum", "todate", "tostring"})


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        names = _texts(_query(request))
        return Asked(frozenset(name.lower() for name in names), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.query.get("user") not in USERS:
            return _exception(403, 516, "Authentication failed: password is incorrect, or there is no such user")
        query = FORMAT.sub("", _query(request))
        if SHAPE.fullmatch(query) is None:
            return _exception(400, 62, "Syntax error: the sandbox answers one shape of query alone")
        try:
            columns, rows = self._carried_out(query)
        except sqlite3.Error as error:
            return _exception(400, 47, str(error))
        quoted = request.query.get("output_format_json_quote_64bit_integers", "1") != "0"
        return as_json(_shaped(columns, rows, quoted))

    def _carried_out(self, query: str) -> tuple[list[str], list[tuple[object, ...]]]:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("ATTACH ':memory:' AS pypi")
            database.execute("CREATE TABLE pypi.pypi_downloads_per_month (month TEXT, project TEXT, count INTEGER)")
            for name in set(_texts(query)):
                found = self.world.pypi(name)
                if found is not None and found[1].name == name:
                    rows = self._months(*found)
                    database.executemany("INSERT INTO pypi.pypi_downloads_per_month VALUES (?, ?, ?)", rows)
            database.create_function("toString", 1, str)
            database.create_function("toDate", 1, str)
            database.set_authorizer(_allowed)
            cursor = database.execute(query)
            return [column[0] for column in cursor.description], cursor.fetchall()

    def _months(self, project: Project, package: Package) -> Iterator[tuple[str, str, int]]:
        arrivals = project.series.mirrored(package)
        days = range(arrivals.first, self.world.today.toordinal())
        months = np.array([f"{date_of(day):%Y-%m}-01" for day in days])
        for month in np.unique(months):
            yield str(month), package.name, int(arrivals.counts[: len(months)][months == month].sum())


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it publishes none
    """Somebody who answers for sql-clickhouse.clickhouse.com."""
    return _Attendant(world)


def _allowed(action: int, _first: str | None, function: str | None, *_more: object) -> int:
    known = action == sqlite3.SQLITE_FUNCTION and (function or "").lower() in FUNCTIONS
    return sqlite3.SQLITE_OK if known or action in ALLOWED else sqlite3.SQLITE_DENY


def _query(request: Request) -> str:
    return request.body.decode(errors="replace") or request.query.get("query", "")


def _texts(query: str) -> list[str]:
    return [text.replace("''", "'").replace("\\'", "'") for text in TEXTS.findall(query)]


def _shaped(columns: Sequence[str], rows: Sequence[Sequence[object]], quoted: bool) -> dict[str, object]:
    whole = [any(isinstance(row[place], int) for row in rows) for place in range(len(columns))]
    data = [
        {
            name: str(value) if quoted and isinstance(value, int) else value
            for name, value in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    meta = [{"name": name, "type": "Int64" if one else "String"} for name, one in zip(columns, whole, strict=True)]
    statistics = {"elapsed": 0.01, "rows_read": len(rows), "bytes_read": 64 * len(rows)}
    return {"meta": meta, "data": data, "rows": len(data), "statistics": statistics}


def _exception(status: int, code: int, text: str) -> Response:
    body = f"Code: {code}. DB::Exception: {text}. (SANDBOX)\n".encode()
    return Response(
        status, body, {"Content-Type": "text/plain; charset=UTF-8", "X-ClickHouse-Exception-Code": str(code)}
    )
