"""The data directory belongs to one running installation at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backend.data_dir import DataDirError, held


def test_a_data_directory_is_held_by_one_process_until_it_ends(tmp_path: Path) -> None:
    source = (
        "import sys, time; from pathlib import Path; from backend.data_dir import held\n"
        "with held(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", source, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(DataDirError) as refused, held(tmp_path):
            pass
        other.kill()
    assert str(refused.value) == (
        f"Another process ({other.pid}) uses DATA_DIR {tmp_path}: stop it first, or choose another DATA_DIR."
    )
    with held(tmp_path):
        pass


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = r"cannot be used .*: make it writable or choose another"
    with pytest.raises(DataDirError, match=sentence), held(tmp_path / "file" / "data"):
        pass
