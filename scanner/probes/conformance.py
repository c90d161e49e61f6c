"""Look at all answers once more: was everything that the server selected offered to it, and do the answers agree?"""

from scanner.interview import Interview
from scanner.observations.conformance import Conformance, Deviation
from scanner.probes._contradictions import contradiction

QUICK = True
LAST = True
"""After all other probes, since it asks nothing itself."""


async def probe(interview: Interview) -> Conformance:
    """Every deviation in the answers that others were given."""
    for what, asked in interview.deviations.items():
        interview.cite("conformance", asked, what, interview.s_client())
    if interview.answers and not interview.deviations:
        asked = f"{interview.answers} answers were compared with what their ClientHellos offered"
        interview.cite("conformance", asked, "nothing else was selected", interview.s_client())
    found = tuple(Deviation(what=what, asked=asked) for what, asked in interview.deviations.items())
    contradicted = contradiction(interview)
    if contradicted:
        interview.cite("contradiction", "all ClientHellos", contradicted, interview.s_client())
    return Conformance(deviations=found, contradiction=contradicted, answers=interview.answers)
