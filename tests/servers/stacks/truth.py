"""What other people's clients negotiate with a server: `openssl s_client`, nassl (OpenSSL 1.0.2), Node (OpenSSL 3.5).

Each question offers one version, and one suite or one group where that is the question. True: it was negotiated. False:
the server turned it down, in whatever way. RuntimeError: the client could not ask. Each is asked once of a `Witness`.
"""

import re
import ssl
import subprocess
from collections.abc import Collection, Sequence
from functools import cache, partial
from hashlib import sha256

from tests.servers.clients import SECONDS
from tests.servers.clients import VERSIONS as S_CLIENT
from tests.servers.harness import Running
from tests.servers.stacks.handshakes import nassl, nassl_chain, s_client, s_client_output
from tests.servers.stacks.installed import HERE, NODE
from tests.servers.stacks.suites import EVERYTHING, NEW_GROUPS, SSL2, known_suites, of_nassl, of_s_client, registered

CHOICES = 8
"""How far a server's order is followed."""
_HASHES = ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
SIGNED = {
    **{f"rsa_pkcs1_{one.lower()}": ("RSA", one) for one in _HASHES},
    **{f"rsa_pss_rsae_{one.lower()}": ("RSA-PSS", one) for one in _HASHES[2:]},
    "ecdsa_sha1": ("ECDSA", "SHA1"),
    "ecdsa_secp256r1_sha256": ("ECDSA", "SHA256"),
    "ecdsa_secp384r1_sha384": ("ECDSA", "SHA384"),
    "ecdsa_secp521r1_sha512": ("ECDSA", "SHA512"),
}
"""Signature scheme → what `s_client -brief` says of the server's signature: its type, its hash."""


def version(server: Running, name: str) -> bool:
    """Whether a version is negotiated, when everything else in the hello is as permissive as the client can be."""
    if name in S_CLIENT and s_client(server, name) is not None:
        return True
    # RC4, DES and export suites are no more in OpenSSL 3.0
    return name != "TLSv1.3" and nassl(server, name, EVERYTHING) is not None


def suite(server: Running, version: str, name: str) -> bool:
    """Whether a suite is negotiated when it is the only one offered."""
    if version == "SSLv2":
        return nassl(server, version, SSL2[name]) == SSL2[name]
    if version == "TLSv1.3":
        return s_client(server, version, "-ciphersuites", name) is not None
    if name in of_nassl():
        return nassl(server, version, of_nassl()[name]) is not None
    return s_client(server, version, "-cipher", f"{of_s_client()[name][0]}:@SECLEVEL=0") is not None


def new_groups(server: Running) -> set[str]:
    """Which of NEW_GROUPS are taken in TLS 1.3 when each is the only one offered."""
    command = [str(NODE), str(HERE / "client.js"), str(server.ports["tls"]), *NEW_GROUPS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    return {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" yes")}


def group(server: Running, version: str, name: str) -> bool:
    """Whether a group is taken when it is the only one offered; in TLS 1.2 with ECDHE suites alone.

    In TLS 1.2 the curve of an ECDSA certificate has to be on offer, too (RFC 8422 §5.1): if it then is what the server
    prefers, nobody can tell.
    """
    if version == "TLSv1.3":
        return s_client(server, version, "-groups", name) is not None
    ask = partial(s_client, server, version, "-cipher")
    types = {spec.key_type for spec in server.truth["tls"].certificates}
    if types != {"ecdsa"} and ask("ECDHE+aRSA:AECDH:@SECLEVEL=0", "-groups", name):
        return True
    if "ecdsa" not in types:
        return False
    session = ask("ECDHE+aECDSA:@SECLEVEL=0", "-groups", name if name == "secp256r1" else f"{name}:secp256r1")
    words = session["Server Temp Key"].lower().replace("prime256v1", "secp256r1") if session else ""
    return name.lower() in words.split(", ")


def chosen(server: Running, version: str, offered: Sequence[str]) -> str | None:
    """Which of these suites the server takes of an offer in this order."""
    if version == "TLSv1.3":
        session = s_client(server, version, "-ciphersuites", ":".join(offered))
        return session["Ciphersuite"] if session else None
    if all(one in of_nassl() for one in offered):
        answer = nassl(server, version, ":".join(of_nassl()[one] for one in offered))
        return registered(answer) if answer else None
    by_name = {of_s_client()[one][0]: one for one in offered if one in of_s_client()}
    session = s_client(server, version, "-cipher", f"{':'.join(by_name)}:@SECLEVEL=0")
    return by_name[session["Ciphersuite"]] if session else None


def together(version: str, suites: Collection[str]) -> list[str]:
    """As many of the suites as one client can offer together, in their order."""
    if version == "TLSv1.3":
        return list(suites)
    known = set(known_suites(version))
    old = [one for one in suites if one in known and one in of_nassl()]
    new = [one for one in suites if one in known and one in of_s_client()]
    return old if len(old) >= len(new) else new


