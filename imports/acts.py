"""A thread as a row of acts: what was said, said otherwise, answered anew, and walked back to.

A tree of messages becomes what it was on its screen. Participant's messages beside each other are wordings
of one message; replies beside each other are answers to it; each subtree ends as it stood there last. What
forks within a reply is a reply of its own that begins with the same messages again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imports.foreign import ForeignMessage, ForeignRole, ForeignThread
from imports.remarks import Remarks
from study.text import storable

NO_TEXT = "[no text]"


@dataclass(frozen=True)
class Stands:
    """Something of no run: what stood before the first question, or the app's own words.

    Args:
        message: What.
        leaves: It stood on another branch, and leaves the screen again.
    """

    message: ForeignMessage
    leaves: bool = False


@dataclass(frozen=True)
class Asks:
    """A participant's message.

    Args:
        message: As it reads.
        of: The key of its first wording; its own where this is the first.
        again: It reads otherwise than the one that stood.
    """

    message: ForeignMessage
    of: str
    again: bool = False


@dataclass(frozen=True)
class RunBegins:
    """A run answers a message.

    Args:
        of: The message's first wording.
        number: Among the message's answers as it now reads, from 0.
    """

    of: str
    number: int = 0


@dataclass(frozen=True)
class RunSays:
    """A message or a piece of work of the run that was begun last.

    Args:
        message: What.
        copy: It was a part of an answer before this one, too.
    """

    message: ForeignMessage
    copy: bool = False


@dataclass(frozen=True)
class Walks:
    """Back to an earlier wording, or to an earlier answer.

    Args:
        of: The message's first wording.
        revision: Which wording, from 1.
        answer: Which answer, from 0.
    """

    of: str
    revision: int | None = None
    answer: int | None = None


Act = Stands | Asks | RunBegins | RunSays | Walks


def acts_of(thread: ForeignThread, told: Remarks) -> Iterator[Act]:
    """What happened in a thread, in order.

    Args:
        thread: As it was read.
        told: Takes remarks about parents that are not there.
    """
    if thread.is_tree:
        yield from _Tree(thread, told).acts()
        return
    asked, answered = "", True
    for message in thread.messages:
        if message.role is ForeignRole.USER:
            asked, answered = message.key, False
            yield Asks(message, asked)
        elif not asked or message.role is ForeignRole.SYSTEM:
            yield Stands(message)
        else:
            if not answered:
                yield RunBegins(asked)
                answered = True
            yield RunSays(message)


@dataclass
class _Chain:
    """A reply from its first message to its last, and the participant's messages behind it."""

    messages: list[ForeignMessage]
    then: list[ForeignMessage]


@dataclass
class _Group:
    """Participant's messages that stand beside each other: wordings of one."""

    users: list[ForeignMessage]


@dataclass
class _Answered:
    """The answers to a wording, by all nodes that have it."""

    of: str
    users: list[ForeignMessage]


