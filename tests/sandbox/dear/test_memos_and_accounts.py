"""What settings read beside goods can be seeded, edited and written: memos, accounts, channel, representative."""

from typing import Any

from tests.sandbox.dear.client import DearClient


def act(dear: DearClient, order_number: str, action: str, /, **body: Any) -> Any:
    return dear.control("POST", f"/sales/{order_number}/{action}", body)


def seeded(dear: DearClient, **sale: Any) -> str:
    dear.seed(products=[{"sku": "BREAD"}], stock=[{"sku": "BREAD", "on_hand": 9}])
    charge = {"description": "Express Post", "price": 5, "account": "403"}
    (sale_id,) = dear.seed(
        sales=[{"order_number": "SO-7", "lines": [{"sku": "BREAD"}], "charges": [charge], **sale}]
    )  # fmt: skip
    return str(sale_id)


def test_every_memo_and_account_of_a_seed_is_on_the_sale(dear: DearClient) -> None:
    sale_id = seeded(
        dear, status="CREDITED", memo="of the order", quote_memo="of the quote", invoice_memo="of the invoice",
        credit_note_memo="of the credit note", default_account="403", source_channel="Shopify",
        sales_representative="Kit",
    )  # fmt: skip

    sale = dear.sale(sale_id)

    memos = [sale["Order"], sale["Quote"], sale["Invoices"][0], sale["CreditNotes"][0]]
    assert [part["Memo"] for part in memos] == ["of the order", "of the quote", "of the invoice", "of the credit note"]
    assert (sale["DefaultAccount"], sale["SourceChannel"], sale["SalesRepresentative"]) == ("403", "Shopify", "Kit")


def test_a_charge_shows_its_account_once_it_is_on_an_invoice(dear: DearClient) -> None:
    sale_id = seeded(dear)

    before = dear.sale(sale_id)
    act(dear, "SO-7", "invoice", memo="as agreed")
    (invoice,) = dear.sale(sale_id)["Invoices"]

    assert "Account" not in before["Order"]["AdditionalCharges"][0]
    assert [(charge["Description"], charge["Account"]) for charge in invoice["AdditionalCharges"]] == [
        ("Express Post", "403")
    ]
    assert invoice["Memo"] == "as agreed"


def test_what_settings_read_can_be_edited(dear: DearClient) -> None:
    sale_id = seeded(dear)

    act(dear, "SO-7", "edit", quote_memo="later", default_account="403", source_channel="Amazon")

    sale = dear.sale(sale_id)
    assert (sale["Quote"]["Memo"], sale["DefaultAccount"], sale["SourceChannel"]) == ("later", "403", "Amazon")
