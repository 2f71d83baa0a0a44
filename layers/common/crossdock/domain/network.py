"""Addresses that a connection's server never has: calls to them would hand our secrets to the machine we run on."""

from ipaddress import IPv6Address, IPv6Network, ip_address

_OF_THE_CLOUD = IPv6Network("fd00:ec2::/32")
"""AWS' own services on an instance: metadata, time, credentials."""


def is_of_the_machine(host: str) -> bool:
    """Whether it is a link-local or metadata address; a name is none. Loopback is not meant: it serves the sandbox."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address.is_link_local or address in _OF_THE_CLOUD


def is_loopback(host: str) -> bool:
    """Whether it is an address of this machine alone."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
