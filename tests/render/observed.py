"""Endpoints made by hand as the TLS engine sees them: sound, old, looked at quickly, silent, and lying everywhere."""

from typing import Any

from msgspec.structs import replace

from scanner.model import Asks, FailureKind, Observation
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.client_authentication import ClientAuthentication
from scanner.observations.conformance import Conformance, Deviation
from scanner.observations.downgrade import Downgrade
from scanner.observations.extensions import Extensions, OcspStaple
from scanner.observations.groups import DhParameters, Groups
from scanner.observations.kerberos import Kerberos
from scanner.observations.resumption import Resumption
from scanner.observations.server_names import ServerNames, Shown
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.ssh import BothWays, Ssh, SshHostKey
from scanner.observations.tls_versions import TlsVersions
from scanner.observations.tolerance import Tolerance
from scanner.observations.upgrade import Advertised, Upgrade
from scanner.report import AttemptRecord, Report
from tests.render.example import report
from tests.render.parts import ECDSA, HOSTILE, OPEN, certificate, chain, endpoint, failed, ok

TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
ECDHE = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
)
OLD = tuple(
    f"TLS_{exchange}_WITH_{cipher}_SHA"
    for exchange in ("ECDHE_RSA", "DHE_RSA", "RSA", "DH_anon")
    for cipher in ("AES_128_CBC", "AES_256_CBC", "3DES_EDE_CBC", "CAMELLIA_128_CBC", "RC4_128", "NULL")
)
LEAF, OTHER = "a0" * 32, "b1" * 32


def _attempts(*observations: Observation) -> dict[str, AttemptRecord[Any]]:
    return {str(one.__struct_config__.tag): ok(one) for one in observations}


def sound() -> dict[str, AttemptRecord[Any]]:
    """TLS 1.2 and 1.3, a post-quantum group, a staple, sessions."""
    return {"reachability": OPEN, "certificate": certificate(chain("portal.example.com", ECDSA))} | _attempts(
        TlsVersions(versions=_versions("TLSv1.2", "TLSv1.3")),
        CipherSuites(
            suites={"TLSv1.2": ECDHE, "TLSv1.3": TLS13},
            preference={"TLSv1.2": "server", "TLSv1.3": "client"},
            chacha20_prioritised={"TLSv1.2": True},
            asked={"TLSv1.2": "all", "TLSv1.3": "all"},
        ),
        Groups(
            groups={"TLSv1.2": ("x25519", "secp256r1"), "TLSv1.3": ("X25519MLKEM768", "x25519", "secp256r1")},
            dh=(DhParameters(bits=2048, prime="ffdhe2048", sha256="9b" * 32),),
            dh_bits=2048,
            asked={"TLSv1.2": "all", "TLSv1.3": "all"},
            open={"TLSv1.2": ("sect163k1", "secp192r1")},
            reasons={"TLSv1.2": "secp256r1, the curve of the server's key, cannot be left out"},
        ),
        SignatureSchemes(
            schemes={"TLSv1.2": ("ecdsa_secp256r1_sha256", "ecdsa_sha1"), "TLSv1.3": ("ecdsa_secp256r1_sha256",)},
            reasons={"TLSv1.3": "reset twice"},
        ),
        Extensions(
            alpn=("h2", "http/1.1"),
            extended_master_secret=True,
            secure_renegotiation=True,
            session_tickets=False,
            heartbeat=False,
            compression=False,
            stapled=True,
            ocsp_staple=OcspStaple(
                status="good", this_update="2026-03-13T00:00:00Z", next_update="2026-03-20T00:00:00Z", serial="0B"
            ),
            scts=2,
            reasons={"encrypt_then_mac": "no answer has a CBC suite"},
        ),
        Resumption(
            tickets={"TLSv1.2": "not offered", "TLSv1.3": "resumed"},
            session_ids={"TLSv1.2": "refused"},
            ticket_lifetimes={"TLSv1.3": 7200},
            early_data=True,
            max_early_data=16384,
        ),
        ClientAuthentication(wanted={"TLSv1.2": "none", "TLSv1.3": "none"}),
        ServerNames(
            with_name=Shown(outcome="accepted", sha256=LEAF),
            without_name=Shown(outcome="declined", how="alert unrecognized_name (112)"),
            unknown_name=Shown(outcome="accepted", sha256=OTHER),
            required=True,
            differs=True,
        ),
        Downgrade(fallback_scsv="honoured", sentinel={"TLSv1.2": True}),
        Tolerance(grease="tolerated", newer_versions="tolerated"),
        Conformance(answers=49),
        Upgrade(),  # HTTPS has none
    )


