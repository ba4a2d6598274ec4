"""Which clients of Zimbra a person looks at."""

_WEB = (b"ZimbraWebClient", b"ZimbraXWebClient", b"zclient/", b"Mozilla/")
_PROGRAM = (b"Thunderbird", b"Lightning")


def client_of(context: bytes) -> bytes:
    """What a client calls itself, from the context of a line; Zimbra doubles every `;` in it."""
    if context.startswith(b"ua="):
        start = 3
    elif (before := context.find(b";ua=")) >= 0:
        start = before + 4
    else:
        return b""
    end = context.find(b";", start)
    while end >= 0 and context.startswith(b";;", end):
        end = context.find(b";", end + 2)
    return context[start:end] if end >= 0 else context[start:]


def is_web_client(client: bytes) -> bool:
    """Whether a `ua` is the web client's: its pages (`ZimbraWebClient - FF3.0 (Win)/8.8.15`,
    `ZimbraXWebClient` of the modern one), or its login form (`zclient/8.8.15_GA_1728`).

    Outlook's connector, Zimbra Desktop and the gateways of telephones speak SOAP too, by
    themselves and all day.
    """
    return client.startswith(_WEB) and not any(name in client for name in _PROGRAM)
