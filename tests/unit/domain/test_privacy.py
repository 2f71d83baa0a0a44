"""Messages of the outside: what is personal goes, what a person needs to mend the order stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.privacy import Sent, masked

LETTERS = "abcdefghijklmnopqrstuvwxyzäéøñж"
SKUS = ("MUG-RED", "TEA-001", "0800-123-456", "01632960011", "a b@c.d")
PRIVATE = st.text(alphabet=LETTERS + "ABCXYZ0189 \n\t.,-&'", min_size=4).filter(lambda text: _letters(text) >= 4)


def _letters(text: str) -> int:
    return sum(each.isalnum() for each in text)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .,-&'").casefold()


@pytest.mark.parametrize(
    "message",
    [
        "Product with SKU 'MUG-RED' was not found in reference book",
        "Pick cannot be changed: Status is AUTHORISED",
        "Sale with ID '12345678-1111-4222-8333-444455556666' was not found",
        "Customer with ID '12345678-1111-4222-8333-444455556666' was not found",
        "Quantity 12.0000 of MUG-RED is more than 10.5000 on hand (0.0001 12.5000)",
        "Invoice INV-01632960011 of 2026-03-01T10:00:00 is due on 01/02/2026 10:00",
        "Task 000012345, order 4521987, parcel 1Z999AA10123456784, barcode 4006381333931",
        "Tax rule 'GST' was not found in reference book",
        "The customer's credit limit of 1,500.00 is reached; price 2@4.50",
        "Location 'Main Warehouse: A-01-02' does not exist",
        "Order 03.01.2026 is late",
    ],
)
def test_what_a_person_needs_to_mend_the_order_stays_readable(message):
    assert masked(message) == message


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Customer 'Ada Moss' (ada@example.com, +44 1632 960011) is on hold", "Customer '…' (…, …) is on hold"),
        ("Customer 'Moss & Daughters' is blocked; contact Jo Field jo@x.example", "Customer '…' is blocked; contact …"),
        ("Contact with name “O'Brien” does not exist", "Contact with name “…” does not exist"),
        ('Address: "1 Harbour Street" is too long', 'Address: "…" is too long'),
        ("Customers 'Ada Moss', 'Bo' and 'Cy' differ", "Customers '…', '…' and '…' differ"),
        ("Contact \u2018Shaun O\u2019Brien\u2019 is new", "Contact \u2018…\u2019 is new"),
        ("Name 'Ada Moss, cut of", "Name '…"),
        ("Name 'Shaun O'Brien' is long", "Name '…' is long"),
        ("Customer Ada Moss is on credit hold", "Customer … is on credit hold"),
        ("Mail <a.b+c@mail.example.co.uk> bounced", "Mail <…> bounced"),
        ("Ring 01632 960011 or 01632960011", "Ring … or …"),
        ("Ring (555) 010-4477 or 555-010-4477", "Ring … or …"),
        ("Ring +4790000000, 0044 1632960011", "Ring …, …"),
        ("Phone: 960 011 is not valid", "Phone: … is not valid"),
    ],
)
def test_what_looks_personal_is_masked_though_we_never_sent_it(message, shown):
    assert masked(message) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("notes: Ring bell, ask for Ann Gray is too long", "notes: … is too long"),
        ("notes 'bell, ASK  for' were cut", "notes '…' were cut"),
        ("Ask at the door for the bell", "Ask at the door for the bell"),
    ],
)
def test_a_text_is_masked_whole_and_in_runs_of_three_words(message, shown):
    sent = Sent(texts=frozenset({"Ring bell,\nask for Ann  Gray"}))

    assert masked(message, sent) == shown


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Lisbeth is unknown in Harbour Road", "… is unknown in … Road"),
        ("Mona Lisbeth Quist: no such person", "…: no such person"),
        ("The channel and the quantity 1 are wrong", "The channel and the quantity 1 are wrong"),
        ("QUIST's item QUIST-12 is out, so is QUIST-1", "…'s item QUIST-12 is out, so is …-1"),
        ("Ann has no code", "… has no code"),
    ],
)
def test_names_and_addresses_are_masked_word_by_word_but_not_inside_a_sku(message, shown):
    sent = Sent(names=frozenset({"Mona Lisbeth Quist", "1 Harbour Street", "Ann"}), kept=frozenset({"QUIST-12"}))

    assert masked(message, sent) == shown


@given(texts=st.frozensets(PRIVATE, max_size=3), name=PRIVATE, shouted=st.booleans())
def test_no_private_text_survives_whatever_its_case_and_blanks(texts, name, shouted):
    private = [*texts, name]
    repeated = "; ".join(f"#{' '.join(each.split())}#" for each in private)

    shown = masked(repeated.upper() if shouted else repeated, Sent(names=frozenset({name}), texts=texts))

    assert [each for each in private if _plain(each) in shown.casefold()] == []


@given(private=st.frozensets(PRIVATE, max_size=4))
def test_skus_survive_whatever_private_words_they_share(private):
    message = "Unknown: " + "; ".join(f"[{sku}]" for sku in SKUS)
    sent = Sent(names=private | {"Mug Red", "Tea"}, texts=private, kept=frozenset(SKUS))

    shown = masked(message, sent)

    assert [sku for sku in SKUS if f"[{sku}]" not in shown] == []
