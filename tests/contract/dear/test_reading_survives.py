"""Whatever DEAR's bodies turn into, reading them gives a record or an error of the tree, and nothing else."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain.errors import CrossdockError, Interrupted
from crossdock.domain.sale import Sale
from tests.contract.dear.test_examples import READERS, example


def places(value):
    """Every container within the value, with one of its keys or positions."""
    found = []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        found.append((value, key))
        found.extend(places(child))
    return found


ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(alphabet=st.characters(), max_size=20),
    st.sampled_from(["", " ", "1", "1.5", "UNHEARD OF", "2026-13-45T00:00:00", "\ud800", "1e400", "-0"]),
    st.builds(list),
    st.builds(dict),
    st.lists(st.none() | st.builds(dict), min_size=1, max_size=2),
    st.builds(lambda: {"Odd": [1]}),
)


@st.composite
def spoilt(draw, name):
    """The example with up to four places dropped, replaced, written as text or joined by an unknown neighbour."""
    body = deepcopy(example(name))
    for _ in range(draw(st.integers(1, 4))):
        candidates = places(body)
        if not candidates:
            return body
        container, key = draw(st.sampled_from(candidates))
        match draw(st.sampled_from(["drop", "replace", "as text", "extra"])):
            case "drop":
                del container[key]
            case "replace":
                container[key] = draw(ODD_VALUES)
            case "as text":
                container[key] = str(container[key])
            case "extra" if isinstance(container, dict):
                container[draw(st.text(max_size=8))] = draw(ODD_VALUES)
    return body


def outcome(name, body):
    """What reading the body gives: the record, or the error of the tree. Anything else it raises fails the test."""
    try:
        return READERS[name](body)
    except CrossdockError as error:
        return error


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, database=None)
@given(data=st.data())
def test_a_spoilt_body_reads_or_fails_within_the_tree(name, data):
    found = outcome(name, data.draw(spoilt(name)))

    if isinstance(found, CrossdockError):
        assert str(found).isprintable()
    if isinstance(found, Sale):
        assert found.sale_id
        assert found.order_number


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=10, deadline=None, database=None)
@given(body=st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20) | st.builds(list))
def test_a_body_that_is_no_object_at_all_cannot_be_read(name, body):
    found = outcome(name, body)

    assert isinstance(found, Interrupted)
    assert "cannot be read" in str(found)
