"""What single settings may be."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Network = IPv4Network | IPv6Network


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone: write Asia/Ho_Chi_Minh or UTC")
    return name


Zone = Annotated[str, AfterValidator(_zone)]


def _encoding(name: str) -> str:
    try:
        keeps_ascii = "a\n".encode(name) == b"a\n"
    except (LookupError, UnicodeError):
        keeps_ascii = False
    if not keeps_ascii:
        raise ValueError(f"{name!r} is no encoding of logs: write utf-8, windows-1258 or latin-1")
    return name


Encoding = Annotated[str, AfterValidator(_encoding)]
"""One that writes ASCII as ASCII: lines are told apart before they are decoded."""
Bytes = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]
WorkingHours = Annotated[float, Field(gt=0, le=2000)]
"""Of a source: without a delivery for so many working hours it is silent (docs/alerts.md)."""

MIB = 1024 * 1024
INTAKE = "intake"
"""What the record calls captured mail among those who say who is active."""


Port = Annotated[int, Field(ge=0, le=65535)]
Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
HostName = Annotated[str, Field(pattern=r"^(?:[a-z0-9.-]{1,253}|[0-9a-f:.]+)$")]
Host = Annotated[str, Field(pattern=r"^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$")]
Url = Annotated[str, Field(pattern=r"^https?://[^/\s@]+(?:/\S*)?$")]


def host_entry(url: str) -> str:
    """How `hosts` names the server of an address: with its port, unless it is the usual one."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].lower()
    return host.removesuffix(":443" if scheme == "https" else ":80")


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
