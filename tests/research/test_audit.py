"""The audit log's page."""

import ast
import re
from collections.abc import Iterator

from data_layer.people.audit import PAGE
from data_layer.record import Record
from research.audit_sentences import WORDS, action_in_words
from study.vocabulary import CodeColour
from tests.browser.conftest import TREE
from tests.data_layer.rows import ADA
from tests.research.browser import Browser


async def test_the_log_is_paged_and_whole(owner: Browser, record: Record) -> None:
    """The newest line first; older ones behind a link, each line once."""
    for number in range(PAGE + 5):
        await record.audit.note("thread_read", name="Olga", target=f"thread {number:03}")
    first = (await owner.get("/audit")).text
    assert f"thread {PAGE + 4:03}" in first
    assert "thread 000" not in first
    second = (await owner.get("/audit?before=7")).text
    assert "thread 000" in second
    assert "The log is whole" in (await owner.post("/audit/verify")).text


async def test_details_are_told_in_words(owner: Browser, record: Record) -> None:
    """Lists and tables are read out; a pseudonym has eight characters, and all of them behind a click."""
    noted = {"threads": ["one", "two"], "where": {"deleted": True, "q": "sea"}, "annotation_ids": []}
    await record.audit.note("threads_coded", name="Olga", target=ADA, details=noted)
    page = (await owner.get("/audit")).text
    assert "threads: <bdi>one, two</bdi>" in page
    assert "where: <bdi>deleted yes, q sea</bdi>" in page
    assert "annotations: <bdi>none</bdi>" in page
    assert f"<summary>{ADA[:8]}</summary><code>{ADA}</code>" in page


async def test_what_has_a_name_is_told_by_it(owner: Browser, record: Record) -> None:
    """A code and a researcher, as they are called now; and what was done, as the end of a sentence."""
    code = await record.codebook.add("Trust <i>", "", CodeColour.BLUE, ADA, "Olga")
    await record.audit.note("annotation_made", name="Olga", details={"code_id": code.code_id})
    olga = await record.researchers.find("Olga")
    assert olga is not None
    await record.audit.note("threads_assigned", name="Olga", target=olga.researcher_id)
    page = (await owner.get("/audit")).text
    assert "code: <bdi>Trust &lt;i&gt;</bdi>" in page
    assert re.search(
        rf'assigned conversations to a coder</td><td class="of"><bdi title="{olga.researcher_id}">Olga<', page
    )


def test_every_action_has_words() -> None:
    """Each that the source notes is told in a sentence; none is there that nobody notes."""
    folders = (
        "api/research",
        "commands",
        "data_layer",
        "exports",
        "page",
        "research",
        "stages",
        "web",
    )  # an agent notes other things
    trees = {
        str(path.relative_to(TREE)): ast.parse(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in (TREE / folder).rglob("*.py")
    }
    named = dict(pair for tree in trees.values() for pair in constants(tree))
    written: set[str] = set()
    passed_on: set[str] = set()
    for path, tree in trees.items():
        for call in notes(tree):
            found = texts(call.args[0], named)
            written |= found
            if not found:
                passed_on.add(path)
    # Their callers are looked at as well: those of a visit's own, and of the commands'.
    assert passed_on == {"research/routing.py", "commands/researchers.py", "api/research/visitor.py"}
    assert {"signed_in", "coding_reopened", "researcher_shut_out", "backup_made"} <= written
    assert written == set(WORDS)
    assert action_in_words("made_by_another_version") == "made by another version"


def notes(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that note something in the audit log."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and one.args:
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            is_none = isinstance(one.args[0], ast.Constant) and one.args[0].value is None
            if name in ("note", "_with_room") and not is_none:
                yield one


def constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The texts that a module gives a name."""
    for one in tree.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.value, ast.Constant):
            yield getattr(one.target, "id", ""), str(one.value.value)


def texts(given: ast.expr, named: dict[str, str]) -> set[str]:
    """What an action may be: a text, one that has a name, or one of two."""
    if isinstance(given, ast.IfExp):
        return texts(given.body, named) | texts(given.orelse, named)
    if isinstance(given, ast.Constant):
        return {str(given.value)}
    return {named[given.id]} if isinstance(given, ast.Name) and given.id in named else set()


async def test_older_lines_come_in_place_or_by_a_page(owner: Browser, record: Record) -> None:
    """The same address serves both; a session that ended in between leads to the way in, as a whole page."""
    for number in range(PAGE + 5):
        await record.audit.note("thread_read", name="Olga", target=f"thread {number:03}")
    first = (await owner.get("/audit")).text
    older = re.search(r'<a href="(/research/audit\?before=\d+)" hx-get="(.*?)"', first)
    assert older is not None
    assert older[1] == older[2]
    await owner.post("/logout")
    answer = await owner.client.get(older[1], headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/research/login?next=%2Fresearch%2Faudit%3Fbefore%3D")


async def test_a_changed_line_is_told(owner: Browser, record: Record) -> None:
    """By its number."""
    await record.audit.note("thread_read", name="Olga", target="what was read")
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE audit_log SET target = 'something else' WHERE position = 2")
    page = (await owner.post("/audit/verify")).text
    assert "Line 2 was changed after it was written." in page


async def test_what_is_told_is_text(owner: Browser, record: Record) -> None:
    """A name or a search that holds script is shown as it is."""
    await record.audit.note(
        "searched", name="<b>Olga</b>", target="<img src=x>", details={"query": "<script>"}
    )
    page = (await owner.get("/audit")).text
    assert "<b>Olga" not in page
    assert "<img src=x>" not in page
    assert "<script>" not in page
