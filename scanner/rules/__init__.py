"""What is required of an endpoint, one file a rule.

A rule module has a docstring (first line: the defect; then why it matters; then, after a line `How to fix:`, the cure;
then, after `Source:`, where it comes from), a `SEVERITY`, and one function

    def judge(endpoint: Endpoint, service: Service, seen: TlsVersions, *, minimum: str = "TLSv1.2") -> Judgement

whose positional parameters, by type, are what it needs: any of `Endpoint`, `Service`, `Scope` and the observations.
Without its observations a rule is not called and its finding is `unknown`; of type `TlsVersions | None` it gets None.
Keyword-only parameters are what a policy may tune: they have a type and a default.
"""
