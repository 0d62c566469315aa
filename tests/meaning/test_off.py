"""A study without search by meaning pays nothing for it; one with it, and no model, is told."""

import subprocess
import sys
from pathlib import Path

from bootstrap import meaning_of
from data_layer.record import Record
from settings import Settings
from study.loader import LoadedStudy, load_study
from tests.fake_embeddings import FakeEmbeddings

EXAMPLE = Path("studies/example/study.yaml")


def test_nothing_of_it_is_loaded_where_it_is_off() -> None:
    """Building a study that names no model imports neither its parts nor what reads models."""
    look = "import sys, bootstrap, meaning.own; print([one for one in WANTED if one in sys.modules])"
    wanted = ["agent.embedding.base", "data_layer.search.matrix", "meaning.service", "model2vec"]
    done = subprocess.run(
        [sys.executable, "-c", look.replace("WANTED", str(wanted))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


async def test_the_models_key_is_not_sent_to_another_server(
    sqlite_record: Record, fake_embeddings: FakeEmbeddings, tmp_path: Path
) -> None:
    """OPENAI_API_KEY goes to OpenAI, or OPENAI_BASE_URL, and never to VERBATIM_EMBEDDING_URL."""
    settings = Settings(openai_api_key="sk-of-the-model", embedding_url=fake_embeddings.url)
    made = meaning_of(settings, _study(tmp_path), sqlite_record)
    assert made is not None
    await made.query("hound")
    await made.close()
    assert fake_embeddings.keys == ["Bearer no-key-needed"]


async def test_embeddings_come_from_the_models_server_where_no_other_is_named(
    sqlite_record: Record, fake_embeddings: FakeEmbeddings, tmp_path: Path
) -> None:
    """Without an address of their own embeddings are asked of the model's server, with its key."""
    settings = Settings(openai_api_key="sk-of-the-model", openai_base_url=fake_embeddings.url)
    made = meaning_of(settings, _study(tmp_path), sqlite_record)
    assert made is not None
    await made.query("hound")
    await made.query("hound")
    await made.close()
    assert fake_embeddings.keys == ["Bearer sk-of-the-model"]


def test_without_a_model_it_is_off(sqlite_record: Record, tmp_path: Path) -> None:
    """A study that names a model, on a machine that has none, runs without."""
    assert meaning_of(Settings(), _study(tmp_path), sqlite_record) is None


def _study(folder: Path) -> LoadedStudy:
    for path in EXAMPLE.parent.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / EXAMPLE.name).open("a") as file:
        file.write("\nsemantic_search:\n  model: tiny\n")
    return load_study(folder)
