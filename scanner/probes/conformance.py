"""Look at all answers once more: was everything that the server selected offered to it?"""

from scanner.interview import Interview
from scanner.observations.conformance import Conformance, Deviation

QUICK = True
LAST = True
"""After all other probes, since it asks nothing itself."""


async def probe(interview: Interview) -> Conformance:
    """Every deviation in the answers that others were given."""
    for what, asked in interview.deviations.items():
        interview.cite("conformance", asked, what, interview.s_client())
    found = tuple(Deviation(what=what, asked=asked) for what, asked in interview.deviations.items())
    return Conformance(deviations=found, answers=interview.answers)
