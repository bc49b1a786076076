"""Text as it is looked for: without regard to case, width, accents, kind of kana and order of words."""

import unicodedata
from functools import lru_cache

MOST_CHARACTERS = 1024  # of one text that is looked for; SQLite refuses patterns of more than 50,000 bytes
ESCAPE = "\\"  # of the patterns: `column LIKE ? ESCAPE '\'`
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")  # scripts whose marks are accents; elsewhere they are vowels
_KATAKANA = range(0x30A1, 0x30F7)  # small a to small ke, with a hiragana each
_ITERATION = {"\u30fd": "\u309d", "\u30fe": "\u309e"}
_TO_HIRAGANA = 0x60
# Letters of Latin script whose stroke or ligature has no decomposition in Unicode.
_PLAIN = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "ø": "o",
        "þ": "th",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ł": "l",
        "ŋ": "n",
        "œ": "oe",
        "ŧ": "t",
    }
)
_SEPARATORS = str.maketrans({"^": " ", "=": " "})  # PS3.5 6.2: components and groups of a PN


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Return `text` as it is compared: case folded, of one width, without accents, with single spaces.

    Components ("^") and groups ("=") of a person's name become words. Katakana becomes hiragana. Marks are
    taken from Latin, Greek and Cyrillic letters only: in Thai, Arabic and Devanagari they are vowels.
    """
    if text.isascii():
        return " ".join(_without_controls(text.translate(_SEPARATORS)).casefold().split())
    plain = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", plain.casefold()))
    plain = unicodedata.normalize("NFC", _without_accents(plain)).translate(_PLAIN)
    return " ".join("".join(_hiragana(letter) for letter in _without_controls(plain)).split())


def words(text: str) -> tuple[str, ...]:
    """Return the distinct words of a text that is looked for, folded, the longest first."""
    return tuple(sorted(set(folded(text[:MOST_CHARACTERS]).split()), key=lambda word: (-len(word), word)))


def has_wildcards(text: str) -> bool:
    """Tell whether a person typed "*" (any letters) or "?" (one letter)."""
    found = folded(text)  # in full width, too
    return "*" in found or "?" in found


def like_pattern(text: str) -> str:
    r"""Return the pattern for `LIKE ? ESCAPE '\'` against folded text: % _ \ are data.

    With "*" or "?" it describes the whole value, as in a query of DICOM (PS3.4 C.2.2.2.4); else it is
    looked for anywhere in the value.
    """
    data = folded(text[:MOST_CHARACTERS])
    for letter in (ESCAPE, "%", "_"):
        data = data.replace(letter, ESCAPE + letter)
    wild = data.replace("*", "%").replace("?", "_")
    return wild if wild != data else f"%{data}%"


def _without_accents(decomposed: str) -> str:
    kept: list[str] = []
    accents = False  # what follows a letter of Latin, Greek or Cyrillic script
    for letter in decomposed:
        if unicodedata.category(letter) == "Mn":
            if not accents:
                kept.append(letter)
            continue
        accents = unicodedata.name(letter, "").startswith(_ACCENTED)
        kept.append(letter)
    return "".join(kept)


def _without_controls(text: str) -> str:
    """Return `text` with spaces for control characters and without marks of direction and of joining."""
    if text.isprintable():
        return text
    return "".join(
        " " if kind == "Cc" else letter
        for letter in text
        if (kind := unicodedata.category(letter)) not in {"Cf", "Cs"}
    )


def _hiragana(letter: str) -> str:
    if ord(letter) in _KATAKANA:
        return chr(ord(letter) - _TO_HIRAGANA)
    return _ITERATION.get(letter, letter)
