"""The folder by itself is a Space: copied elsewhere and run as a script, its own files serve the page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

import leaderboard_space
from dataset_builder.errors import UsageError
from leaderboard_space.app import serve

FOLDER = Path(leaderboard_space.__file__).parent


def test_the_folder_runs_as_it_stands(small_dataset: Path, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "space", ignore=shutil.ignore_patterns("__pycache__"))
    hero = tmp_path / "space" / "pages" / "templates" / "hero.html"
    hero.write_text(hero.read_text(encoding="utf-8").replace("RealUnify", "CopiedUnify"), encoding="utf-8")
    environment = os.environ | {
        "REALUNIFY_DATA": str(tmp_path / "data"),
        "REALUNIFY_DATASET": str(small_dataset),
        "REALUNIFY_JUDGE": "fixed:yes",
        "GRADIO_SERVER_PORT": "0",
    }
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=tmp_path / "space", env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("leaderboard: http://127.0.0.1:")
            with urllib.request.urlopen(line.split()[1], timeout=20) as answer:
                assert "CopiedUnify" in answer.read().decode()
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert (tmp_path / "data" / "submissions").is_dir()


def test_a_dataset_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    environment = os.environ | {"REALUNIFY_DATASET": str(tmp_path / "absent"), "REALUNIFY_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, FOLDER / "app.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "absent" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("port", [None, 70_000])
def test_a_port_that_cannot_be_had_is_one_line(small_dataset: Path, tmp_path: Path, port: int | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1] if port is None else port
        with pytest.raises(UsageError, match=rf"^cannot serve at 127\.0\.0\.1:{wanted} \(.+\); give another port"):
            serve(tmp_path / "data", str(small_dataset), None, wanted, "127.0.0.1")


def test_the_spaces_card_is_true() -> None:
    card = yaml.safe_load((FOLDER / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert (card["sdk"], card["app_file"]) == ("gradio", "app.py")
    assert (FOLDER / card["app_file"]).is_file()
    constraints = (FOLDER.parent / "constraints.txt").read_text(encoding="utf-8")
    assert f"gradio=={card['sdk_version']}" in constraints