def preference(server: Running, version: str, suites: Collection[str]) -> str:
    """`server` or `client`: whose order counts; `unknown` with fewer than two suites that one client can offer."""
    # ChaCha20 may be first by exception
    offered = [one for one in together(version, suites) if "CHACHA20" not in one]
    if len(offered) < 2:
        return "unknown"
    one_way, other_way = chosen(server, version, offered), chosen(server, version, offered[::-1])
    if one_way is None or other_way is None:
        raise RuntimeError(f"{version}: {offered} are negotiated one by one, but not together")
    return "server" if one_way == other_way else "client"


def chacha20_prioritised(server: Running, version: str, suites: Collection[str]) -> bool:
    """Whether ChaCha20 is taken of a client that puts it first, and not of one that puts it last."""
    chacha = [one for one in suites if "CHACHA20" in one]
    others = [one for one in suites if "CHACHA20" not in one and (version == "TLSv1.3" or one in of_s_client())]
    if not chacha or not others:
        return False
    first, last = chosen(server, version, [*chacha, *others]), chosen(server, version, [*others, *chacha])
    return first in chacha and last in others


def order(server: Running, version: str, suites: Collection[str]) -> list[str]:
    """The server's first choices of those suites that one client can offer together, by removal: up to CHOICES."""
    left, ordered = together(version, suites), list[str]()
    while left and len(ordered) < CHOICES and (best := chosen(server, version, left)):
        left.remove(best)
        ordered.append(best)
    return ordered


def chain(server: Running, version: str, key_type: str) -> list[str]:
    """SHA-256 of each certificate served to a client that takes only this type of key; none when it gets none."""
    if version == "TLSv1.3":
        # what RSA-PKCS1 signs there is certificates alone (RFC 8446 §4.2.3): the intermediate signs with it
        schemes = {"rsa": "rsa_pss_rsae_sha256", "ecdsa": "ecdsa_secp256r1_sha256"}[key_type] + ":rsa_pkcs1_sha256"
        said = s_client_output(server, version, "-showcerts", "-sigalgs", schemes)
        served = re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", said, re.DOTALL)
    else:
        served = nassl_chain(server, version, {"rsa": "aRSA", "ecdsa": "aECDSA"}[key_type])
    return [sha256(ssl.PEM_cert_to_DER_cert(one)).hexdigest() for one in served]


def signs(server: Running, version: str, scheme: str) -> bool:
    """Whether the server signs its handshake with a scheme (up to TLS 1.2: an ECDHE or DHE one).

    rsa_pkcs1_sha256 is offered as well, for servers that apply the offer to the certificates, too: what counts is what
    was signed with.
    """
    name = scheme.replace("ecdsa_sha1", "ECDSA+SHA1")
    options = ["-sigalgs", name if scheme == "rsa_pkcs1_sha256" else f"{name}:rsa_pkcs1_sha256"]
    if version != "TLSv1.3":
        key = "aECDSA" if scheme.startswith("ecdsa") else "aRSA"
        options += ["-cipher", f"ECDHE+{key}:DHE+{key}:@SECLEVEL=0"]
    for offer in (options, ["-sigalgs", name, *options[2:]]):
        session = s_client(server, version, *offer)
        if session and SIGNED[scheme] == (session.get("Signature type"), session.get("Hash used")):
            return True
    return False


def extensions(server: Running, version: str) -> dict[str, bool]:
    """What the server answers to some extensions up to TLS 1.2; empty where OpenSSL 3.0 gets no session."""
    said = s_client_output(server, version)
    if "Cipher is (NONE)" in said or "Protocol  :" not in said:
        return {}
    return {
        "secure_renegotiation": "Secure Renegotiation IS supported" in said,
        "extended_master_secret": "Extended master secret: yes" in said,
        "session_tickets": "TLS session ticket:" in said,
    }


def heeds_fallback(server: Running, version: str) -> bool | None:
    """Whether a hello of an older version that says it is a retry (RFC 7507) is turned down; None: any would be."""
    if s_client(server, version) is None:
        return None
    said = s_client_output(server, version, "-brief", "-fallback_scsv")
    # where the server goes on, the client may turn it down in the same words, for its random (RFC 8446 §4.1.3)
    return "CONNECTION ESTABLISHED" not in said and "ssl_choose_client_version" not in said


class Witness:
    """A server's other clients: each question is asked once."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.version = cache(partial(version, server))
        self.suite = cache(partial(suite, server))
        self.group = cache(partial(group, server))
        self.signs = cache(partial(signs, server))
        self.new_groups = cache(partial(new_groups, server))

    def groups(self, version: str, names: Collection[str]) -> set[str]:
        """Which of these groups are taken."""
        new = set(names) & set(NEW_GROUPS)
        return {one for one in names if one not in new and self.group(version, one)} | (
            new & self.new_groups() if new else set()
        )