@dataclass
class _Tree:
    thread: ForeignThread
    told: Remarks
    children: dict[str | None, list[ForeignMessage]] = field(default_factory=dict)
    path: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    def acts(self) -> Iterator[Act]:
        """All acts. A stack, not a recursion: a tree may be thousands of messages deep."""
        self._grow()
        chains = self._chains(None)
        primary = self._shown([[*chain.messages, *chain.then] for chain in chains])
        stands = {message.key for message in chains[primary].messages} if chains else set()
        for chain in chains:
            for message in chain.messages:
                if message.key not in self.said:
                    self.said.add(message.key)
                    yield Stands(message, leaves=message.key not in stands)
        stack: list[Act | _Group | _Answered] = [_Group([one for chain in chains for one in chain.then])]
        while stack:
            top = stack.pop()
            if isinstance(top, _Group):
                stack += reversed(self._wordings(top.users))
            elif isinstance(top, _Answered):
                stack += reversed(self._answers(top))
            else:
                yield top

    def _grow(self) -> None:
        """Find children and the path to what was shown; what hangs on nothing hangs on the root."""
        by_key = {message.key: message for message in self.thread.messages}
        for message in self.thread.messages:
            if message.parent is not None and message.parent not in by_key:
                self._cut(message, "a message whose parent is not there")
            self.children.setdefault(message.parent, []).append(message)
        reached: set[str] = set()
        self._reach(self.children.get(None, []), reached)
        for message in self.thread.messages:
            if message.key not in reached:
                self.children[message.parent].remove(message)
                self._cut(message, "messages that follow each other in a circle")
                self.children.setdefault(None, []).append(message)
                self._reach([message], reached)
        at = by_key.get(self.thread.shown or "")
        while at is not None and at.key not in self.path:
            self.path.add(at.key)
            at = by_key.get(at.parent or "")

    def _cut(self, message: ForeignMessage, what: str) -> None:
        self.told.note(self.thread.place, what, "it goes in as the beginning of a branch")
        message.parent = None

    def _reach(self, messages: Sequence[ForeignMessage], reached: set[str]) -> None:
        stack = list(messages)
        while stack:
            one = stack.pop()
            if one.key not in reached:
                reached.add(one.key)
                stack += self.children.get(one.key, [])

    def _chains(self, start: str | None) -> list[_Chain]:
        """All ways from a message through replies to the next participant's messages, or to an end."""
        found: list[_Chain] = []
        below = self.children.get(start, [])
        users = [one for one in below if one.role is ForeignRole.USER]
        if users:
            found.append(_Chain([], users))
        stack = [one for one in reversed(below) if one.role is not ForeignRole.USER]
        before: dict[str, ForeignMessage] = {}
        while stack:
            one = stack.pop()
            below = self.children.get(one.key, [])
            users = [child for child in below if child.role is ForeignRole.USER]
            further = [child for child in below if child.role is not ForeignRole.USER]
            before |= dict.fromkeys((child.key for child in further), one)
            stack += reversed(further)
            if users or not further:
                way = [one]
                while way[-1].key in before:
                    way.append(before[way[-1].key])
                found.append(_Chain(way[::-1], users))
        return found

    def _shown(self, ways: Sequence[Sequence[ForeignMessage]]) -> int:
        """Which of several stood last: the longest on the path to what was shown, else the last."""
        on_path = [sum(one.key in self.path for one in way) for way in ways]
        most = max(on_path, default=0)
        return on_path.index(most) if most else len(ways) - 1

    def _wordings(self, users: list[ForeignMessage]) -> list[Act | _Group | _Answered]:
        if not users:
            return []
        same: dict[str, list[ForeignMessage]] = {}
        for user in users:
            if len(users) > 1 and not user.content:
                user.content = NO_TEXT
            same.setdefault(storable(user.content), []).append(user)
        first, wordings = users[0].key, list(same.values())
        acts: list[Act | _Group | _Answered] = []
        for number, nodes in enumerate(wordings):
            acts += [Asks(nodes[0], first, again=number > 0), _Answered(first, nodes)]
        shown = self._shown(wordings)
        if shown != len(wordings) - 1:
            acts.append(Walks(first, revision=shown + 1))
        return acts

    def _answers(self, answered: _Answered) -> list[Act | _Group | _Answered]:
        chains = [chain for user in answered.users for chain in self._chains(user.key)]
        acts: list[Act | _Group | _Answered] = []
        alone = len(chains) == 1
        for number, chain in enumerate(chains):
            if chain.messages or not alone:
                acts.append(RunBegins(answered.of, number))
            for message in chain.messages:
                acts.append(RunSays(message, copy=message.key in self.said))
                self.said.add(message.key)
            acts.append(_Group(chain.then))
        ways = [[*chain.messages, *chain.then] for chain in chains]
        if (shown := self._shown(ways)) != len(ways) - 1:
            acts.append(Walks(answered.of, answer=shown))
        return acts
