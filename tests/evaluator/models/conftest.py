"""Model tests run without a network and keep their tiny checkpoints in a folder of their own."""

import pytest

pytest.register_assert_rewrite("contract")


@pytest.fixture(scope="session", autouse=True)
def _offline(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("REALUNIFY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(ability, ...): a contract test for models that can do all of these")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Contract tests of what a model does not claim to do are not collected, rather than skipped."""
    dropped = [item for item in items if not _needs(item) <= getattr(getattr(item, "cls", None), "can", _needs(item))]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in set(dropped)]


def _needs(item: pytest.Item) -> set[str]:
    marker = item.get_closest_marker("needs")
    task = item.callspec.params.get("task") if hasattr(item, "callspec") else None
    return set(marker.args if marker else ()) | ({task} if task else set())
