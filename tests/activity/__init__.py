import pytest

pytest.register_assert_rewrite("tests.activity.small_logs")
