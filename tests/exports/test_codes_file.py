"""The codes of an export, from whatever it has them in, are the codes of its study."""

import base64
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.coding.codebook_import import ImportPlan, plan_of
from exports.codes_file import LARGEST, MOST_ROWS, codes_at, codes_in
from study.errors import CodingError
from tests.exports.conftest import export_to
from tests.exports.seed import Seed, at, id_of


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """An export of a codebook with a tree, a retired code, a name that was changed, one that was moved."""
    folder = tmp_path_factory.mktemp("other study")
    (folder / "verbatim.db").write_bytes(migrated_sqlite.read_bytes())
    seed = Seed()
    seed.code("a", 1, "Sadness", 1)
    seed.code("b", 2, 'Lonely; "very"', 2, parent_id=id_of("a"), definition="Says so,\nor nearly.")
    seed.code("c", 3, "Plan", 3)
    seed.code("d", 4, "Gone", 4)
    seed.code("d", 5, "Gone", 5, retired_at=at(5))
    seed.code("a", 6, "Feeling", 6)
    seed.code("c", 7, "Plan", 7, place=0.5, colour="orange")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    seed.write(url)
    export_to(url, folder / "out", formats=("csv", "parquet"))
    return folder / "out"


def only(export: Path, name: str, folder: Path) -> Path:
    """A folder with one file of the export."""
    (folder / name).write_bytes((export / name).read_bytes())
    return folder


def zipped(export: Path, names: tuple[str, ...], to: Path) -> Path:
    """Some files of the export as a zip, as the room makes one."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            with archive.open(f"study-2026/{name}", "w", force_zip64=True) as file:
                file.write((export / name).read_bytes())
    return to


def is_the_study(plan: ImportPlan) -> None:
    """Whether a plan is its codes: the living ones in their order, under what they stood under."""
    assert plan.refused == []
    assert [(line.name, line.parent) for line in plan.added] == [
        ("Plan", ""),
        ("Feeling", ""),
        ('Lonely; "very"', "Feeling"),
    ]
    assert plan.added[2].definition == "Says so,\nor nearly."
    assert str(plan.added[0].colour) == "orange"


@pytest.mark.parametrize("name", ["codes.csv", "codes.parquet"])
def test_a_folder_a_file_and_a_zip_are_read(export: Path, tmp_path: Path, name: str) -> None:
    """From CSV and from Parquet alike."""
    folder = only(export, name, tmp_path)
    packed = zipped(export, ("manifest.json", name), tmp_path / "export.zip")
    for path in (folder, folder / name, packed):
        is_the_study(plan_of(codes_at(path), []))
    assert codes_at(export) == (export / "codes.csv").read_bytes()


def test_what_the_room_hands_over_is_read(export: Path) -> None:
    """Over standard input, in Base64, by a process of its own."""
    given = base64.b64encode((export / "codes.parquet").read_bytes())
    told = subprocess.run(
        [sys.executable, "-m", "exports", "codes", "-"], input=given, capture_output=True, check=True
    )
    is_the_study(plan_of(told.stdout, []))


def test_what_has_no_codes_says_so(export: Path, tmp_path: Path) -> None:
    """A folder, a zip, a path that is none, damaged files; in a sentence each."""
    empty = zipped(export, ("manifest.json",), tmp_path / "empty.zip")
    whole = zipped(export, ("codes.csv",), tmp_path / "whole.zip").read_bytes()
    (tmp_path / "broken.zip").write_bytes(whole[:40])
    (tmp_path / "large.csv").write_bytes(b"x" * (LARGEST + 1))
    for path, why in (
        (only(export, "manifest.json", tmp_path), "no codes.csv or codes.parquet"),
        (empty, "no codes.csv or codes.parquet"),
        (tmp_path / "nowhere", "no file"),
        (tmp_path / "broken.zip", "Unpack it"),
        (tmp_path / "large.csv", "larger than 16 MB"),
    ):
        with pytest.raises(CodingError, match=why):
            codes_at(path)
    with pytest.raises(CodingError, match="damaged"):
        codes_in((export / "codes.parquet").read_bytes()[:-9])


def test_what_was_packed_to_do_harm_ends_in_a_sentence(export: Path, tmp_path: Path) -> None:
    """Bytes that do not unpack, letters that are none, and files that are a thousand times what they seem."""
    whole = bytearray(zipped(export, ("codes.csv",), tmp_path / "whole.zip").read_bytes())
    (tmp_path / "bent.zip").write_bytes(whole[:60] + b"\xff" * 30 + whole[90:])
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../codes.csv", b"name\n" + b"x" * LARGEST)
    zipfile.ZipFile(tmp_path / "nothing.zip", "w").close()
    for name, why in (("bent.zip", "Unpack it"), ("bomb.zip", "16 MB"), ("nothing.zip", "no codes.csv")):
        with pytest.raises(CodingError, match=why):
            codes_at(tmp_path / name)
    letters = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    for column, why in (
        (letters, "damaged"),
        (pa.array(["x"]).take(pa.array([0] * (MOST_ROWS + 1))), "lines"),
        (pa.array(["x" * LARGEST]), "16 MB"),
    ):
        packed = io.BytesIO()
        pq.write_table(pa.table({"name": column}), packed)
        with pytest.raises(CodingError, match=why):
            codes_in(packed.getvalue())