def old() -> dict[str, AttemptRecord[Any]]:
    """TLS 1.0 to 1.2 with two dozen suites each, a short prime, and answers nobody asked for."""
    seen = sound()
    del seen["signature_schemes"], seen["resumption"]
    return seen | _attempts(
        TlsVersions(
            versions=_versions("TLSv1.0", "TLSv1.1", "TLSv1.2") | {"SSLv3": "unknown"},
            reasons={"SSLv3": "reset twice, no alert"},
        ),
        CipherSuites(
            suites={"TLSv1.0": OLD, "TLSv1.1": OLD, "TLSv1.2": OLD + ECDHE},
            preference=dict.fromkeys(("TLSv1.0", "TLSv1.1", "TLSv1.2"), "client"),
            asked=dict.fromkeys(("TLSv1.0", "TLSv1.1", "TLSv1.2"), "all"),
            reasons={"TLSv1.2": "timed out after 27 suites"},
        ),
        Groups(
            groups={"TLSv1.2": ()},
            dh=(DhParameters(bits=1024, prime="unknown", sha256="47" * 32),),
            dh_bits=1024,
            rsa_export_bits=512,
            asked={"TLSv1.2": "all"},
        ),
        Extensions(alpn=(), compression=True, stapled=None, scts=None, reasons={"alpn": "timed out"}),
        ClientAuthentication(
            wanted={"TLSv1.2": "required"},
            authorities=tuple(f"CN=Authority {number}" for number in range(30)),
            reasons={"TLSv1.2": "alert handshake_failure (40)"},
        ),
        Downgrade(fallback_scsv="unknown", reason="closed early", sentinel={"TLSv1.0": False, "TLSv1.1": False}),
        Tolerance(
            grease="intolerant", newer_versions="unknown", reasons={"grease": "reset", "newer_versions": "closed early"}
        ),
        Conformance(deviations=(Deviation(what="selected RC4", asked="a hello without RC4"),), answers=138),
    )


def quick() -> dict[str, AttemptRecord[Any]]:
    """What depth quick brings home of a sound endpoint."""
    seen = sound()
    kept = {probe: seen[probe] for probe in ("reachability", "certificate", "tls_versions", "conformance", "upgrade")}
    both = ("TLSv1.2", "TLSv1.3")
    return kept | _attempts(
        CipherSuites(suites=dict.fromkeys(both, ()), asked=dict.fromkeys(both, "planned")),
        Groups(groups=dict.fromkeys(both, ()), asked=dict.fromkeys(both, "planned")),
        Extensions(alpn=("h2",), extended_master_secret=True, stapled=False, scts=0),
    )


