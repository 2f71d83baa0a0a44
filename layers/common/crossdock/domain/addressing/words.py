"""Texts of addresses as words that can be compared: without case, spaces, punctuation and ways of encoding."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word of a line: where it stands, its key, and whether a comma or the like sets it off from the next."""

    start: int
    end: int
    key: str
    ends_part: bool


@dataclass(frozen=True)
class Line:
    """A display line and its words; what has neither letter nor digit is no word."""

    text: str
    words: tuple[Word, ...]

    def cut(self, first: int, last: int) -> str:
        """The text of words `first` up to, not with, `last`."""
        return self.text[self.words[first].start : self.words[last - 1].end] if first < last else ""

    def key(self, first: int, last: int) -> str:
        return "".join(word.key for word in self.words[first:last])

    def spans(self, key: str) -> Iterator[tuple[int, int]]:
        """Every run of whole words that says `key`."""
        for first in range(len(self.words)):
            said = ""
            for last in range(first, len(self.words)):
                said += self.words[last].key
                if said == key:
                    yield first, last + 1
                if len(said) >= len(key):
                    break


def key_of(text: str) -> str:
    """What a text says, letters and digits alone: two texts that differ in nothing else have the same key."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def line_of(text: str) -> Line:
    words: list[Word] = []
    for start, end in _runs(text):
        if key := key_of(text[start:end]):
            words.append(Word(start, end, key, ends_part=_set_off(text, end)))
        elif words:
            words[-1] = Word(words[-1].start, words[-1].end, words[-1].key, ends_part=True)
    return Line(text, tuple(words))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    start = None
    for at, letter in enumerate(text):
        if letter.isspace() or letter in ",;":
            if start is not None:
                yield start, at
            start = None
        elif start is None:
            start = at
    if start is not None:
        yield start, len(text)


def _set_off(text: str, end: int) -> bool:
    return text[end:].lstrip(" \t")[:1] in {",", ";", "\n", "\r"}
