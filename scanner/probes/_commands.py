"""Commands that put a probe's question again, with OpenSSL 3 as distributions build it.

What that cannot ask (SSL 2.0 and 3.0, weak or rare suites) is asked with the bytes of the hello themselves.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from scanner.interview import Interview
from scanner.wire.openssl_names import openssl_group, openssl_scheme, openssl_suite
from scanner.wire.sslv2 import Sslv2Hello
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version, suite_name
from scanner.wire.tls_questions import offering
from scanner.wire.tls_suites import every_suite

S_CLIENT = {
    Version.SSLv2: "-ssl2",
    Version.SSLv3: "-ssl3",
    Version.TLSv1_0: "-tls1",
    Version.TLSv1_1: "-tls1_1",
    Version.TLSv1_2: "-tls1_2",
    Version.TLSv1_3: "-tls1_3",
}
LEVEL = "@SECLEVEL=0"
"""Or the client refuses what the server would accept."""
_NOT_BUILT_IN = re.compile(
    "RC4|DES|IDEA|RC2|EXPORT|GOST|KRB5|FIPS|DRAFT|SEED|ECCPWD|_DH_RSA|_DH_DSS|_ECDH_RSA|_ECDH_ECDSA"
    r"|CAMELLIA_\d+_GCM|ARIA_\d+_CBC|DH_anon_WITH_ARIA"
    "|_PSK_|_PSK|_SRP_"  # those need a key or a password first
)
_IN_TLS13 = range(0x1301, 0x1306)
_NEW_GROUPS = {31, 32, 33, 0x0200, 0x0201, 0x0202, 0x11EB, 0x11EC, 0x11ED}
"""Brainpool curves of TLS 1.3 (OpenSSL 3.2) and ML-KEM (3.5)."""
_NEW_SCHEMES = {0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906}
"""Of these curves, and ML-DSA."""


def asking(interview: Interview, question: Hello | Sslv2Hello, *options: str, version: Version | None = None) -> str:
    """`openssl s_client` with the version of a question and these options; for SSL 2.0 and 3.0 the question itself.

    version: that of the answer, where it is an older one.
    """
    spoken = Version(question.version) if version is None else version
    if spoken <= Version.SSLv3:
        return interview.sending(question)
    return interview.s_client(S_CLIENT[spoken], *options)


def of_version(interview: Interview, question: Hello | Sslv2Hello) -> str:
    """With every suite that the client has."""
    return asking(interview, question, *version_options(Version(question.version))[1:])


def version_options(version: Version, ciphers: str = "ALL") -> list[str]:
    """This version alone; without it, distributions' OpenSSL asks for nothing older than TLS 1.2."""
    return [S_CLIENT[version], *(["-cipher", f"{ciphers}:{LEVEL}"] if version < Version.TLSv1_3 else [])]


def of_suite(interview: Interview, version: Version, code: int) -> str:
    """With one suite."""
    question = offering(version, (code,))
    if not has_suite(code):
        return interview.sending(question)
    if version is Version.TLSv1_3:
        return asking(interview, question, "-ciphersuites", openssl_suite(code))
    return asking(interview, question, "-cipher", f"{openssl_suite(code)}:{LEVEL}")


def without_suites(interview: Interview, question: Hello, found: Iterable[int]) -> str:
    """With all suites but these."""
    if question.version is Version.TLSv1_3:
        return of_suites(interview, question, (code for code in _IN_TLS13 if code not in found))
    without = [f"!{openssl_suite(code)}" for code in found if has_suite(code)]
    return asking(interview, question, "-cipher", ":".join(["ALL", "COMPLEMENTOFALL", *without, LEVEL]))


def of_forbidden(interview: Interview, question: Hello) -> str:
    """With all suites but those that the question, which offers what is forbidden, does not have."""
    if question.version is Version.TLSv1_3:
        return of_suites(interview, question, question.suites)
    return without_suites(interview, question, _others(question))


@lru_cache(maxsize=64)
def _others(question: Hello) -> tuple[int, ...]:
    return tuple(code for code in every_suite(Version(question.version)) if code not in question.suites)


def of_suites(interview: Interview, question: Hello, codes: Iterable[int]) -> str:
    """With those of these suites that the client has; with all of the question where it has none."""
    names = [openssl_suite(code) for code in codes if has_suite(code)]
    if not names:
        return interview.sending(question)
    if question.version is Version.TLSv1_3:
        return asking(interview, question, "-ciphersuites", ":".join(names))
    return asking(interview, question, "-cipher", ":".join([*names, LEVEL]))


def has_suite(code: int) -> bool:
    """Whether `openssl s_client` can offer it."""
    name = suite_name(code)
    return code in _IN_TLS13 or ("_WITH_" in name and not _NOT_BUILT_IN.search(name))


def group_options(codes: Iterable[int]) -> list[str]:
    """`-groups …`: those that OpenSSL 3.0 has; where it has none, those of newer ones."""
    listed = list(codes)
    known = [code for code in listed if code <= 30 or code in range(256, 261)] or [
        code for code in listed if code in _NEW_GROUPS
    ]
    return ["-groups", ":".join(map(openssl_group, known))] if known else []


def scheme_options(codes: Iterable[int]) -> list[str]:
    """`-sigalgs …`, in the same way."""
    listed = list(codes)
    known = [code for code in listed if code not in _NEW_SCHEMES] or listed
    return ["-sigalgs", ":".join(map(openssl_scheme, known))]
