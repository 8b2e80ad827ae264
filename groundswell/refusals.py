"""Why a request brought nothing: one exception for each reason. Their texts complete a sentence about a source."""

from __future__ import annotations

from groundswell.models import GroundswellError


class Unanswered(GroundswellError):
    """A request brought no usable answer. The text completes a sentence that begins with the source's name."""


class NotFound(Unanswered):
    """The other side says that what was asked for is not there."""


class TooMany(Unanswered):
    """The other side wants fewer requests, and still did after the waits."""


class Unreachable(Unanswered):
    """Nothing came back: no connection, a time-out, or a fault of the other side, also after the waits."""


class Broken(Unanswered):
    """Something came back, but not what is documented."""


class Forbidden(Unanswered):
    """The other side knows who asks, and does not allow it."""


class TokenRefused(Unanswered):
    """GitHub does not accept the token; it is not asked again."""


class LimitReached(Unanswered):
    """What may be asked for now is used up; nobody is at fault, and a later run asks."""


class OutOfTime(LimitReached):
    """The time of the run is used up: nobody is asked any more."""

    def __init__(self) -> None:
        super().__init__(TIME_IS_UP)


TIME_IS_UP = "is left for the next run: the time for this run is used up"
