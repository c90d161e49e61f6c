"""What `report.html` says of an endpoint: all that was found out, nothing of what was not asked, no markup but ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.observations.certificate import Trust
from scanner.report import AttemptRecord
from tests.render.observed import OLD, QUICK, lying, old, one_endpoint, quick, silent, sound, ssh
from tests.render.parts import ECDSA, HOSTILE, certificate, chain
from tests.render.test_html import Page, assert_only_ours, rendered


class Rows(Page):
    """The rows of the first endpoint, title → text."""

    def __init__(self, page: bytes) -> None:
        self.found: dict[str, str] = {}
        self._outside = -1
        self._title = ""
        super().__init__(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if ("class", "probes") in attrs and not self.found:
            self._outside = len(self.open)
        if tag == "div" and len(self.open) == self._outside + 1:
            self._title = ""

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if len(self.open) < self._outside:
            self._outside = -1

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if self._outside < 0 or not data.strip():
            return
        if not self._title:
            self._title = data
        else:
            self.found[self._title] = " ".join(f"{self.found.get(self._title, '')} {data}".split())


def rows(attempts: dict[str, AttemptRecord[Any]], **run: Any) -> dict[str, str]:
    """Title → text, of each row of the endpoint; a space between elements."""
    return Rows(rendered(one_endpoint(attempts, **run))).found


def test_files_of_the_site_are_named_without_their_folders() -> None:
    store = "/srv/tlsassay-site/own-ca.pem"
    whole = one_endpoint(
        {"certificate": certificate(chain("portal.example.com", ECDSA, **{store: Trust(trusted=None, why="expired")}))}
    )
    (service,) = (one for one in whole.services if one.id == "WEB-01")
    expected = replace(service.certificate, trust=("mozilla", store))
    declared = replace(service, certificate=expected, policies=("site", "/srv/tlsassay-site/house.yaml"))
    page = rendered(replace(whole, services=[declared])).decode()
    assert "tlsassay-site" not in page
    for said in ("own-ca.pem: not judged", "own-ca.pem: expired", "mozilla, own-ca.pem", "site, house.yaml"):
        assert said in page


def test_versions_are_all_named_even_those_not_asked() -> None:
    said = rows(old())["Versions"]
    assert said.startswith("SSLv2 refused SSLv3 unknown TLSv1.0 accepted")
    assert "SSLv3: reset twice, no alert" in said
    attempts = sound()
    versions: Any = attempts["tls_versions"].observation
    fewer = {key: value for key, value in versions.versions.items() if key != "SSLv2"}
    attempts["tls_versions"] = replace(attempts["tls_versions"], observation=replace(versions, versions=fewer))
    assert "SSLv2 not asked" in rows(attempts)["Versions"]


def test_suites_stand_in_the_servers_order_with_whose_order_decides() -> None:
    said = rows(sound())["Cipher suites"]
    assert "TLSv1.2 3 suites · the server's order · ChaCha20 first for clients that put it first" in said
    assert "TLSv1.3 3 suites · the client's order decides" in said
    page = rendered(one_endpoint(sound())).decode()
    assert page.count('<ol class="suites">') == 1
    assert page.count('<ul class="suites">') == 1


def test_many_suites_are_folded_counted_and_what_is_weak_about_each_is_text() -> None:
    page = rendered(one_endpoint(old())).decode()
    said = rows(old())["Cipher suites"]
    assert "TLSv1.0, TLSv1.1 24 suites" in said, "the same list is shown once"
    assert "6 no authentication" in said
    assert "TLS_DH_anon_WITH_RC4_128_SHA no authentication, RC4, DHE" in said
    assert "TLSv1.2 unfinished: timed out after 27 suites" in said
    assert page.count(f">{OLD[0]} ") == 2
    assert page.count('<details class="fold"><summary><b>TLSv1') == 2
    assert '<details class="fold" open>' in rendered(one_endpoint(sound())).decode()


def test_groups_show_post_quantum_ones_open_ones_and_primes() -> None:
    said = rows(sound())["Key exchange"]
    assert "TLSv1.3 X25519MLKEM768 post-quantum x25519 secp256r1" in said
    assert "TLSv1.2: 2 groups not known: secp256r1, the curve of the server's key, cannot be left out" in said
    assert "Diffie-Hellman 2048 bits, ffdhe2048" in said
    said = rows(old())["Key exchange"]
    assert "1024 bits, a prime that is not a published one, sha256 4747474747474747…" in said
    assert "Temporary RSA 512 bits" in said


def test_signatures_and_why_they_are_unfinished() -> None:
    said = rows(sound())["Signatures"]
    assert "TLSv1.3 unfinished: reset twice" in said
    assert '<code class="old">ecdsa_sha1</code>' in rendered(one_endpoint(sound())).decode()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Extensions", "ALPN h2, http/1.1"),
        ("Extensions", "Extended master secret yes"),
        ("Extensions", "Session tickets no"),
        ("Extensions", "Encrypt-then-MAC not known: no answer has a CBC suite"),
        ("Extensions", "OCSP staple good, 2026-03-13 to 2026-03-20"),
        ("Extensions", "SCTs sent by TLS 2"),
        ("Sessions", "TLSv1.3 tickets resumed, lifetime 2 h"),
        ("Sessions", "TLSv1.2 session IDs refused"),
        ("Sessions", "Early data accepted, up to 16,384 bytes"),
        ("Behaviour", "Client certificate not wanted"),
        ("Behaviour", "No SNI declined: alert unrecognized_name (112)"),
        ("Behaviour", "Unknown name in SNI accepted, another certificate"),
        ("Behaviour", "SNI required yes"),
        ("Behaviour", "Fallback SCSV honoured"),
        ("Behaviour", "Downgrade sentinel sent in TLSv1.2"),
        ("Behaviour", "GREASE tolerated"),
        ("Behaviour", "Deviations none in 49 answers"),
    ],
)
def test_a_sound_endpoint_in_words(row: str, said: str) -> None:
    assert said in rows(sound())[row]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Extensions", "Compression DEFLATE"),
        ("Extensions", "ALPN not known: timed out"),
        ("Extensions", "OCSP staple, SCTs sent by TLS not known: no answer could have shown it"),
        ("Behaviour", "Client certificate required (alert handshake_failure (40))"),
        ("Behaviour", "30 authorities named for client certificates"),
        ("Behaviour", "CN=Authority 19 and 10 more"),
        ("Behaviour", "Fallback SCSV, newer versions not known: closed early"),
        ("Behaviour", "Downgrade sentinel not sent in TLSv1.0, TLSv1.1"),
        ("Behaviour", "GREASE not tolerated: reset"),
        ("Behaviour", "Deviations 1 in 138 answers"),
        ("Behaviour", "selected RC4 asked with a hello without RC4"),
        ("Not asked", "Resumption, Signature schemes: not asked in this run"),
    ],
)
def test_an_old_endpoint_in_words(row: str, said: str) -> None:
    assert said in rows(old())[row]


@pytest.mark.parametrize(
    "said",
    [
        "Version 1.99: SSH-1 as well",
        "Strict key exchange no",
        "Terrapin possible with chacha20-poly1305@openssh.com",
        f"Host key rsa 1024 bits, SHA256:{'b' * 43}, signed ssh-rsa over diffie-hellman-group14-sha1",
        "Host key ed25519 not known: reset the connection",
        "Key exchange diffie-hellman-group14-sha1 curve25519-sha256 key exchange over SHA-1",
        "Host keys ssh-rsa ssh-ed25519 RSA signatures over SHA-1",
        "Not asked for ssh-rsa-cert-v01@openssh.com",
        "Ciphers to the server chacha20-poly1305@openssh.com aes128-ctr",
        "Ciphers to the client aes128-ctr arcfour RC4",
        "MACs hmac-sha1 umac-64@openssh.com",
        "Compression none",
    ],
)
def test_an_ssh_server_in_words(said: str) -> None:
    assert said in rows(ssh())["SSH"]


def test_what_is_weak_in_ssh_is_marked() -> None:
    page = rendered(one_endpoint(ssh())).decode()
    assert '<code class="old">arcfour</code>' in page
    assert "<code>umac-64@openssh.com</code>" in page


def test_a_quick_look_says_what_it_did_not_ask() -> None:
    said = rows(quick(), **QUICK)
    for row in ("Cipher suites", "Key exchange"):
        assert "TLSv1.2, TLSv1.3 none of those that the policies forbid" in said[row]
        assert "others not asked at this depth" in said[row]
    assert "ALPN h2 (others not asked at this depth)" in said["Extensions"]
    assert said["Not asked"].endswith("Signature schemes, Tolerance: not asked at this depth")
    assert {"Sessions", "Signatures"}.isdisjoint(said)
    text = Page(rendered(one_endpoint(quick(), **QUICK))).text
    assert "quick: no more than the policies need" in text
    assert "Certificate, Cipher suites, Conformance, Extensions, Groups, Reachability, TLS versions" in text
    assert "24 cipher suites and 1 group that they forbid is accepted, and any version below TLSv1.2" in text


def test_a_quick_look_for_policies_that_forbid_nothing() -> None:
    said = rows(quick(), depth="quick")
    assert said["Cipher suites"] == "TLSv1.2, TLSv1.3 not asked at this depth"
    assert said["Key exchange"].startswith("TLSv1.2, TLSv1.3 not asked at this depth")


def test_chosen_probes_are_named_and_the_others_were_not_chosen() -> None:
    attempts = {probe: one for probe, one in sound().items() if probe in {"reachability", "tls_versions"}}
    run = {"probes": ("reachability", "tls_versions")}
    assert rows(attempts, **run)["Not asked"].endswith("not among the probes chosen for this run")
    assert "Reachability, TLS versions" in Page(rendered(one_endpoint(attempts, **run))).text


def test_one_reason_for_many_probes_is_said_once() -> None:
    said = rows(silent())
    assert said["Not known"] == (
        "Could not ask: timed out: no answer in 10 s TLS versions, Cipher suites, Groups, Certificate"
    )


def test_an_endpoint_without_tls_is_not_said_to_lack_questions() -> None:
    assert "Not asked" not in rows({"reachability": sound()["reachability"]})


def test_stands_in_one_line() -> None:
    page = rendered(one_endpoint(sound())).decode()
    assert '<p class="glance">TLSv1.2, TLSv1.3 · 6 suites, none weak · X25519MLKEM768 · DH 2048 · ecdsa 256</p>' in page


@pytest.mark.parametrize("attempts", [lying(), ssh(HOSTILE)], ids=["tls", "ssh"])
def test_nothing_a_server_says_becomes_markup(attempts: dict[str, AttemptRecord[Any]]) -> None:
    data = rendered(one_endpoint(attempts))
    assert_only_ours(Page(data))
    assert b"<script" not in data
    assert b"<img" not in data
    assert b"\x1b" not in data
    assert "\u202e".encode() not in data


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters() | st.sampled_from("<>\"'&=/`{}%#-! \x00\x1b\r\n"), max_size=60))
def test_no_text_whatever_becomes_markup(said: str) -> None:
    page = Page(rendered(one_endpoint(lying(said) | ssh(said))))
    assert_only_ours(page)
    assert all(c.isprintable() or c == "\n" for _, text in page.texts for c in text)


@pytest.mark.parametrize(("attempts", "most"), [(sound(), 8_000), (old(), 11_000), (quick(), 5_000)])
def test_stays_small(attempts: dict[str, AttemptRecord[Any]], most: int) -> None:
    alone = one_endpoint(attempts)
    (endpoint,) = alone.endpoints
    twice = replace(alone, endpoints=[endpoint, replace(endpoint, address="192.0.2.11")])
    assert len(rendered(twice)) - len(rendered(alone)) < most
