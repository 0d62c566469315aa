"""Reading a study: its file, the texts that it names, and the fingerprint of them all."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from study.agent_definitions import (
    AgentDefinition,
    OpenAIDefinition,
    ScriptedDefinition,
    TaskDefinition,
    ToolUser,
)
from study.complaints import complaint, key_of, unstorable
from study.definition import Study
from study.dialogs import Dialog, parse_dialogs
from study.dialogue_text import parse_dialogue
from study.errors import DialogFileError, StudyFileError
from study.file_text import text_of
from study.instruments import WordsFile, parse_words, shipped_instruments
from study.protocol.checks import problems_of
from study.protocol.languages import beside
from study.protocol.prompts import field_problems
from study.protocol.surveys import Survey, parse_survey
from study.strings import LANGUAGES
from study.task_definition import DialogueDefinition
from study.text import unstorable_places
from study.yaml_text import YamlProblem, YamlText

STUDY_FILE: Final = "study.yaml"
# A prompt is a page or two, a file of a million utterances about 600 MB. Beyond these it is another
# file by mistake, and reading it would only take the memory.
LARGEST_BYTES: Final = {
    STUDY_FILE: 1_000_000,
    "prompt": 2_000_000,
    "module": 1_000_000,
    "files": 50_000_000,
    "dialogue": 1_000_000,
    "dialogs": 1_000_000_000,
    "survey": 1_000_000,
    "text": 1_000_000,
    "translation": 1_000_000,
}


@dataclass(frozen=True)
class LoadedStudy:
    """A study that was read and found right.

    Args:
        definition: What study.yaml says.
        folder: Where it was read.
        fingerprint: SHA-256, in hexadecimal, over study.yaml and every file that it names: their
            names and bytes, whatever their place and time.
        texts: The files that it names, by the name that it gives them.
        dialogs: Those of them that hold dialogs, as they were read.
        dialogues: Those that say how an agent of kind task understands and answers.
        surveys: Those that hold the questions of a stage.
    """

    definition: Study
    folder: Path
    fingerprint: str
    texts: Mapping[str, str]
    dialogs: Mapping[str, Sequence[Dialog]]
    dialogues: Mapping[str, DialogueDefinition] = field(default_factory=dict)
    surveys: Mapping[str, Survey] = field(default_factory=dict)


class _Reading:
    """Collects all that is wrong, so that one run of `check` shows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.files: dict[str, bytes] = {}
        self.texts: dict[str, str] = {}
        self.dialogs: dict[str, Sequence[Dialog]] = {}
        self.dialogues: dict[str, DialogueDefinition] = {}
        self.surveys: dict[str, Survey] = {}
        self.language: str | None = None

    def study(self) -> Study | None:
        source = str(self.folder / STUDY_FILE)
        if not self.folder.is_dir():
            self.problems.append(f"{self.folder}: is not a folder. Give the folder that {STUDY_FILE} is in.")
            return None
        text = self.read(STUDY_FILE, STUDY_FILE, source)
        if text is None:
            return None
        try:
            parsed = YamlText(text)
        except YamlProblem as problem:
            line = f", line {problem.line}" if problem.line else ""
            self.problems.append(f"{source}{line}: {problem}. A text with : # {{ [ & * ! in it needs quotes.")
            return None
        for key, first, second in parsed.repeated_keys():
            self.problems.append(
                f"{source}, line {second}, {key}: stands already on line {first}. Keep one of the two."
            )
        return self.checked(parsed, source)

    def checked(self, parsed: YamlText, source: str) -> Study | None:
        try:
            study = Study.model_validate({} if parsed.value is None else parsed.value)
        except ValidationError as error:
            self.problems.extend(
                complaint(detail, parsed, source) for detail in error.errors(include_url=False)
            )
            return None
        self.language = study.language
        for location in unstorable_places(parsed.value):
            self.problems.append(unstorable(location, parsed, source))
        for index, agent in enumerate(study.agents):
            for path, name in _named_files(agent):
                place = ("agents", index, *path)
                key = next(step for step in reversed(path) if isinstance(step, str))
                self.named_file(key, name, f"{source}, line {parsed.spot(place).line}, {key_of(place)}")
        for name, (path, key) in study.protocol.files.items() if study.protocol else ():
            place = ("protocol", *path)
            self.named_file(key, name, f"{source}, line {parsed.spot(place).line}, {key_of(place)}")
        self.forms_of_dialogs(study)
        if study.protocol is not None and not self.problems:
            self.problems += problems_of(study.protocol, self.surveys, self.texts, source)
            self.problems += field_problems(study, study.protocol, self.surveys, self.texts)
        return study

    def named_file(self, key: str, name: str, where: str) -> None:
        if repair := self.misplaced(name):
            self.problems.append(f"{where}: {repair}")
            return
        text = self.texts[name] if name in self.texts else self.read(key, name, where)
        if text is None:
            return
        if not text.strip():
            self.problems.append(f"{where}: {name} is empty. Write the text into it, or leave the key out.")
        elif "\0" in text:
            self.problems.append(f"{where}: {name} holds a NUL character. Is it a text file? Save it again.")
        else:
            self.parsed_file(key, name, text)
        for language in LANGUAGES if key == "text" else ():
            translation = beside(name, language)
            if (self.folder / translation).is_file():
                self.named_file("translation", translation, where)

    def parsed_file(self, key: str, name: str, text: str) -> None:
        if key == "dialogue" and name not in self.dialogues:
            dialogue, problems = parse_dialogue(text, str(self.folder / name))
            self.problems += problems
            if dialogue is not None:
                self.dialogues[name] = dialogue
        elif key == "survey" and name not in self.surveys:
            source = str(self.folder / name)
            survey, problems = parse_survey(
                name, text, source, self.language, lambda words: self.words(words, source)
            )
            self.problems += problems
            if survey is not None:
                self.surveys[name] = survey
        elif key == "dialogs" and name not in self.dialogs:
            try:
                self.dialogs[name] = tuple(parse_dialogs(text, str(self.folder / name)))
            except DialogFileError as error:
                self.problems.append(str(error))

    def words(self, name: str, source: str) -> WordsFile | None:
        """A file of words for an instrument that a survey asks."""
        if repair := self.misplaced(name):
            self.problems.append(f"{source}: {repair}")
            return None
        text = self.texts[name] if name in self.texts else self.read("survey", name, source)
        if text is None:
            return None
        words, problems = parse_words(text, str(self.folder / name), shipped_instruments())
        self.problems += problems
        return None if problems else words

    def forms_of_dialogs(self, study: Study) -> None:
        known = {form.id for form in study.forms}
        for name, dialogs in self.dialogs.items():
            lines = [line for dialog in dialogs for line in dialog.utterances if line.form is not None]
            for form_id in sorted({str(line.form) for line in lines} - known):
                self.problems.append(
                    f"{self.folder / name}: asks with the form {form_id!r}, which {STUDY_FILE} lacks. "
                    f"Its forms: {', '.join(sorted(known)) or 'none'}."
                )

    def misplaced(self, name: str) -> str | None:
        """Refuse names that mean different files on different machines, or leave the folder."""
        parts = PurePosixPath(name).parts
        if name != "/".join(parts) or name.startswith("/") or ".." in parts or "\\" in name or ":" in name:
            return f"{name!r} is not a plain file name. Put the file into {self.folder} and write its name."
        if name == STUDY_FILE:
            return f"{STUDY_FILE} cannot be its own text. Write the text into a file of its own."
        try:
            inside = (self.folder / name).resolve().is_relative_to(self.folder.resolve())
        except (OSError, ValueError, RuntimeError):
            inside = False
        if not inside:
            return f"{name!r} leads out of the study's folder. Copy the file into {self.folder}."
        return None

    def read(self, key: str, name: str, where: str) -> str | None:
        path = self.folder / name
        try:
            if not path.is_file():
                self.problems.append(f"{where}: there is no file {name!r} in {self.folder}. Make it there.")
                return None
            if (size := path.stat().st_size) > LARGEST_BYTES[key]:
                self.problems.append(
                    f"{where}: {name} has {size:,} bytes; at most {LARGEST_BYTES[key]:,} are read. "
                    "Is it the right file?"
                )
                return None
            content = path.read_bytes()
            text = text_of(content)
        except UnicodeDecodeError as error:
            self.problems.append(
                f"{where}: byte {error.start} of {name} is not UTF-8. Save the file with the encoding UTF-8."
            )
            return None
        except (OSError, ValueError) as error:
            self.problems.append(
                f"{where}: {name!r} cannot be read ({error}). Check the file and its permissions."
            )
            return None
        self.files[name] = content
        self.texts[name] = text
        return text


