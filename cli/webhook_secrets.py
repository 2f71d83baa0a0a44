"""Making a webhook secret anew while the old one stays good for a while, and the token for DEAR's own webhooks."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from rich.console import RenderableType
from rich.text import Text

from cli.credentials import new_webhook_secret
from cli.faults import REFUSED, Complaint
from cli.screen import cell
from cli.site import Secret, Site
from cli.webhook_shapes import DearToken, SecretRotated, WebhookAddress
from crossdock.domain.settings import Connection

PARTY = "webhook"
TOKEN_BYTES = 32


def address_of(site: Site, connection: str) -> WebhookAddress:
    """The URLs of one connection."""
    base = f"{site.api_url}/v1/connections/{connection}"
    return WebhookAddress(
        connection=connection,
        shipments=f"{base}/shipments",
        orders=f"{base}/orders/{{reference}}",
        dear_events=f"{base}/dear-events",
    )


def only(connections: tuple[Connection, ...]) -> str:
    """The name of the one connection that is meant. Raises Complaint."""
    if len(connections) != 1:
        names = ", ".join(each.name for each in connections) or "none yet"
        raise Complaint("It must be clear which connection is meant.", f"Give --connection; there are: {names}.")
    return connections[0].name


def stored(site: Site, connection: str) -> Secret:
    """The connection's webhook document. Raises Complaint where there is none."""
    found = site.vault.read(connection, PARTY)
    if found is None:
        name = site.vault.name(connection, PARTY)
        raise Complaint(f"There is no secret {name}.", "Run `crossdock connect` again: it makes one.", code=REFUSED)
    return found


def rotate(site: Site, connection: str, keep_old: timedelta, now: datetime) -> tuple[SecretRotated, str]:
    """A new secret; those that were good until now stay so for a while. The document, and the secret."""
    before = stored(site, connection)
    new, until = new_webhook_secret(), now + keep_old
    still = [{"secret": secret, "until": until.isoformat()} for secret in _current(before)] if keep_old else []
    after = {**before, "secrets": [new], "old": [*_still_good(before, now), *still] if keep_old else []}
    site.vault.write(connection, PARTY, after)
    kept_in = site.vault.name(connection, PARTY)
    return SecretRotated(connection=connection, kept_in=kept_in, old_good_until=until if keep_old else None), new


def make_dear_token(site: Site, connection: str) -> tuple[DearToken, str]:
    """A new token for DEAR's webhooks, in the place of the one that stood there. The document, and the token."""
    token = token_urlsafe(TOKEN_BYTES)
    site.vault.write(connection, PARTY, {**stored(site, connection), "dear_token": token})
    url = address_of(site, connection).dear_events
    return DearToken(connection=connection, kept_in=site.vault.name(connection, PARTY), url=url), token


def rotated_block(document: SecretRotated, secret: str | None) -> RenderableType:
    """What was done. `secret`: to be shown, this once."""
    lines = [Text(f"{document.connection} has a new webhook secret.", style="bold")]
    lines.append(_where(document.kept_in, "secrets", secret))
    if document.old_good_until:
        lines.append(Text(f"  The old one is good until {document.old_good_until:%Y-%m-%d %H:%M} UTC."))
        lines.append(Text("  Until then the warehouse may sign with either, or with both."))
    else:
        lines.append(Text("  The old one is not good any more, within five minutes from now."))
    return Text("\n").join(lines)


def token_block(document: DearToken, token: str | None) -> RenderableType:
    """What was done, and what DEAR is to be told. `token`: to be shown, this once."""
    return Text("\n").join(
        (
            Text(f"{document.connection} has a new token for DEAR's webhooks.", style="bold"),
            _where(document.kept_in, "dear_token", token),
            Text("  In DEAR's webhooks: Bearer authorization with this token, and the URL"),
            Text(f"    {document.url}"),
        )
    )


def _where(kept_in: str, field: str, shown: str | None) -> Text:
    if shown is not None:
        return Text(f"  It is shown this once: {shown}")
    return Text(
        f"  It is `{field}` in\n"
        f"    aws secretsmanager get-secret-value --secret-id {kept_in} --query SecretString --output text"
    )


def address_cells(address: WebhookAddress) -> tuple[Text, ...]:
    """One row of the table of addresses."""
    return cell(address.connection, "bold"), cell(address.shipments), cell(address.orders), cell(address.dear_events)


def _current(document: Secret) -> list[str]:
    secrets = document.get("secrets")
    return [str(secret) for secret in secrets] if isinstance(secrets, list) else []


def _still_good(document: Secret, now: datetime) -> list[object]:
    """What is left from an earlier rotation."""
    old = document.get("old")
    return [each for each in old if datetime.fromisoformat(str(each["until"])) > now] if isinstance(old, list) else []
