"""What a text of consent does not seem to mention: words are looked for, in the text's language.

What participants are told before they agree: 45 CFR 46.116(b) and (c) of the United States, and article 13
of the European Union's General Data Protection Regulation. Words found are no proof that it is well said;
words that lack are worth a second look, and so this warns and never refuses.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from study.protocol.definition import Protocol
from study.protocol.languages import beside
from study.protocol.stages import ConsentDefinition
from study.strings import ENGLISH, LANGUAGES


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that a text of consent says.

    Args:
        name: For people.
        example: A sentence that says it.
        words: In each language, a regular expression that finds it.
    """

    name: str
    example: str
    words: Mapping[str, str]


_ADDRESS: Final = r"[\w.+-]+@[\w-]+\.\w+"
PROVIDER: Final = "the model's provider"
TOPICS: Final = (
    Topic(
        "contact",
        "Whom to ask: Dr. Kim, kim@university.example.",
        {
            "en": rf"{_ADDRESS}|\bcontact\b|whom to ask|\bphone\b",
            "de": rf"{_ADDRESS}|kontakt|ansprechp|wenden sie sich|telefon",
            "es": rf"{_ADDRESS}|contact|tel[eé]fono",
            "zh-Hans": rf"{_ADDRESS}|联系|电话|邮箱",
        },
    ),
    Topic(
        "duration",
        "It takes about 15 minutes.",
        {
            "en": r"\bminutes?\b|\bhours?\b",
            "de": r"minute|stunde",
            "es": r"minuto|\bhoras?\b",
            "zh-Hans": r"分钟|小时",
        },
    ),
    Topic(
        "stopping",
        "You may stop at any time, without a reason and without a disadvantage.",
        {
            "en": r"\b(stop|quit|leave|end|discontinue)\b[^.]{0,60}\b(any|whenever|reason)|voluntar",
            "de": r"freiwillig|jederzeit|abbrechen|beenden",
            "es": r"voluntari|cualquier momento|abandonar|dejar de participar",
            "zh-Hans": r"自愿|随时|停止|中止",
        },
    ),
    Topic(
        "withdrawal",
        "You may withdraw afterwards; then your data are erased.",
        {
            "en": r"\bwithdr[ae]w|\berase|\bdelete",
            "de": r"widerruf|widerrufen|zurückzieh|zurückzuzieh|lösch",
            "es": r"retir|revoc|borr|elimin|suprim",
            "zh-Hans": r"撤回|撤销|删除",
        },
    ),
    Topic(
        PROVIDER,
        "Your messages are sent to the company that runs the language model.",
        {
            "en": r"\bprovider|\bcompan(y|ies)\b|third part|openai|anthropic|google|azure|mistral",
            "de": r"anbieter|unternehmen|firma|dritte|openai|anthropic|google|azure|mistral",
            "es": r"proveedor|empresa|terceros|openai|anthropic|google|azure|mistral",
            "zh-Hans": r"提供商|提供方|公司|第三方|openai|anthropic|google|azure|mistral",
        },
    ),
    Topic(
        "recording",
        "We keep what you write and choose.",
        {
            "en": r"\brecord|\bkeep|\bkept\b|\bstor(e|ed|es|ing)\b|\bsaved?\b|\bcollect",
            "de": r"aufgezeichnet|aufzeichn|speicher|aufbewahr|festgehalten|erheb|erhoben",
            "es": r"registr|guard|almacen|recog|grab",
            "zh-Hans": r"记录|保存|储存|存储|收集",
        },
    ),
    Topic(
        "telemetry",
        "We also keep when you write, and your browser's kind.",
        {
            "en": r"\btim(e|es|ing) (of|at|when)|with (its|the|their) times?\b|\bwhen you\b|typ(e|ed|ing)\b"
            r"|\btechnical|\bdevice|\bbrowser|timestamp|how long",
            "de": r"zeitpunkt|uhrzeit|wann sie|tippen|technische|gerät|browser|wie lange",
            "es": r"cu[aá]ndo|la hora|teclea|t[eé]cnic|dispositivo|navegador|cu[aá]nto tarda",
            "zh-Hans": r"时间点|何时|打字|输入方式|技术|设备|浏览器|时间戳",
        },
    ),
    Topic(
        "sharing",
        "Without your name the data may be shared with other researchers.",
        {
            "en": r"\bshare|\bshared|\bsharing|\bpublish|\bpublic\b|other researchers|repository",
            "de": r"weitergegeben|weitergeb|geteilt|teilen|veröffentlich|andere(n)? forsch",
            "es": r"compart|public|otros investigadores|repositorio",
            "zh-Hans": r"共享|分享|公开|其他研究",
        },
    ),
)


def unmentioned(text: str, language: str, *, asks_a_model: bool) -> list[Topic]:
    """What a text does not seem to mention.

    Args:
        text: Of the consent, with the words of its boxes.
        language: One of LANGUAGES.
        asks_a_model: Whether an agent's words come from a model, whose provider reads what is sent.
    """
    said = text.casefold()
    return [
        topic
        for topic in TOPICS
        if (asks_a_model or topic.name != PROVIDER) and not re.search(topic.words[language], said)
    ]


def unmentioned_in(
    protocol: Protocol, texts: Mapping[str, str], language: str | None, *, asks_a_model: bool
) -> Iterator[tuple[str, list[Topic]]]:
    """Look at all texts of consent of a protocol.

    Args:
        protocol: The study's.
        texts: Its text files, by name.
        language: The study's own; None where each participant reads theirs.
        asks_a_model: As above.

    Returns:
        Each text that lacks something: its file, and what.
    """
    for stage in protocol.stages:
        if not isinstance(stage, ConsentDefinition):
            continue
        read = {stage.text: language or ENGLISH}
        read |= {name: other for other in LANGUAGES if (name := beside(stage.text, other)) in texts}
        for name, spoken in read.items():
            words = [one if isinstance(one, str) else one.get(spoken, "") for one in stage.boxes.values()]
            lacking = unmentioned("\n".join((texts[name], *words)), spoken, asks_a_model=asks_a_model)
            if lacking:
                yield name, lacking
