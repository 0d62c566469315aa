"""What a text of consent does not seem to mention, in four languages."""

from pathlib import Path

import pytest

from study.loader import load_study
from study.protocol.consent_words import PROVIDER, TOPICS, unmentioned
from study.strings import LANGUAGES
from study.warnings import warnings_of

WHOLE = {
    "en": {
        "contact": "Ask kim@university.example.",
        "duration": "About 15 minutes.",
        "stopping": "You may stop at any point.",
        "withdrawal": "You may withdraw.",
        PROVIDER: "Your messages go to the provider of the model.",
        "recording": "Your words are stored.",
        "telemetry": "So is the kind of your device.",
        "sharing": "Others may see them, for we publish them.",
    },
    "de": {
        "contact": "Fragen an kim@university.example.",
        "duration": "Etwa 15 Minuten.",
        "stopping": "Die Teilnahme ist freiwillig.",
        "withdrawal": "Sie können Ihre Einwilligung widerrufen.",
        PROVIDER: "Ihre Nachrichten gehen an den Anbieter des Modells.",
        "recording": "Ihre Worte werden gespeichert.",
        "telemetry": "Ebenso die Art Ihres Browsers.",
        "sharing": "Sie werden ohne Namen veröffentlicht.",
    },
    "es": {
        "contact": "Preguntas: kim@university.example.",
        "duration": "Unos 15 minutos.",
        "stopping": "Participar es voluntario.",
        "withdrawal": "Puede revocar su consentimiento.",
        PROVIDER: "Sus mensajes van al proveedor del modelo.",
        "recording": "Sus palabras se guardan.",
        "telemetry": "Y el tipo de su navegador.",
        "sharing": "Se comparten sin su nombre.",
    },
    "zh-Hans": {
        "contact": "问题请发至 kim@university.example。",
        "duration": "约15分钟。",
        "stopping": "参加是自愿的。",
        "withdrawal": "您可以撤回同意。",
        PROVIDER: "您的消息会发送给模型的提供商。",
        "recording": "您写的内容会被保存。",
        "telemetry": "您的浏览器类型也一样。",
        "sharing": "匿名数据可能共享。",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_says_all_lacks_nothing(language: str) -> None:
    """Each topic is found by its word."""
    assert set(WHOLE[language]) == {topic.name for topic in TOPICS}
    assert unmentioned("\n".join(WHOLE[language].values()), language, asks_a_model=True) == []


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_out_is_named(language: str, topic: str) -> None:
    """A text without one of its sentences lacks that topic, and no other."""
    text = "\n".join(said for name, said in WHOLE[language].items() if name != topic)
    assert [one.name for one in unmentioned(text, language, asks_a_model=True)] == [topic]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_repair_mends_it(topic: object) -> None:
    """The sentence that the warning gives is one that it finds."""
    assert topic not in unmentioned(topic.example, "en", asks_a_model=True)  # type: ignore[attr-defined]


def test_no_provider_lacks_where_no_model_is_asked() -> None:
    """A scripted study sends nobody's words anywhere."""
    names = [one.name for one in unmentioned("", "en", asks_a_model=False)]
    assert len(names) == len(TOPICS) - 1
    assert PROVIDER not in names


def test_check_names_the_file_and_the_repair() -> None:
    """One warning a text, which says what to write; the study of the handbook has none."""
    found = [one for one in warnings_of(load_study(Path("tests/data/protocol"))) if "seem to mention" in one]
    assert len(found) == 1
    assert "texts/consent.md: does not seem to mention contact, duration" in found[0]
    assert "Write it like: Whom to ask: Dr. Kim" in found[0]
    assert not [one for one in warnings_of(load_study(Path("studies/persuasion"))) if "mention" in one]
