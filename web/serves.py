"""Which of the web's two sides a process serves, where several share one database."""

from typing import Literal, TypeAlias

# The participants' page and their API, the researchers' room with theirs, or all.
Serves: TypeAlias = Literal["all", "page", "room"]
