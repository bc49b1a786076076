"""Names as people type them: without the accents that a peer holds, or with some that it does not.

Few peers compare letters as people do, so they are asked with wildcards in the place of letters that may
carry an accent, and what they answer is compared here.
"""

import re
import unicodedata

# Letters that are no other letter with an accent, and what people type for them.
_ONE = str.maketrans("øØłŁđĐðÐ\u0131", "oOlLdDdDi")
_TWO = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"})
# Letters that may carry an accent: those that most often do, and the others.
_VOWELS, _OFTEN, _SOMETIMES = "aeiouy", "aeiouycn", "aeiouycnlsz"
_ENOUGH = 2  # letters that must be left, or a peer would be asked for nearly all that it has


def without_accents(text: str) -> str:
    """Return text with its letters alone, in the case and the width that they have in ASCII."""
    plain = unicodedata.normalize("NFKD", text)
    return (
        "".join(letter for letter in plain if not unicodedata.combining(letter))
        .translate(_ONE)
        .translate(_TWO)
    )


def plain(text: str) -> str:
    """Return text as it is compared: without regard to case, width and accents."""
    return without_accents(unicodedata.normalize("NFKC", text)).casefold()


def relaxed(pattern: str) -> tuple[str, ...]:
    """Return a name, with its wildcards, in which any text stands for letters that may carry an accent.

    The first is to be asked for beside the name itself, a second one where neither finds anything. None for a
    name in other letters than ours, or one of which too little would be left.
    """
    letters = without_accents(pattern)
    if not letters.isascii():
        return ()
    first = "" if re.match(f"[{_VOWELS}*]", letters, re.IGNORECASE) else letters[:1]
    kept = first + _without(_OFTEN, letters[len(first) :]), _without(_VOWELS, letters)
    found = [*[each for each in kept if _is_enough(each)][:1], _without(_SOMETIMES, letters)]
    return tuple(each for each in dict.fromkeys(found) if each != pattern and _is_enough(each))


def _without(accented: str, letters: str) -> str:
    return re.sub(f"[{accented}*]+", "*", letters, flags=re.IGNORECASE)


def _is_enough(pattern: str) -> bool:
    return len(re.findall(r"[A-Za-z0-9]", pattern)) >= _ENOUGH
