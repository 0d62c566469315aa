"""A turn that came in by one door is shown by it and by every other, and told in person to who asked alone."""

from stages.chat.audiences import Audiences
from stages.screen import Screen
from study.strings import Strings, strings_in
from tests.stages.conftest import FakeScreen