def lying(said: str = HOSTILE) -> dict[str, AttemptRecord[Any]]:
    """`said` wherever text can stand."""
    shown = Shown(outcome="declined", how=said, sha256=said)
    return {"reachability": OPEN} | _attempts(
        TlsVersions(versions={"TLSv1.2": "accepted", "TLSv1.3": "unknown"}, reasons={"TLSv1.3": said}),
        CipherSuites(
            suites={"TLSv1.2": (said, f"{said}_WITH_NULL_MD5"), said: (said,)}, reasons={"TLSv1.2": said, said: said}
        ),
        Groups(
            groups={"TLSv1.2": (said,), "TLSv1.3": (f"{said}MLKEM768",), said: ()},
            dh=(DhParameters(bits=512, prime=said, sha256=said),),
            open={"TLSv1.2": (said, said)},
            reasons={"TLSv1.2": said, "TLSv1.3": said},
        ),
        SignatureSchemes(schemes={"TLSv1.2": (said, f"{said}sha1")}, reasons={"TLSv1.2": said}),
        Extensions(
            alpn=(said, said * 9),
            stapled=True,
            ocsp_staple=OcspStaple(status=said, this_update=said, next_update=said, serial=said),
            reasons={"encrypt_then_mac": said, "alpn": said, "heartbeat": said},
        ),
        Resumption(
            tickets={"TLSv1.2": "unknown", said: "unknown"}, session_ids={said: "refused"}, reasons={"TLSv1.2": said}
        ),
        ClientAuthentication(
            wanted={"TLSv1.2": "required", said: "unknown"}, authorities=(said, said), reasons={"TLSv1.2": said}
        ),
        ServerNames(
            with_name=shown,
            without_name=replace(shown, outcome="unknown"),
            unknown_name=replace(shown, outcome="accepted"),
        ),
        Downgrade(fallback_scsv="unknown", reason=said, sentinel={said: False}),
        Tolerance(grease="intolerant", newer_versions="unknown", reasons={"grease": said, "newer_versions": said}),
        Conformance(deviations=(Deviation(what=said, asked=said),)),
        Kerberos(
            realm=said,
            principal=said,
            encryption_types={said: "accepted", "rc4-hmac": "unknown", f"{said}2": "refused"},
            reasons={"rc4-hmac": said},
        ),
        Upgrade(
            before=(said,),
            after=Advertised(capabilities=(f"{said}2",), mechanisms=(said,), how=said),
            injection="executed",
            how=said,
        ),
    )


def ssh(said: str = "") -> dict[str, AttemptRecord[Any]]:
    """An old SSH server without strict key exchange; `said` wherever text can stand."""
    chacha20, macs = said or "chacha20-poly1305@openssh.com", ("hmac-sha1", "umac-64@openssh.com")
    key = SshHostKey(
        type=said or "rsa",
        bits=1024,
        fingerprint=said or "SHA256:" + "b" * 43,
        public_key=said or "ssh-rsa AAAA",
        algorithm=said or "ssh-rsa",
        key_exchange=said or "diffie-hellman-group14-sha1",
    )
    return {"reachability": OPEN} | _attempts(
        Ssh(
            banner=said or "SSH-1.99-OpenSSH_3.9",
            version=said or "1.99",
            ssh1=True,
            key_exchange=(said or "diffie-hellman-group14-sha1", "curve25519-sha256"),
            host_key_algorithms=(said or "ssh-rsa", "ssh-ed25519"),
            ciphers=BothWays(to_server=(chacha20, "aes128-ctr"), to_client=("aes128-ctr", "arcfour")),
            macs=BothWays(to_server=macs, to_client=macs),
            compression=BothWays(to_server=("none",), to_client=("none",)),
            terrapin=(chacha20,),
            host_keys=(key,),
            reasons={said or "ed25519": said or "reset the connection"},
            not_asked=(said or "ssh-rsa-cert-v01@openssh.com",),
        )
    )


def silent() -> dict[str, AttemptRecord[Any]]:
    """Reachable, and then nothing."""
    probes = ("tls_versions", "cipher_suites", "groups", "certificate")
    return {"reachability": OPEN} | {probe: failed(FailureKind.TIMED_OUT, "no answer in 10 s") for probe in probes}


def one_endpoint(attempts: dict[str, AttemptRecord[Any]], **run: Any) -> Report[Any]:
    """A report of one endpoint without findings; `run`: what differs about the run."""
    whole = report()
    alone = endpoint("WEB-01", "https://portal.example.com", "192.0.2.10", "open", **attempts)
    changed = {"complete": True, "passive": False, "endpoints": 1} | run
    return replace(whole, run=replace(whole.run, **changed), endpoints=[alone], findings=[])


QUICK = {
    "depth": "quick",
    "probes": (
        *("certificate", "cipher_suites", "conformance", "extensions", "groups", "reachability"),
        *("tls_versions", "upgrade"),
    ),
    "asks": Asks(minimum="TLSv1.2", suites=OLD, groups=("secp192r1",)),
}
"""The run of a quick look."""


def _versions(*accepted: str) -> dict[str, Any]:
    every = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    return {version: "accepted" if version in accepted else "refused" for version in every}
