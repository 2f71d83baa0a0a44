"""Whether what a sale asks for has changed, and how, in words that a person can act on."""

from hashlib import sha256

from crossdock.domain.order import Content


def hash_of(content: Content) -> str:
    """The same for the same content, whatever the order of its fields."""
    return sha256(content.model_dump_json().encode()).hexdigest()


def differences(before: Content, after: Content) -> tuple[str, ...]:
    """What changed, a sentence each; addresses are named, never shown."""
    told: list[str] = []
    old = {line.line_id: line for line in before.lines}
    new = {line.line_id: line for line in after.lines}
    for line_id in sorted(old.keys() | new.keys()):
        was, now = old.get(line_id), new.get(line_id)
        if was is None and now is not None:
            told.append(f"line {line_id}: {now.quantity} of {now.sku} added")
        elif now is None and was is not None:
            told.append(f"line {line_id}: {was.quantity} of {was.sku} removed")
        elif was and now and (was.sku, was.quantity) != (now.sku, now.quantity):
            told.append(f"line {line_id}: {was.quantity} of {was.sku} became {now.quantity} of {now.sku}")
        elif was != now:
            told.append(f"line {line_id}: price or text changed")
    fields = [name for name in type(before).model_fields if name != "lines"]
    told.extend(f"{name} changed" for name in fields if getattr(before, name) != getattr(after, name))
    return tuple(told)
