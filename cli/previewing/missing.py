"""Names that the settings and DEAR do not share: each with its field, how many sales it concerns, and the mend."""

from collections.abc import Collection, Iterable, Iterator

from cli.previewing.findings import Findings
from cli.problems import nearest
from cli.shapes import MissingName
from crossdock.domain.settings import Settings


def missing_names(
    findings: Findings, locations: Collection[str] | None, accounts: Collection[str] | None
) -> tuple[MissingName, ...]:
    """Everything that is missing. `locations`, `accounts`: all that DEAR has, None where they were not asked for."""
    settings = findings.settings
    found = [*_ship_methods(findings), *_unmapped_locations(findings), *_carriers(findings)]
    if locations is not None:
        found += _not_in_dear("location", locations_named(settings), locations)
    if accounts is not None:
        found += _not_in_dear("account", accounts_named(settings), accounts)
    return tuple(found)


def locations_named(settings: Settings) -> list[tuple[str, str]]:
    """DEAR's locations as the settings name them, each with its field."""
    named = [("settings.locations", name) for name in settings.locations]
    return named + [("settings.warehouses", name) for name in settings.warehouses]


def accounts_named(settings: Settings) -> list[tuple[str, str]]:
    """DEAR's accounts as the settings name them, each with its field."""
    named = [("settings.shipping_accounts", code) for code in settings.shipping_accounts]
    return named + ([("settings.inventory.account", settings.inventory.account)] if settings.inventory else [])


def _ship_methods(findings: Findings) -> Iterator[MissingName]:
    """Those without a code. Without any mapping at all, DEAR's words go through (decision 6)."""
    settings = findings.settings
    held = settings.ship_methods and settings.unmapped_ship_method == "hold"
    for name, sales in findings.ship_methods.most_common():
        if name in settings.ship_methods:
            continue
        yield MissingName(
            kind="ship_method",
            name=name,
            field="settings.ship_methods",
            sales=sales,
            effect="these are held" if held else "the warehouse gets DEAR's own words",
            mend=_mapping(name, "settings.ship_methods", settings.ship_methods),
        )


def _unmapped_locations(findings: Findings) -> Iterator[MissingName]:
    settings = findings.settings
    for name, sales in findings.sale_locations.most_common():
        if name in settings.warehouses:
            continue
        yield MissingName(
            kind="sale_location",
            name=name,
            field="settings.warehouses",
            sales=sales,
            effect="orders name no warehouse, and its stock is not compared",
            mend=_mapping(name, "settings.warehouses", settings.warehouses),
        )


def _carriers(findings: Findings) -> Iterator[MissingName]:
    """A carrier that no sale has, while one has nearly its name: DEAR would make a second one of it."""
    seen = findings.carriers
    for theirs, ours in findings.settings.carriers.items():
        meant = nearest(ours, seen)
        if ours in seen or meant is None:
            continue
        yield MissingName(
            kind="carrier",
            name=ours,
            field=f"settings.carriers.{theirs}",
            sales=None,
            effect="no sale that was read has it; DEAR makes a new carrier of an unknown name",
            mend=f"did you mean {meant!r}?",
        )


def _not_in_dear(kind: str, named: Iterable[tuple[str, str]], existing: Collection[str]) -> Iterator[MissingName]:
    for field, name in named:
        if name in existing:
            continue
        meant = nearest(name, existing)
        yield MissingName(
            kind=kind,
            name=name,
            field=field,
            sales=None,
            effect=f"DEAR has no such {kind}: `crossdock connect` refuses it",
            mend=f"did you mean {meant!r}?" if meant else "name one that DEAR has, or leave it out",
        )


def _mapping(name: str, field: str, known: Collection[str]) -> str:
    """The line to add; where the settings have nearly the same name, the name to correct."""
    meant = nearest(name, known)
    similar = f', or correct "{meant}" there' if meant else ""
    return f'add "{name}" = "CODE" under [{field}]{similar}'
