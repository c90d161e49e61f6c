import pytest

from scanner.model import Endpoint, Judgement, Verdict
from scanner.rules.name_not_covered import judge
from tests.rules.make import HOST, TIMED_OUT, certificate, chain, endpoint, facts, leaf, service


def names(*presented: str, at: Endpoint | None = None, also: tuple[str, ...] = ()) -> Judgement:
    return judge(at or endpoint(), service(names=also), leaf(names=presented))


@pytest.mark.parametrize(
    ("presented", "verdict"),
    [
        ((HOST,), Verdict.PASS),
        ((HOST.upper(),), Verdict.PASS),
        (("other.example.com", HOST), Verdict.PASS),
        (("*.example.com",), Verdict.PASS),
        (("*.EXAMPLE.com",), Verdict.PASS),
        (("example.com",), Verdict.FAIL),
        (("*.com",), Verdict.FAIL),
        (("*.www.example.com",), Verdict.FAIL),
        (("w*.example.com",), Verdict.FAIL),
        (("*ww.example.com",), Verdict.FAIL),
        (("www.*.com",), Verdict.FAIL),
        (("*.*.com",), Verdict.FAIL),
        (("*",), Verdict.FAIL),
        ((HOST + ".",), Verdict.FAIL),
        ((HOST + "\x00.evil.example",), Verdict.FAIL),
        (("",), Verdict.FAIL),
        ((), Verdict.FAIL),
    ],
)
def test_host_name(presented: tuple[str, ...], verdict: Verdict) -> None:
    assert names(*presented).verdict is verdict


def test_server_name_comes_before_the_host() -> None:
    at = endpoint("https://10.0.0.1:443", server_name=HOST)
    assert names(HOST, at=at).verdict is Verdict.PASS
    assert names("10.0.0.1", at=at).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("presented", "verdict"),
    [
        ("2001:db8::1", Verdict.PASS),
        ("2001:DB8:0:0::1", Verdict.PASS),
        ("2001:db8::2", Verdict.FAIL),
        (HOST, Verdict.FAIL),
    ],
)
def test_address(presented: str, verdict: Verdict) -> None:
    at = endpoint("https://[2001:db8::1]:443", server_name=None)
    entries = () if presented == HOST else (presented,)
    assert judge(at, service(), leaf(names=(presented,), ip_addresses=entries)).verdict is verdict


def test_a_dns_name_that_spells_an_address_does_not_cover_it() -> None:
    at = endpoint("https://192.0.2.7:443", server_name=None)
    assert judge(at, service(), leaf(names=("192.0.2.7",), ip_addresses=())).verdict is Verdict.FAIL


def test_internationalised_name_is_compared_in_a_labels() -> None:
    at = endpoint("https://bücher.example:443")
    assert names("xn--bcher-kva.example", at=at).verdict is Verdict.PASS
    assert names("XN--BCHER-KVA.example", at=at).verdict is Verdict.PASS
    assert names("bücher.example", at=at).verdict is Verdict.FAIL


def test_trailing_dot_of_the_endpoint() -> None:
    assert names(HOST, at=endpoint(f"https://{HOST}.:443")).verdict is Verdict.PASS


def test_declared_names_are_demanded_too() -> None:
    assert names(HOST, "example.com", also=("example.com",)).verdict is Verdict.PASS
    found = names(HOST, also=("example.com", "example.org"))
    assert found.verdict is Verdict.FAIL
    assert "does not cover example.com, example.org;" in found.message


def test_declared_wildcard_demands_the_wildcard() -> None:
    assert names("*.example.com", also=("*.example.com",)).verdict is Verdict.PASS
    assert names(HOST, also=("*.example.com",)).verdict is Verdict.FAIL


def test_common_name_does_not_count() -> None:
    for presented in ((), ("other.example.com",)):
        found = judge(endpoint(), service(), leaf(names=presented, common_names=(HOST,)))
        assert found.verdict is Verdict.FAIL
        assert "stands in the common name alone" in found.message
    found = judge(endpoint(), service(), leaf(names=(), common_names=("box\x1b",)))
    assert "its common name is 'box\\x1b'" in found.message


def test_missing_sni_is_said() -> None:
    found = judge(endpoint(server_name=None), service(), certificate(chain(facts(names=())), server_name=None))
    assert "no SNI was sent" in found.message
    assert "no SNI" not in names("x.example").message


def test_names_that_did_not_parse_are_unknown() -> None:
    assert judge(endpoint(), service(), leaf(names=(), malformed="subjectAltName")).verdict is Verdict.UNKNOWN
    assert judge(endpoint(), service(), leaf(malformed="serial")).verdict is Verdict.PASS


def test_long_lists_are_cut() -> None:
    assert "and 994 more" in names(*(f"n{i}.example" for i in range(1000))).message


def test_each_chain_is_judged() -> None:
    other = chain(facts(names=("x.example",)), key_type="rsa")
    found = judge(endpoint(), service(), certificate(chain(), other))
    assert found.verdict is Verdict.FAIL
    assert found.cites == ("rsa",)
    assert judge(endpoint(), service(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
