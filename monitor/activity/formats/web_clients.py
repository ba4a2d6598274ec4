"""Which clients of Zimbra a person looks at."""

_WEB = (b"ZimbraWebClient", b"ZimbraXWebClient", b"zclient/", b"Mozilla/")


def is_web_client(client: bytes) -> bool:
    """Whether a `ua` is the web client's: its pages (`ZimbraWebClient - FF3.0 (Win)/8.8.15`,
    `ZimbraXWebClient` of the modern one), or its login form (`zclient/8.8.15_GA_1728`).

    Outlook's connector, Zimbra Desktop and the gateways of telephones speak SOAP too, by
    themselves and all day.
    """
    return client.startswith(_WEB)
