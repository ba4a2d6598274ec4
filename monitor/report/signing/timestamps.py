"""Time-stamps from the server that the settings name (RFC 3161), and from nowhere else."""

import asyncio
from typing import ClassVar

import aiohttp
from asn1crypto import cms, core, tsp
from pyhanko.sign.timestamps import TimeStamper

from monitor.errors import UserError

MOST_BYTES = 20_000
"""Of an answer; with its whole chain one has 4,000 to 8,000."""
MOST_WORDS = 300
"""Letters of what a server says for itself."""
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
"""RFC 3161, 3.4."""


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """RFC 3161, 2.4.2: the token is there where it is granted."""

    _fields: ClassVar[list[tuple[object, ...]]] = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class Server(TimeStamper):
    """One time-stamp server. What does not come as it should raises UserError."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko has no types there
        self._url = url
        self._seconds = seconds

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The token over a digest."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            info = token["content"]["encap_content_info"]["content"].parsed
            imprint = info["message_imprint"]["hashed_message"].native
        except (ValueError, TypeError, KeyError, AttributeError):
            raise self._failed("its answer is no time-stamp") from None
        except OSError as error:
            raise self._failed(str(error)) from None
        if imprint != message_digest:
            raise self._failed("its time-stamp is of something else")
        return token

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One request; redirections are not followed."""
        try:
            async with asyncio.timeout(self._seconds), aiohttp.ClientSession() as session:
                return self._granted(await self._posted(session, req.dump()))
        except TimeoutError:
            raise self._failed(f"no answer within {self._seconds:g} seconds") from None
        except aiohttp.ClientError as error:
            raise self._failed(str(error) or type(error).__name__) from None

    def _granted(self, answer: bytes) -> tsp.TimeStampResp:
        """A refusal has no token, which pyHanko's reader takes for a broken answer."""
        status = _Answer.load(answer)["status"].native
        if status["status"] not in {"granted", "granted_with_mods"}:
            why = [*(status["status_string"] or ()), *(status["fail_info"] or ())]
            raise self._failed(f"it refused: {'; '.join(why) or status['status']}"[:MOST_WORDS])
        return tsp.TimeStampResp.load(answer)

    async def _posted(self, session: aiohttp.ClientSession, query: bytes) -> bytes:
        headers = {"Content-Type": QUERY, "Accept": REPLY}
        async with session.post(
            self._url, data=query, headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200 or response.content_type != REPLY:
                raise self._failed(f"it answered {response.status} {response.content_type}")
            answer = b""
            async for part in response.content.iter_chunked(MOST_BYTES):
                answer += part
                if len(answer) > MOST_BYTES:
                    raise self._failed(f"its answer is larger than {MOST_BYTES} bytes")
            return answer

    def _failed(self, why: str) -> UserError:
        return UserError(
            f"the report is not signed: no time-stamp from {self._url} "
            f"(report_signing.timestamp_url): {why}"
        )
