"""The sandbox's documents without a file: the same interface and the same order, in a dictionary.

tests/simulation/test_documents.py holds it to `sandbox.documents.Documents`. One thread at a time uses it.
"""

import marshal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.documents import Document, Documents

type _Undo = Callable[[], None]


class MemoryDocuments(Documents):
    """JSON documents by kind and key, and growing logs by kind; what fails within a transaction is undone."""

    def __init__(self) -> None:  # the file of the other kind is never opened
        self._kinds: dict[str, dict[str, bytes]] = {}
        self._logs: dict[str, list[bytes]] = {}
        self._undone: list[_Undo] = []
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        begun = len(self._undone)
        self._depth += 1
        try:
            yield
        except BaseException:
            while len(self._undone) > begun:
                self._undone.pop()()
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undone.clear()

    def get(self, kind: str, key: str) -> Document | None:
        body = self._kinds.get(kind, {}).get(key)
        return None if body is None else _read(body)

    def put(self, kind: str, key: str, doc: Document) -> None:
        documents = self._kinds.setdefault(kind, {})
        before = documents.get(key)
        documents[key] = marshal.dumps(doc)
        self._note(lambda: _put_back(documents, key, before))

    def delete(self, kind: str, key: str) -> None:
        documents = self._kinds.get(kind, {})
        if key not in documents:
            return
        before = dict(documents)
        del documents[key]
        self._note(lambda: _restore(documents, before))

    def all(self, kind: str) -> list[Document]:
        return [_read(body) for body in self._kinds.get(kind, {}).values()]

    def append(self, kind: str, doc: Document) -> int:
        entries = self._logs.setdefault(kind, [])
        entries.append(marshal.dumps(doc))
        self._note(entries.pop)
        return len(entries)

    def log(self, kind: str) -> list[Document]:
        entries = self._logs.get(kind, [])
        return [{"seq": number, **_read(body)} for number, body in enumerate(entries, start=1)]

    def clear(self) -> None:
        self._kinds.clear()
        self._logs.clear()

    def close(self) -> None:
        """Nothing was opened."""

    def _note(self, undo: Callable[[], Any]) -> None:
        if self._depth:
            self._undone.append(undo)


def _restore(documents: dict[str, bytes], before: dict[str, bytes]) -> None:
    documents.clear()
    documents.update(before)


def _put_back(documents: dict[str, bytes], key: str, before: bytes | None) -> None:
    if before is None:
        documents.pop(key, None)
    else:
        documents[key] = before


def _read(body: bytes) -> Document:
    document: Document = marshal.loads(body)  # noqa: S302 - packed here
    return document
