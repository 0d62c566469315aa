"""Templates are compiled once a process, however many makers of templates share them."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from web.addresses import public_path

# What one template of ours and one text of it became.
_Text = tuple[str, str, str]


class CompiledTemplates(BytecodeCache):
    """What templates became, kept in memory.

    Compiling takes ten times as long as drawing a page. Filters of constants are computed while compiling,
    and one of ours puts the public path before addresses: it is part of what a text is known by.
    """

    def __init__(self) -> None:
        self._kept: dict[_Text, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what this very text became, if it was compiled before."""
        bucket.code = self._kept.get(_text(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a text became."""
        if bucket.code is not None:
            self._kept[_text(bucket)] = bucket.code

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _text(bucket: Bucket) -> _Text:
    return bucket.key, bucket.checksum, public_path()
