"""Kamailio (OpenSSL): SIP over TLS alone, and beside it SIP in the clear that asks for TLS, or for a password."""

from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"
MODULES = ("tls", "sl", "pv", "auth", "textops", "siputils")
ONLY_OVER_TLS = 'if ($pr != "tls") { sl_send_reply("403", "TLS required"); exit; }'


def _prepare(over_tls: Listener, method: str, ciphers: str, in_the_clear: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(over_tls.certificates[0])
        transports = {"sip": "tcp", "sips": "tls"}
        listen = "\n".join(f"listen={transports[one]}:{site.address}:{port}" for one, port in site.ports.items())
        (folder,) = Path("/usr/lib").glob("*/kamailio/modules")
        modules = "\n".join(f'loadmodule "{folder}/{one}.so"' for one in MODULES)
        configuration = site.folder / "kamailio.cfg"
        configuration.write_text(
            f"""
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
{listen}
{modules}
modparam("tls", "certificate", "{issued.served}")
modparam("tls", "private_key", "{issued.key}")
modparam("tls", "tls_method", "{method}")
modparam("tls", "cipher_list", "{ciphers}")
request_route {{
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  {in_the_clear}
  if (!pv_www_authenticate("$td", "{PASSWORD}", "0")) {{ www_challenge("$td", "0"); exit; }}
  sl_send_reply("200", "OK");
}}
"""
        )
        folders = ("-Y", str(site.folder), "-P", f"{site.folder}/pid")
        return ["kamailio", "-DD", "-E", "-m", "32", "-M", "4", "-f", str(configuration), *folders]

    return prepare


def _configuration(name: str, truth: dict[str, Listener], *options: str) -> Configuration:
    return Configuration(
        name=name,
        binary="kamailio",
        package="kamailio kamailio-tls-modules",
        tls="required",
        truth=truth,
        also={"sipsak": "sipsak"},
        prepare=_prepare(truth["sips"], *options),
    )


OVER_TLS = Listener(
    versions=TLS_1_2_UP,
    certificates=(CertificateSpec(),),
    suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
)
STRICT = ("TLSv1.2+", "ECDHE+AESGCM:ECDHE+CHACHA20", ONLY_OVER_TLS)
SOUND = _configuration("kamailio-sound", {"sips": OVER_TLS}, *STRICT)
REFUSING = _configuration(
    "kamailio-refusing",
    {"sip": Listener(credentials="refused", fails=frozenset({"plaintext-port-open"})), "sips": OVER_TLS},
    *STRICT,
)
DEFECTIVE = _configuration(
    "kamailio-defective",
    {
        "sip": Listener(credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"})),
        "sips": Listener(
            versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
            certificates=(CertificateSpec(names=("other.example.test",)),),
            fails=frozenset({"tls-version-below-minimum", "name-not-covered"}),
            warns=frozenset({"cipher-suite-too-weak"}),
        ),
    },
    "TLSv1+",
    "DEFAULT:@SECLEVEL=0",
    "",
)
CONFIGURATIONS = (SOUND, REFUSING, DEFECTIVE)
