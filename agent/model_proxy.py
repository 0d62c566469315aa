"""The proxy of the environment on the way to a model: which one, if any, and whether it can be used."""

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from agent.model_address import ModelAddress
from study.errors import SettingsError

_USABLE: Final = ("http", "https")


def proxy_for(address: ModelAddress, proxies: Mapping[str, str]) -> str | None:
    """Choose the proxy for a server.

    Args:
        address: The server.
        proxies: As urllib.request.getproxies gives them: an address for "http", "https" and "all", and in
            "no" the hosts that are asked directly.

    Returns:
        The proxy's address, or None where the server is asked directly: on this machine it always is.

    Raises:
        ValueError: A sentence with the repair: models cannot be asked by way of that proxy. It never
            shows the proxy's password.
    """
    if address.is_loopback or _is_excepted(address, proxies.get("no", "")):
        return None
    kind = address.scheme if proxies.get(address.scheme) else "all"
    given = proxies.get(kind, "").strip()
    if not given:
        return None
    url = given if "://" in given else f"http://{given}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _USABLE and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if usable:
        return url
    name = f"{kind.upper()}_PROXY"
    scheme = url.partition("://")[0]
    reason = (
        f"it begins with {scheme}://, and models are asked by way of http:// and https:// proxies alone"
        if scheme not in _USABLE
        else "its host or its port cannot be read"
    )
    raise ValueError(
        f"{name} of the environment cannot be used: {reason}. Set {address.scheme.upper()}_PROXY like "
        f"http://proxy.example.org:3128, or ask {address.host} directly: NO_PROXY={address.host}"
    )


def usable_proxy(address: ModelAddress, proxies: Mapping[str, str]) -> str | None:
    """The same, for settings.

    Raises:
        SettingsError: Models cannot be asked by way of that proxy.
    """
    try:
        return proxy_for(address, proxies)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _is_excepted(address: ModelAddress, excepted: str) -> bool:
    """As curl reads NO_PROXY: hosts with all below them, one port of a host, networks, or * for all."""
    for entry in (part.strip().lower() for part in excepted.split(",")):
        name = entry.removeprefix("*").removeprefix(".")
        if entry == "*" or (name and name in (address.host, address.netloc)):
            return True
        if (name and address.host.endswith(f".{name}")) or _holds(entry.strip("[]"), address.host):
            return True
    return False


def _holds(network: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
