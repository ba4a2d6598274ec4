"""The protocol tests run on both event loops: they differ in TLS, half-close and flow control."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name.startswith(("test_smtp", "test_lmtp", "test_auth", "test_implicit")):
        loops["uvloop"] = uvloop.new_event_loop
    return loops
