"""How things are asked, one file each, with the same stem as its observation.

A probe module has one coroutine,

    async def probe(interview: Interview, versions: TlsVersions) -> Certificate

whose further parameters, by type, are the observations it builds on; `scan.py` orders the probes from that. It returns
a complete observation or raises AskFailedError, and notes its evidence with `interview.cite`.
"""
