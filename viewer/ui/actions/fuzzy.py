"""Finding by a few letters: which words match, and how well."""

BETWEEN_WORDS = " -_/·"


def score(query: str, words: str) -> int | None:
    """Return how well `words` match `query`, higher is better; None when they do not.

    All letters of the query must come in order. A letter at the start of a word counts more than one that
    follows its neighbour, and that more than one somewhere.
    """
    wanted, text = query.casefold().replace(" ", ""), words.casefold()
    total, position, previous = 0, 0, -2
    for letter in wanted:
        starts = [at for at in range(position, len(text)) if text[at] == letter and _starts_word(text, at)]
        following = position < len(text) and text[position] == letter and position == previous + 1
        found = position if following else (starts[0] if starts else text.find(letter, position))
        if found < 0:
            return score_plain(wanted, text)
        total += 3 if following else (4 if _starts_word(text, found) else 1)
        previous, position = found, found + 1
    return total * 4 - min(len(text), 40) // 10 if wanted else 0


def score_plain(wanted: str, text: str) -> int | None:
    """Return 0 when the letters come in order anywhere, None when not."""
    position = 0
    for letter in wanted:
        position = text.find(letter, position) + 1
        if position == 0:
            return None
    return 0


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in BETWEEN_WORDS
