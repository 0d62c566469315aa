"""A study without a protocol shows nothing of one."""

from data_layer.record import Record
from tests.research.browser import Browser


async def test_no_page_speaks_of_a_protocol(owner: Browser, record: Record) -> None:
    """Neither the overview, the list, a participant's page nor the links; and its page is not there."""
    ada = (await record.enter("Ada", "ada")).participant_id
    pages = [(await owner.get(path)).text for path in ("/", "/participants", f"/participants/{ada}")]
    for page in pages:
        for words in ("How far did they come", 'name="ending"', "Path through", 'href="/research/study"'):
            assert words not in page
    assert (await owner.get("/study")).status_code == 404
    assert (await owner.post("/conditions")).status_code == 404
