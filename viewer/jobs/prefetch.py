"""Which images of a stack are worth reading before they are asked for."""


def images_to_prefetch(current: int, count: int, direction: int = 1) -> tuple[int, ...]:
    """Return all other indices 0 .. `count` - 1, the most likely next ones first.

    Going on in `direction` (+1 or -1) is three times as likely as turning back; the far end comes last.
    """
    ahead = list(range(current + direction, count if direction > 0 else -1, direction))
    behind = list(range(current - direction, -1 if direction > 0 else count, -direction))
    order: list[int] = []
    while ahead or behind:
        order += ahead[:3]
        order += behind[:1]
        del ahead[:3], behind[:1]
    return tuple(order)
