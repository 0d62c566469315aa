"""The four ways in: who somebody is, by what they give."""

from collections.abc import Mapping, Sequence

from data_layer.people.claims import digest_of
from data_layer.people.participants import ACCOUNT, LINK, USER_NAME, Participant, identity_row, participant_of
from data_layer.record import Record
from data_layer.writing.writes import InsertRow
from stages.entry.refusals import EntryRefused
from stages.entry.throttle import EntryThrottle, too_many
from study.names import normalise_name
from study.participation import LoginMode
from study.vocabulary import StudyState


class Ways:
    """Finds or makes participants.

    Args:
        record: Where they are kept.
        throttle: Counts what is tried.
    """

    def __init__(self, record: Record, throttle: EntryThrottle) -> None:
        self._record = record
        self._throttle = throttle

    async def study_state(self) -> StudyState:
        """Whether the study takes people in."""
        return await self._record.controls.state()

    async def by_name(
        self, mode: LoginMode, typed: str, secret: str, browser: str, *, stays: bool = True
    ) -> Participant:
        """Come in by a name.

        Args:
            mode: The study's.
            typed: As it was typed.
            secret: A resume code or a password; "" for none.
            browser: Its id.
            stays: Whether it will come back by that id; else a right code adds nothing to who holds the name.

        Raises:
            NameRefused: It is none.
            EntryRefused: It is another's, or this is tried too often.
            SQLAlchemyError: The database is away.
        """
        name = normalise_name(typed)
        await self._check_open(ACCOUNT if mode is LoginMode.PASSWORD else USER_NAME, name.key)
        if mode is LoginMode.PASSWORD:
            return await self._by_password(name.shown, name.key, secret)
        if mode is LoginMode.OPEN:
            # Nothing is guessed here, and a limit would let anybody keep a participant out.
            return await self._record.enter(name.shown, name.key)
        participant = await self._record.enter(name.shown, name.key, browser=browser)
        await self._hold(participant, name.key, secret, browser, "entry.name_in_use", stays=stays)
        return participant

    async def by_link(self, link_id: str) -> Participant:
        """Come in by a link that we signed."""
        await self._check_open(LINK, link_id)
        return await self._record.enter(link_id, link_id, LINK, LINK)

    async def by_parameters(
        self, names: Sequence[str], given: Mapping[str, str], code: str, browser: str, *, stays: bool = True
    ) -> Participant:
        """Come in by what a recruiting service added to the address.

        Args:
            names: The study's parameters; the first names the person.
            given: What came, by the same names; the first is there.
            code: A resume code, or "".
            browser: Its id.
            stays: As for `by_name`.

        Raises:
            EntryRefused: The person is another's, or this is tried too often.
            SQLAlchemyError: The database is away.
        """
        kind, value = names[0].lower(), given[names[0]]
        await self._check_open(kind, value)
        participant = await self._record.enter(value, value, kind, kind, browser)
        await self._hold(participant, f"{kind} {value}", code, browser, "entry.link_in_use", stays=stays)
        study_id = self._record.defaults.study_id
        for name in names[1:]:
            if given.get(name):
                person = participant.participant_id
                key = f"{person} {given[name]}"
                row = identity_row(study_id, person, name.lower(), given[name], key, self._record.now())
                self._record.writer.submit(InsertRow("identities", row))
        return participant

    async def _check_open(self, kind: str, key: str) -> None:
        """See that the study takes somebody in: nobody once it has ended, and nobody new while it is paused.

        Whoever is refused here leaves nothing behind: they are no participant.

        Raises:
            EntryRefused: It does not.
        """
        record = self._record
        state = await record.controls.state()
        if state is StudyState.ENDED:
            raise EntryRefused(403, "closing.ended")
        if state is StudyState.PAUSED:
            person = await participant_of(record.database, record.defaults.study_id, kind, key)
            if person is None or not await record.sign_ins.has_been_in(person):
                raise EntryRefused(403, "closing.paused")

    async def _hold(
        self,
        participant: Participant,
        key: str,
        code: str,
        browser: str,
        otherwise: str,
        *,
        stays: bool = True,
    ) -> None:
        """Let the browser that holds the participant pass, and one that knows the code."""
        claims, person = self._record.claims, participant.participant_id
        if digest_of(browser) in participant.holders:
            return
        if not code.strip():
            self._throttle.by_name(key)
            raise EntryRefused(409, otherwise, wants_code=True)
        await self._guess(key)
        if not await claims.is_code(person, code):
            raise EntryRefused(403, "entry.wrong_code", wants_code=True)
        await self._guessed_right(key)
        if stays:
            await claims.admit(person, browser)

    async def _by_password(self, shown: str, key: str, password: str) -> Participant:
        self._throttle.by_name(key)
        await self._guess(key)
        record = self._record
        person = await participant_of(record.database, record.defaults.study_id, ACCOUNT, key)
        if not await record.passwords.is_right(person, password) or person is None:
            raise EntryRefused(403, "entry.wrong_password")
        await self._guessed_right(key)
        return Participant(person, shown)

    async def _guess(self, key: str) -> None:
        """Count a code or password before it is compared, here and in all processes together.

        Raises:
            EntryRefused: There were too many.
        """
        self._throttle.guess(key)
        if seconds := await self._record.guesses.wait_s(self._throttle.guesses_of(key)):
            raise too_many(seconds, wants_code=True)

    async def _guessed_right(self, key: str) -> None:
        self._throttle.guessed_right(key)
        await self._record.guesses.forget(self._throttle.guesses_of(key))
