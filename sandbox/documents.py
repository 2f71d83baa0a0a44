"""A small document store on SQLite, so that a killed sandbox starts again where it stood."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS logs (
    kind TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, seq)
) WITHOUT ROWID;
"""


class Documents:
    """JSON documents by kind and key, and growing logs by kind; safe to share between threads.

    With a path the content outlives the process: what a finished transaction (or a single call outside of
    one) has written is still there after a kill. Without one it lives in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the file, made when missing; `None` keeps everything in memory."""
        self._lock = threading.RLock()
        self._depth = 0
        target = ":memory:" if path is None else str(path)
        self._connection = sqlite3.connect(target, check_same_thread=False, isolation_level=None)
        # A write-ahead log survives the death of the process without a disk flush for every commit.
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store alone and commit on leaving; an exception undoes what the block has written.

        Blocks may be nested: an inner one commits with the outermost, and is undone alone when it alone fails.
        """
        with self._lock:
            name = f"level_{self._depth}"
            self._connection.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._connection.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                raise
            self._depth -= 1
            self._connection.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def get(self, kind: str, key: str) -> Document | None:
        """Give a copy of the document, or `None`."""
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
        return None if row is None else _parsed(row[0])

    def put(self, kind: str, key: str, doc: Document) -> None:
        """Store the document; one that is replaced keeps its place in the order."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(doc)),
            )

    def delete(self, kind: str, key: str) -> None:
        """Remove the document, if it is there."""
        with self._lock:
            self._connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def all(self, kind: str) -> list[Document]:
        """Give every document of the kind in the order in which they were first stored."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM documents WHERE kind = ? ORDER BY position", (kind,)
            ).fetchall()
        return [_parsed(body) for (body,) in rows]

    def append(self, kind: str, doc: Document) -> int:
        """Add an entry to the log of the kind and give its number, from 1 without gaps."""
        with self.transaction():
            seq = int(
                self._connection.execute(
                    "SELECT COALESCE(MAX(seq), 0) + 1 FROM logs WHERE kind = ?", (kind,)
                ).fetchone()[0]
            )
            self._connection.execute("INSERT INTO logs VALUES (?, ?, ?)", (kind, seq, json.dumps(doc)))
        return seq

    def log(self, kind: str) -> list[Document]:
        """Give every entry of the log in order, each with its number as `seq`."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT seq, body FROM logs WHERE kind = ? ORDER BY seq", (kind,)
            ).fetchall()
        return [{"seq": seq, **_parsed(body)} for seq, body in rows]

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            self._connection.execute("DELETE FROM documents")
            self._connection.execute("DELETE FROM logs")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


def _parsed(body: str) -> Document:
    document: Document = json.loads(body)
    return document
