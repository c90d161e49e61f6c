"""What the hellos ask together: nothing twice, nothing left out, nothing that an old stack chokes on."""

import pytest

from scanner.wire.tls_hello import LONG, SIGNATURE_SCHEMES, TLS13_GROUPS, TLS13_SCHEMES, encode_hello
from scanner.wire.tls_names import Version, suite_name
from scanner.wire.tls_questions import long_hello, offering, version_hellos
from scanner.wire.tls_suites import every_suite, legacy_suites, tls13_suites

RANDOM = bytes(64)
SPOKEN = [version for version in Version if version is not Version.SSLv2]
LONGEST_NAME = ".".join(["a" * 63] * 3 + ["b" * 61])


@pytest.mark.parametrize("version", SPOKEN)
def test_all_hellos_for_a_version_offer_it_and_differ(version: Version) -> None:
    hellos = version_hellos(version, ("h2",))
    assert {hello.version for hello in hellos} == {version}
    assert len(set(hellos)) == len(hellos) >= (1 if version is Version.SSLv3 else 2)
    for hello in (*hellos, offering(version)):
        assert max(hello.offered_versions) == version
        assert len(set(hello.suites)) == len(hello.suites)
        assert len(set(hello.groups)) == len(hello.groups)
        assert len(set(hello.schemes)) == len(hello.schemes)
        codes = [code for code, _ in hello.extensions]
        assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("version", SPOKEN)
def test_all_hellos_fit_into_one_record_and_are_not_of_the_length_that_some_hang_on(version: Version) -> None:
    for hello in (*version_hellos(version, ("h2", "http/1.1")), offering(version)):
        for name in (None, "a.example", LONGEST_NAME):
            size = len(encode_hello(hello, RANDOM, name))
            assert size <= 5 + (1 << 14)
            if hello.padded:
                assert not LONG // 2 <= size - 5 < LONG


@pytest.mark.parametrize("version", [Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2])
def test_refusal_of_all_hellos_is_a_refusal_of_every_suite(version: Version) -> None:
    asked = {code for hello in version_hellos(version) for code in hello.suites}
    assert asked == {code for suites in legacy_suites(version) for code in suites}


def test_ssl3_is_asked_once_for_all_that_it_can_have() -> None:
    [hello] = version_hellos(Version.SSLv3, ("h2",))
    left_out = {code for suites in legacy_suites(Version.SSLv3) for code in suites} - set(hello.suites)
    later = ("_PSK", "_SRP_", "_ECCPWD_", "GOST", "CAMELLIA", "SEED", "ARIA")
    assert not [code for code in left_out if not any(word in suite_name(code) for word in later)]
    assert (hello.groups, hello.schemes, hello.alpn, hello.extensions, hello.compressions) == ((), (), (), (), (1, 0))
    assert 0x00FF in hello.suites


def test_tls13_is_asked_with_and_without_a_key_share() -> None:
    asks_for_retry, with_share = version_hellos(Version.TLSv1_3)
    assert asks_for_retry.key_shares == ()
    assert set(asks_for_retry.suites) == set(tls13_suites())
    assert with_share.key_shares == (29,)
    assert set(with_share.key_shares) <= set(with_share.groups)
    assert with_share.suites == (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)  # RFC 8446 §B.4


@pytest.mark.parametrize("version", SPOKEN)
def test_name_is_sent_wherever_there_are_extensions(version: Version) -> None:
    for hello in version_hellos(version):
        assert (b"a.example" in encode_hello(hello, RANDOM, "a.example")) is (version is not Version.SSLv3)


@pytest.mark.parametrize("version", SPOKEN)
def test_alpn_compression_and_what_is_merely_watched_are_offered_in_the_first_hello_only(version: Version) -> None:
    first, *others = version_hellos(version, ("h2",))
    assert first.alpn == (() if version is Version.SSLv3 else ("h2",))
    assert bool(first.extensions) is (Version.SSLv3 < version < Version.TLSv1_3)
    assert first.compressions == ((0,) if version is Version.TLSv1_3 else (1, 0))
    assert not [hello for hello in others if hello.alpn or hello.extensions or hello.compressions != (0,)]


def test_the_long_hello_is_the_first_of_tls12_with_every_suite() -> None:
    first, longer = version_hellos(Version.TLSv1_2, ("h2",))[0], long_hello(("h2",))
    assert longer.suites == (*every_suite(Version.TLSv1_2), 0x00FF)
    assert (longer.groups, longer.schemes, longer.alpn) == (first.groups, first.schemes, ("h2",))
    assert len(encode_hello(longer, RANDOM)) > len(encode_hello(first, RANDOM)) + 2 * 128


def test_last_hello_is_conservative() -> None:
    plain, _, last = version_hellos(Version.TLSv1_2)
    assert set(last.groups) < set(plain.groups)
    assert set(last.schemes) < set(plain.schemes)
    assert last.suites == plain.suites


@pytest.mark.parametrize("version", SPOKEN)
def test_offering_everything_but_what_is_asked_for(version: Version) -> None:
    every = offering(version)
    signal = () if version is Version.TLSv1_3 else (0x00FF,)  # RFC 5746 §3.3
    assert every.suites == (*every_suite(version), *signal)
    assert every.schemes == {
        Version.TLSv1_3: TLS13_SCHEMES, Version.TLSv1_2: SIGNATURE_SCHEMES,
    }.get(version, ())  # fmt: skip
    assert bool(every.groups) is (version is not Version.SSLv3)
    some = offering(version, (0x002F,), (29,), (0x0804,))
    assert (some.suites, some.groups, some.schemes) == ((0x002F, *signal), (29,), (0x0804,))
    assert offering(version, schemes=()).schemes == ()
    if version is Version.TLSv1_3:
        assert every.groups == TLS13_GROUPS
