import pytest

from tests.isolate.rigging import MakeRig, rig


@pytest.fixture
def make_rig() -> MakeRig:
    return rig
