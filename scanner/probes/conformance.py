"""Look at all answers once more: was everything that the server selected offered to it, and do the answers agree?"""

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.observations.conformance import Conformance, Deviation
from scanner.probes._contradictions import contradiction

QUICK = True
LAST = True
"""After all other probes, since it asks nothing itself."""


async def probe(interview: Interview) -> Conformance:
    """Every deviation in the answers that others were given. Raises AskFailedError when there was none."""
    if not interview.answers:
        await interview.reach()
        raise interview.first_failure or AskFailedError(FailureKind.MALFORMED, "no ClientHello was sent")
    for what, asked in interview.deviations.items():
        interview.cite("conformance", asked, what, interview.s_client())
    if not interview.deviations:
        asked = f"{interview.answers} answers were compared with what their ClientHellos offered"
        interview.cite("conformance", asked, "nothing else was selected", interview.s_client())
    found = tuple(Deviation(what=what, asked=asked) for what, asked in interview.deviations.items())
    contradicted = contradiction(interview)
    if contradicted:
        interview.cite("contradiction", "all ClientHellos", contradicted, interview.s_client())
    return Conformance(deviations=found, contradiction=contradicted, answers=interview.answers)
