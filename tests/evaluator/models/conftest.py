"""Model tests run without a network and keep their tiny checkpoints in a folder of their own."""

import pytest

pytest.register_assert_rewrite("contract")


@pytest.fixture(scope="session", autouse=True)
def _offline(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("REALUNIFY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
