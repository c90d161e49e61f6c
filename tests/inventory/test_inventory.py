"""Inventories: what a file means, and one bad file for each mistake."""

import base64
import hashlib
import json
from datetime import date
from pathlib import Path

import certifi
import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.declared import (
    CertificateExpectation,
    DeclaredEndpoint,
    Inventory,
    ProtectionNeed,
    Service,
    Source,
    TlsExpectation,
    Waiver,
)
from scanner.inventory import adhoc_inventory, bind, catalogue_folder, inventory_schema, load_inventory
from scanner.inventory.schema import DESCRIPTIONS, FILE_ONLY
from scanner.registry import identifiers
from scanner.yamlfile import InputError
from scanner.yamlrecord import accepted

REPOSITORY = Path(__file__).parents[2]
ANCHORS = Path(certifi.where()).read_bytes()
NO_PIN = "is neither sha256/ and the base64 of 32 bytes, nor SHA256: and an SSH fingerprint"
PIN = "sha256/" + base64.b64encode(bytes(32)).decode()


def write(folder: Path, text: str, name: str = "site.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def load(folder: Path, text: str) -> Inventory:
    return load_inventory(write(folder, text))


def mistakes(path: Path) -> list[str]:
    """`line: message` of everything that is wrong."""
    with pytest.raises(InputError) as caught:
        load_inventory(path)
    assert str(caught.value) == "\n".join(map(str, caught.value.issues))
    assert all(issue.file == str(path) for issue in caught.value.issues)
    return [f"{issue.line}: {issue.message}" for issue in caught.value.issues]


def urls(inventory: Inventory) -> list[str]:
    return [endpoint.url for service in inventory.services for endpoint in service.endpoints]


def with_twins(first: str, second: str) -> str:
    """Two endpoints with one URL, and what else each says."""
    both = "".join(f"      - {{url: 'https://a', {one}}}\n" for one in (first, second))
    return f"name: x\nservices:\n  - id: A\n    endpoints:\n{both}"


def with_service(extra: str = "", endpoints: str = '["https://www.example.com"]', top: str = "") -> str:
    """A file whose service ID is on line 4, its endpoints on line 5, `extra` on line 6, `top` from line 7 on."""
    return f"name: x\npolicies: [site]\nservices:\n  - id: A\n    endpoints: {endpoints}\n    {extra}\n{top}"


# --- what a file means --------------------------------------------------------------------------------------------


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(ANCHORS)
    (tmp_path / "anchors").mkdir()
    path = write(
        tmp_path,
        f"""\
name: example site
zones: [internet, internal]
hosts: {{mail: mail.example.com}}
policies: [site]
services:
  - id: OX-10
    name: mailbox access
    endpoints:
      - "imap://{{mail}}"
      - {{url: "imaps://{{mail}}", address: 10.0.0.7, server_name: "{{mail}}"}}
    reachable_from: [internal]
    tls: starttls-enforced
    protection_need: very high
    owner: mail team
    certificate:
      subject: mail.example.com
      names: [imap.example.com]
      issuer: Example CA
      pins: [{PIN}]
      trust: [system, mozilla, ca.pem, anchors]
    policies: [site]
waivers:
  - {{rule: "*", service: OX-*, reason: r, owner: o, expires: 2027-03-31, approval: a}}
""",
    )
    assert load_inventory(path) == Inventory(
        name="example site",
        zones=("internet", "internal"),
        policies=("site",),
        services=(
            Service(
                id="OX-10",
                name="mailbox access",
                endpoints=(
                    DeclaredEndpoint(url="imap://mail.example.com"),
                    DeclaredEndpoint(
                        url="imaps://mail.example.com", address="10.0.0.7", server_name="mail.example.com"
                    ),
                ),
                reachable_from=("internal",),
                tls=TlsExpectation.STARTTLS_ENFORCED,
                protection_need=ProtectionNeed.VERY_HIGH,
                owner="mail team",
                certificate=CertificateExpectation(
                    subject="mail.example.com",
                    names=("imap.example.com",),
                    issuer="Example CA",
                    pins=(PIN,),
                    trust=("system", "mozilla", str(tmp_path / "ca.pem"), str(tmp_path / "anchors")),
                ),
                policies=("site",),
                source=Source(str(path), 6),
            ),
        ),
        waivers=(
            Waiver(
                rule="*",
                service="OX-*",
                reason="r",
                owner="o",
                expires=date(2027, 3, 31),
                approval="a",
                source=Source(str(path), 23),
            ),
        ),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def test_what_is_left_out_has_the_records_defaults(tmp_path: Path) -> None:
    (service,) = load(tmp_path, with_service()).services
    expected = Service(id="A", endpoints=(DeclaredEndpoint(url="https://www.example.com"),), source=service.source)
    assert service == expected


@pytest.mark.parametrize(
    ("hosts", "endpoint", "expected"),
    [
        ("{m: [10.0.0.11, 10.0.0.12]}", "https://{m}", ["https://10.0.0.11", "https://10.0.0.12"]),
        ("{m: '10.0.0.5:3307'}", "mysql://{m}", ["mysql://10.0.0.5:3307"]),
        ("{m: '2001:db8::1'}", "https://{m}:8443", ["https://[2001:db8::1]:8443"]),
        ("{m: '[2001:db8::1]'}", "https://{m}", ["https://[2001:db8::1]"]),
        ("{m: '[2001:db8::1]:993'}", "imaps://{m}", ["imaps://[2001:db8::1]:993"]),
        ("{m: 'fe80::1%eth0'}", "https://{m}", ["https://[fe80::1%eth0]"]),
        ("{m: mail}", "imap://{m}.example.com", ["imap://mail.example.com"]),
        ("{a: [x, y], b: [v, w]}", "https://{a}.{b}", ["https://x.v", "https://x.w", "https://y.v", "https://y.w"]),
        ("{m: [x, y]}", "https://{m}.{m}", ["https://x.x", "https://y.y"]),
        ("{unused: x}", "https://münchen.example", ["https://münchen.example"]),
    ],
)
def test_hosts_are_bound_and_fan_out(tmp_path: Path, hosts: str, endpoint: str, expected: list[str]) -> None:
    assert urls(load(tmp_path, with_service(endpoints=f'["{endpoint}"]', top=f"hosts: {hosts}"))) == expected


def test_one_name_means_one_host_throughout_an_endpoint(tmp_path: Path) -> None:
    endpoints = (
        '[{url: "https://{m}", address: "{m}"}, {url: "https://{n}.example.com", server_name: "{n}.example.org"}]'
    )
    inventory = load(tmp_path, with_service(endpoints=endpoints, top='hosts: {m: ["::1", 10.0.0.1], n: [a, b]}'))
    assert inventory.services[0].endpoints == (
        DeclaredEndpoint(url="https://[::1]", address="::1"),
        DeclaredEndpoint(url="https://10.0.0.1", address="10.0.0.1"),
        DeclaredEndpoint(url="https://a.example.com", server_name="a.example.org"),
        DeclaredEndpoint(url="https://b.example.com", server_name="b.example.org"),
    )


def test_unregistered_but_declared_ports_are_the_sites_business(tmp_path: Path) -> None:
    assert urls(load(tmp_path, with_service(endpoints='["ldaps://x:686"]'))) == ["ldaps://x:686"]


def test_a_lapsed_waiver_loads(tmp_path: Path) -> None:
    waiver = "waivers: [{rule: '*', service: A, reason: r, owner: o, expires: 2001-01-01}]"
    assert load(tmp_path, with_service(top=waiver)).waivers[0].expires == date(2001, 1, 1)


def test_a_sites_own_policy_is_named_by_its_path(tmp_path: Path) -> None:
    write(tmp_path, "", "own.yaml")
    inventory = load(tmp_path, with_service(extra="policies: [./own.yaml]"))
    assert inventory.services[0].policies == (str(tmp_path / "own.yaml"),)


# --- extends ------------------------------------------------------------------------------------------------------

BASE = """\
name: catalogue
zones: [internet, internal]
hosts: {www: base.example.com}
policies: [site]
services:
  - id: A
    name: from the catalogue
    endpoints: ["https://{www}", "imap://{mail}"]
    tls: advised
  - id: B
    endpoints: ["https://{www}:8443"]
waivers:
  - {rule: "*", service: B, reason: base, owner: o, expires: 2027-01-01}
"""


def test_a_site_extends_a_catalogue(tmp_path: Path) -> None:
    base = write(tmp_path, BASE, "base.yaml")
    path = write(
        tmp_path,
        """\
name: site
extends: ./base.yaml
zones: [internal, dmz]
hosts: {mail: mail.example.com, www: [w1, w2]}
services:
  - id: C
    endpoints: ["tcp://c:1"]
    reachable_from: [internet, dmz]
  - {id: A, tls: required, owner: us}
waivers:
  - {rule: "*", service: C, reason: site, owner: o, expires: 2027-01-01}
""",
    )
    inventory = load_inventory(path)
    assert inventory.name == "site"
    assert inventory.zones == ("internet", "internal", "dmz")
    assert inventory.policies == ("site",)
    assert [service.id for service in inventory.services] == ["A", "B", "C"]
    first, second, third = inventory.services
    assert (first.name, first.tls, first.owner) == ("from the catalogue", TlsExpectation.REQUIRED, "us")
    assert urls(inventory)[:5] == [
        "https://w1",
        "https://w2",
        "imap://mail.example.com",
        "https://w1:8443",
        "https://w2:8443",
    ]
    assert [waiver.reason for waiver in inventory.waivers] == ["base", "site"]
    assert (first.source, second.source, third.source) == (
        Source(str(path), 9),
        Source(str(base), 10),
        Source(str(path), 6),
    )
    assert inventory.sha256 == hashlib.sha256(path.read_bytes() + base.read_bytes()).hexdigest()


def test_files_are_read_once_and_in_order(tmp_path: Path) -> None:
    write(tmp_path, BASE, "base.yaml")
    write(tmp_path, "name: l\nextends: base.yaml\nhosts: {www: left, mail: left}", "left.yaml")
    write(tmp_path, "name: r\nextends: base.yaml\nhosts: {www: right}", "right.yaml")
    inventory = load(tmp_path, "name: s\nextends: [left.yaml, right.yaml]")
    assert urls(inventory) == ["https://right", "imap://left", "https://right:8443"]
    assert len(inventory.waivers) == 1


def test_paths_are_relative_to_the_file_that_says_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ca.pem").write_bytes(ANCHORS)
    text = "name: b\nservices: [{id: A, endpoints: ['https://a'], certificate: {trust: [ca.pem]}}]"
    write(tmp_path / "sub", text, "base.yaml")
    inventory = load(tmp_path, "name: s\nextends: sub/base.yaml")
    assert inventory.services[0].certificate.trust == (str(tmp_path / "sub" / "ca.pem"),)


def test_a_mistake_in_a_catalogue_is_reported_there(tmp_path: Path) -> None:
    base = write(tmp_path, BASE.replace("tls: advised", "tls: advise"), "base.yaml")
    path = write(tmp_path, "name: s\nextends: base.yaml\nhosts: {mail: m}\nowner: x")
    with pytest.raises(InputError) as caught:
        load_inventory(path)
    assert [(issue.file, issue.line) for issue in caught.value.issues] == [(str(base), 9), (str(path), 4)]


def test_a_host_bound_to_nothing_leaves_its_endpoints_out(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "name: base\nservices:\n"
        "  - {id: A, endpoints: ['https://{web}', 'imap://{mail}']}\n"
        "  - {id: B, endpoints: ['imap://{mail}', 'imap://{mail}:144']}\n"
    )
    site = tmp_path / "site.yaml"
    site.write_text("name: x\nextends: ./base.yaml\nhosts: {web: a.example, mail: []}\n")
    loaded = load_inventory(site)
    assert [(one.id, [each.url for each in one.endpoints]) for one in loaded.services] == [("A", ["https://a.example"])]
    site.write_text("name: x\nextends: ./base.yaml\nhosts: {web: [], mail: []}\n")
    with pytest.raises(InputError, match="asserts nothing"):
        load_inventory(site)


def test_an_unbound_host_is_judged_after_merging(tmp_path: Path) -> None:
    base = write(tmp_path, BASE, "base.yaml")
    path = write(tmp_path, "name: s\nextends: base.yaml\nhosts: {mial: m}")
    with pytest.raises(InputError) as caught:
        load_inventory(path)
    assert str(caught.value) == f"{base}:8: unbound host {{mail}} (did you mean 'mial'?)"


def test_shipped_catalogues_are_named_without_path(tmp_path: Path) -> None:
    assert (catalogue_folder() / "example.yaml").is_file()
    inventory = load(tmp_path, "name: s\nextends: example\nhosts: {www: here.example.net}")
    assert urls(inventory)[:2] == ["https://here.example.net", "http://here.example.net"]


def test_circles_end(tmp_path: Path) -> None:
    write(tmp_path, "name: b\nextends: site.yaml", "b.yaml")
    path = write(tmp_path, "name: a\nextends: [b.yaml, ./site.yaml]\nservices: [{id: A, endpoints: ['https://a']}]")
    with pytest.raises(InputError) as caught:
        load_inventory(path)
    assert str(caught.value) == (
        f"{tmp_path}/b.yaml:2: files extend each other in a circle: site.yaml → b.yaml → site.yaml\n"
        f"{path}:2: files extend each other in a circle: site.yaml → site.yaml"
    )


# --- one bad file for each mistake --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "1: an inventory is a mapping with 'name' and 'services', not a list"),
        ("name: x", "1: missing key 'services'"),
        ("services: [{id: A, endpoints: ['https://a']}]", "1: missing key 'name'"),
        ("name: x\nservices: []", "2: 'services' is empty: the inventory asserts nothing"),
        ("name: x\nservices:\n", "2: 'services' has no value: give one, or leave the key out"),
        ("name: x\nservices: {A: {}}", "2: 'services' must be a list, not a mapping"),
        ("name: x\nservices:\n  - A", "3: 'services' must be a mapping (key: value), not 'A'"),
        ("name: x\nservices:\n  - id: A", "3: missing key 'endpoints'"),
        (with_service(top="polices: [site]"), "7: unknown key 'polices' (did you mean 'policies'?)"),
        (with_service(top="sha256: x"), "7: unknown key 'sha256'"),
        (with_service(extra="source: x"), "6: unknown key 'source'"),
        (with_service(extra="certificate: {pinns: []}"), "6: unknown key 'pinns' (did you mean 'pins'?)"),
        (
            with_service(extra="tls: no"),
            "6: 'tls' must be one of required, advised, starttls-enforced, none, not 'no' (did you mean 'none'?)",
        ),
        (
            with_service(extra="protection_need: very-high"),
            "6: 'protection_need' must be one of medium, high, very high, not 'very-high' (did you mean 'very high'?)",
        ),
        (with_service(extra="owner: 123"), "6: 'owner' must be text, not the number 123: put it in quotes, '123'"),
        (with_service(extra="owner: true"), "6: 'owner' must be text, not true: put it in quotes, 'true'"),
        (with_service(extra="owner: [a]"), "6: 'owner' must be text, not a list"),
        (with_service(extra="owner:"), "6: 'owner' has no value: give one, or leave the key out"),
        (with_service(extra="owner: ' '"), "6: 'owner' has no value: give one, or leave the key out"),
        (with_service(extra="policies: site"), "6: 'policies' must be a list, not 'site': write policies: [site]"),
        (with_service(extra="policies: [sit]"), "6: policies: unknown policy 'sit' (did you mean 'site'?)"),
        (with_service(extra="policies: [./no.yaml]"), "6: policies: './no.yaml' is not a file"),
        (with_service(extra="reachable_from: [a, b, a]"), "6: 'reachable_from' lists 'a' twice"),
        (
            with_service(extra="reachable_from: [internt]", top="zones: [internet]"),
            "6: reachable_from: unknown zone 'internt' (did you mean 'internet'?)",
        ),
        (
            with_service(endpoints="https://a"),
            "5: 'endpoints' must be a list, not 'https://a': write endpoints: [https://a]",
        ),
        (with_service(endpoints="[]"), "5: 'endpoints' is empty: the service asserts nothing"),
        (with_service(endpoints="[[x]]"), "5: 'endpoints' must be a mapping (key: value), not a list"),
        (with_service(endpoints="[443]"), "5: 'endpoints' must be a mapping (key: value), not the number 443"),
        (with_service(endpoints="[{address: 10.0.0.1}]"), "5: missing key 'url'"),
        (with_service(endpoints="[{url: {x}}]"), "5: 'url' must be text, not a mapping: put values with { } in quotes"),
        (with_service(endpoints="['https://a', 'https://a']"), "5: endpoint 'https://a' is declared twice"),
        (with_service(endpoints="['imapz://a']"), "5: url: unknown scheme 'imapz' (did you mean 'imap'?)"),
        (
            with_service(endpoints="['gopher://a']"),
            "5: url: unknown scheme 'gopher': one of " + ", ".join(identifiers("protocols")),
        ),
        (
            with_service(endpoints="[www.example.com]"),
            "5: url: 'www.example.com' is not a URL such as https://host:443",
        ),
        (
            with_service(endpoints="['https://a:70000']"),
            "5: url: port of 'https://a:70000' is not a number from 1 to 65535",
        ),
        (with_service(endpoints="['https://a:0']"), "5: url: port of 'https://a:0' is not a number from 1 to 65535"),
        (with_service(endpoints="['https://u:p@a']"), "5: url: https://…@a: credentials do not belong in an inventory"),
        (with_service(endpoints="['tcp://a']"), "5: url: 'tcp://a' needs a port: tcp has none of its own"),
        (with_service(endpoints="['https://:443']"), "5: url: 'https://:443' names no host"),
        (
            with_service(endpoints="['https://a b']"),
            "5: url: 'a b' in 'https://a b' is neither a host name nor an address",
        ),
        (
            with_service(endpoints="['https://10.0.0.256']"),
            "5: url: '10.0.0.256' in 'https://10.0.0.256' is neither a host name nor an address",
        ),
        (with_service(endpoints="['https://[::1']"), "5: url: "),
        (
            with_service(endpoints="[{url: 'https://a', address: www.example.com}]"),
            "5: address: 'www.example.com' is not a numeric IPv4 or IPv6 address",
        ),
        (
            with_service(endpoints="[{url: 'https://a', server_name: 10.0.0.1}]"),
            "5: server_name: '10.0.0.1' is not a host name",
        ),
        (with_service(endpoints="['https://{w}']"), "5: unbound host {w}: add it to 'hosts', as w: mail.example.com"),
        (
            with_service(endpoints="['https://{wwww}']", top="hosts: {www: x}"),
            "5: unbound host {wwww} (did you mean 'www'?)",
        ),
        (with_service(endpoints="['https://{}']"), "5: 'https://{}': {} names no host"),
        (
            with_service(endpoints="['https://{a']", top="hosts: {a: x}"),
            "5: 'https://{a' has a brace without its partner: a host is written as {name}",
        ),
        (with_service(top="hosts: [a]"), "7: 'hosts' must be a mapping (name: host), not a list"),
        (with_service(top="hosts: {a: {b: c}}"), "7: 'a' must be text, not a mapping: put values with { } in quotes"),
        (with_service(top="hosts: {a: '{b}'}"), "7: host 'a': '{b}' may not refer to another host"),
        (with_service(top="hosts: {a b: c}"), "7: host name 'a b' may hold letters, digits, '.', '-' and '_' only"),
        (
            with_twins("server_name: a.example", "server_name: b.example"),
            "6: endpoint 'https://a' is declared twice",
        ),
        (
            with_service(top="sweep: [telnt]"),
            "7: sweep: unknown name to sweep for 'telnt' (did you mean 'telnet'?)",
        ),
        (with_service(top="sweep: ['65536']"), "7: sweep: port 65536 is not a number from 1 to 65535"),
        (
            with_service(top="scope: [10.0.0.1/8]"),
            "7: scope: '10.0.0.1/8' is not a network: 10.0.0.1/8 has host bits set",
        ),
        (with_service(top="scope: ['a b']"), "7: scope: 'a b' is neither a network, an address nor a host name"),
        (
            with_service(extra="direction: outbond"),
            "6: 'direction' must be one of inbound, outbound, not 'outbond' (did you mean 'outbound'?)",
        ),
        (with_service(top="extends: exampel"), "7: unknown catalogue 'exampel' (did you mean 'example'?)"),
        (with_service(top="extends: 7"), "7: 'extends' must be text, not the number 7: put it in quotes, '7'"),
        (
            with_service(top="  - {id: A, endpoints: ['https://b']}"),
            "7: duplicate service ID 'A', first declared on line 4",
        ),
        (
            "name: x\nservices: [{id: A B, endpoints: ['https://a']}]",
            "2: id: 'A B' may not contain spaces or any of * ? [ ]",
        ),
        (with_service(extra="certificate: {subject: ''}"), "6: 'subject' has no value: give one, or leave the key out"),
        (with_service(extra="certificate: {issuer: }"), "6: 'issuer' has no value: give one, or leave the key out"),
        (
            with_service(extra=f"certificate: {{pins: {PIN}}}"),
            f"6: 'pins' must be a list, not {PIN!r}: write pins: [{PIN}]",
        ),
        (
            with_service(extra="certificate: {pins: [sha256/AAAA]}"),
            f"6: pins: 'sha256/AAAA' {NO_PIN}",
        ),
        (
            with_service(extra=f"certificate: {{pins: ['{PIN.replace('256', '1')}']}}"),
            f"6: pins: '{PIN.replace('256', '1')}' {NO_PIN}",
        ),
        (
            with_service(extra="certificate: {pins: ['SHA256:AAAA']}"),
            f"6: pins: 'SHA256:AAAA' {NO_PIN}",
        ),
        (
            with_service(extra="certificate: {trust: [sytem]}"),
            "6: trust: 'sytem' is not system, mozilla, a PEM file or a folder (did you mean 'system'?)",
        ),
        (
            with_service(extra="certificate: {trust: [site.yaml]}"),
            "6: trust: 'site.yaml' holds no readable PEM certificate",
        ),
        (
            with_service(top="waivers: [{rule: '*', service: B*, reason: r, owner: o, expires: 2027-01-01}]"),
            "7: waiver for 'B*' matches no service",
        ),
        (
            with_service(
                top="waivers: [{rule: certificate-expird, service: A, reason: r, owner: o, expires: 2027-01-01}]"
            ),
            "7: rule: unknown rule 'certificate-expird' (did you mean 'certificate-expired'?)",
        ),
        (
            with_service(top="waivers: [{rule: '*', service: A, owner: o, expires: 2027-01-01}]"),
            "7: missing key 'reason'",
        ),
        *(
            (
                with_service(top=f"waivers: [{{rule: '*', service: A, reason: r, owner: o, expires: {wrong}}}]"),
                f"7: 'expires' must be a date as YYYY-MM-DD, not {said}",
            )
            for wrong, said in [
                ("31.03.2027", "'31.03.2027'"),
                ("2027-3-31", "'2027-3-31'"),
                ("2027-02-30", "'2027-02-30'"),
                ("2027-03-31 12:00:00", "'2027-03-31 12:00:00'"),
                ("20270331", "the number 20270331"),
                ("never", "'never'"),
            ]
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    found = mistakes(write(tmp_path, text))
    assert len(found) == 1
    assert found[0] == expected or (expected.endswith(": ") and found[0].startswith(expected))


def test_all_mistakes_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
name: x
name: y
extnds: foo
zones: [a]
services:
  - id: A
    endpoints: ["imapx://{m}", {url: "tcp://x", adress: 1}]
    reachable_from: [b]
    owner: 123
  - id: A
    tls: maybe
waivers:
  - {rule: nonsense-rule, service: B*, reason: x, owner: y, expires: 31.03.2027}
""",
    )
    lines = [int(found.partition(":")[0]) for found in mistakes(path)]
    assert lines == [2, 3, 7, 7, 7, 7, 8, 9, 10, 10, 11, 13, 13, 13]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "no.yaml") == [f"1: '{tmp_path}/no.yaml' cannot be read: No such file or directory"]


def test_a_catalogue_that_is_not_there_is_reported_where_it_is_named(tmp_path: Path) -> None:
    (only,) = mistakes(write(tmp_path, with_service(top="extends: [./no.yaml]")))
    assert only == f"7: '{tmp_path}/no.yaml' cannot be read: No such file or directory"


def test_fanning_out_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bind, "MAX_ENDPOINTS", 1000)
    hosts = ", ".join(f"{name}: [{', '.join(f'h{n}' for n in range(100))}]" for name in "abcd")
    found = mistakes(write(tmp_path, with_service(endpoints="['https://{a}.{b}.{c}.{d}']", top=f"hosts: {{{hosts}}}")))
    assert found == ["5: the inventory fans out to more than 1000 endpoints"]


KEYS = ("name", "services", "id", "endpoints", "url", "tls", "hosts", "extends", "waivers", "rule", "expires", "zones")
VALUES = ("x", "A", "h", "example", "*", "https://{h}", "tcp://[::1]:1", "none", "2027-01-01", "{", "}")
WORDS = st.sampled_from((*KEYS, *VALUES))
DATA = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=DATA, text=st.none() | st.text(max_size=200))
def test_any_file_loads_or_is_an_input_error(tmp_path: Path, data: object, text: str | None) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes((json.dumps(data) if text is None else text).encode())
    try:
        outcome = load_inventory(path).services
    except InputError as error:
        outcome = error.issues
    assert outcome


# --- endpoints without a file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_as", "url", "tls"),
    [
        ("https://a:443", "https://a:443", TlsExpectation.REQUIRED),
        ("a.example.com", "https://a.example.com", TlsExpectation.REQUIRED),
        ("a:8443", "tls://a:8443", TlsExpectation.REQUIRED),
        ("::1", "https://[::1]", TlsExpectation.REQUIRED),
        ("[::1]", "https://[::1]", TlsExpectation.REQUIRED),
        ("[::1]:8443", "tls://[::1]:8443", TlsExpectation.REQUIRED),
        ("imap://a", "imap://a", TlsExpectation.STARTTLS_ENFORCED),
        ("mysql://a", "mysql://a", TlsExpectation.STARTTLS_ENFORCED),
        ("http://a", "http://a", TlsExpectation.ADVISED),
        ("tcp://a:1", "tcp://a:1", TlsExpectation.NONE),
    ],
)
def test_an_endpoint_from_the_command_line(given_as: str, url: str, tls: TlsExpectation) -> None:
    inventory = adhoc_inventory([given_as])
    assert inventory.services == (
        Service(
            id="check-1",
            name=url,
            endpoints=(DeclaredEndpoint(url=url),),
            tls=tls,
            source=Source("command line", 1),
        ),
    )
    assert inventory.policies == ("site",)


def test_options_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ca.pem").write_bytes(ANCHORS)
    inventory = adhoc_inventory(["a", "b"], trust=["mozilla", "ca.pem"], server_name="c.example", policies=["site"])
    assert [service.id for service in inventory.services] == ["check-1", "check-2"]
    for service in inventory.services:
        assert service.certificate.trust == ("mozilla", str(tmp_path / "ca.pem"))
        assert service.endpoints[0].server_name == "c.example"


def test_mistakes_of_the_command_line() -> None:
    with pytest.raises(InputError) as caught:
        adhoc_inventory(["a", "htps://b", "tcp://c", "https://{d}"], policies=["sit"])
    assert str(caught.value) == (
        "command line:1: policies: unknown policy 'sit' (did you mean 'site'?)\n"
        "command line:2: url: unknown scheme 'htps' (did you mean 'https'?)\n"
        "command line:3: url: 'tcp://c' needs a port: tcp has none of its own\n"
        "command line:4: url: '{d}' in 'https://{d}' is neither a host name nor an address"
    )
    with pytest.raises(InputError, match="asserts nothing"):
        adhoc_inventory([])


# --- the schema for editors ---------------------------------------------------------------------------------------

RECORDS = (Service, DeclaredEndpoint, CertificateExpectation, Waiver)


def valid(text: str) -> bool:
    """What an editor would say of a file; like editors it reads dates as text."""
    data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - the base loader makes strings only
    return bool(jsonschema.Draft202012Validator(inventory_schema()).is_valid(data))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(inventory_schema())


def test_the_schema_has_exactly_the_loaders_keys() -> None:
    schema = inventory_schema()
    assert set(schema["properties"]) == {*accepted(Inventory), *FILE_ONLY}
    for kind in RECORDS:
        definition = schema["$defs"][kind.__name__]
        assert set(definition["properties"]) == set(accepted(kind))
        assert definition["additionalProperties"] is False
    assert schema["additionalProperties"] is False


def test_the_loader_knows_every_key_of_the_schema_and_no_other(tmp_path: Path) -> None:
    schema = inventory_schema()
    for key in [*schema["properties"], "nonsense"]:
        found = [] if key in ("name", "services") else mistakes(write(tmp_path, f"name: x\n{key}: 7\n"))
        assert any("unknown key" in one for one in found) == (key == "nonsense")


def test_every_property_is_described_and_no_description_is_stale() -> None:
    schema = inventory_schema()
    tables = {"Inventory": schema["properties"]} | {
        kind.__name__: schema["$defs"][kind.__name__]["properties"] for kind in RECORDS
    }
    assert all(one["description"] for table in tables.values() for one in table.values())
    assert set(DESCRIPTIONS) <= {f"{kind}.{key}" for kind, table in tables.items() for key in table}


def test_the_example_loads_validates_and_points_at_the_schema() -> None:
    path = REPOSITORY / "targets" / "example.yaml"
    text = path.read_text()
    assert load_inventory(path).services
    assert text.startswith("# yaml-language-server: $schema=../docs/schema/inventory.json\n")
    assert valid(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_service(), True),
        (with_service(endpoints="['{any}', {url: 'https://a'}]"), True),
        ("name: x\nextends: base.yaml\nservices: [{id: A, tls: none}]", True),
        ("name: x\nservices: [{id: A, tls: none}]", False),
        ("name: x", False),
        (with_service(endpoints="['imapz://a']"), False),
        (with_service(endpoints="[]"), False),
        (with_service(extra="tls: maybe"), False),
        (with_service(extra="policies: [sit]"), False),
        (with_service(extra="policies: [./sit.yaml]"), True),
        (with_service(extra="certificate: {pins: [sha256/x]}"), False),
        (with_service(top="hosts: {a: b, c: [d]}"), True),
        (with_service(top="hosts: {a: []}"), True),
        (with_service(top="waivers: [{rule: nonsense, service: A, reason: r, owner: o, expires: 2027-01-01}]"), False),
        (with_service(top="waivers: [{rule: '*', service: A, reason: r, owner: o, expires: 31.03.2027}]"), False),
    ],
)
def test_editors_see_the_same_mistakes(text: str, expected: bool) -> None:
    assert valid(text) is expected