def load_study(folder: Path) -> LoadedStudy:
    """Read a study.

    Args:
        folder: The folder that study.yaml is in.

    Returns:
        The study, whole and right.

    Raises:
        StudyFileError: Something is wrong; its text lists everything, one a line, with the repair.
    """
    reading = _Reading(folder)
    study = reading.study()
    if study is None or reading.problems:
        raise StudyFileError("\n".join(reading.problems))
    texts = {name: text for name, text in reading.texts.items() if name != STUDY_FILE}
    return LoadedStudy(
        study,
        folder,
        _fingerprint(reading.files),
        MappingProxyType(texts),
        MappingProxyType(reading.dialogs),
        MappingProxyType(reading.dialogues),
        MappingProxyType(reading.surveys),
    )


def check_study(folder: Path) -> list[str]:
    """Look for all that is wrong with a study.

    Args:
        folder: The folder that study.yaml is in.

    Returns:
        The problems, each with its file, key and repair; empty when all is well.
    """
    reading = _Reading(folder)
    reading.study()
    return reading.problems


def _named_files(agent: AgentDefinition) -> list[tuple[tuple[str | int, ...], str]]:
    """The files that an agent names, each with the keys that lead to its name."""
    named: list[tuple[tuple[str | int, ...], str]] = []
    if isinstance(agent, OpenAIDefinition) and agent.prompt is not None:
        named.append((("prompt",), agent.prompt))
    if isinstance(agent, ScriptedDefinition) and agent.dialogs is not None:
        named.append((("dialogs",), agent.dialogs))
    if isinstance(agent, ToolUser) and agent.tools is not None:
        if agent.tools.module is not None:
            named.append((("tools", "module"), agent.tools.module))
        named += [(("tools", "files", place), name) for place, name in enumerate(agent.tools.files)]
    if isinstance(agent, TaskDefinition):
        named.append((("dialogue",), agent.dialogue))
    return named


def _fingerprint(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        # Lengths first, so that no other split into names and bytes gives the same stream.
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return digest.hexdigest()
