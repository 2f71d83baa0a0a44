"""A stack in memory for every test."""

import pytest

from tests.unit.cli.fakes import Stack


@pytest.fixture
def stack() -> Stack:
    return Stack()
