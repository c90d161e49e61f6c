"""XMPP's stream before a login: the examples of RFC 6120, bounds, restricted XML, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import xmpp
from scanner.wire.errors import MalformedError
from scanner.wire.xmpp import (
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_HEADER,
    Element,
    Header,
    decode_element,
    decode_header,
    opening,
)

OPENING = (
    b"<?xml version='1.0'?><stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' version='1.0' "
    b"xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
)
FEATURES = (
    b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
    b"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
)
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
HEADER = Header("1.0", OPENING)
READ = Element(
    xmpp.FEATURES,
    children=(
        Element(xmpp.TLS + "starttls", children=(Element(xmpp.TLS + "required"),)),
        Element(SASL + "mechanisms", children=(Element(SASL + "mechanism", "PLAIN"),)),
    ),
)
pieces = st.sampled_from(
    [
        OPENING,
        b"<a>",
        b"</a>",
        b"<a/>",
        b"<",
        b">",
        b"'",
        b"x",
        b"&amp;",
        b"&x;",
        b"<!",
        b"--",
        b"</stream:stream>",
        b"\xff",
    ]
)


@pytest.mark.parametrize(
    ("buffer", "version"),
    [
        (OPENING, "1.0"),
        (OPENING.replace(b"t7A", b'a>"b'), "1.0"),
        (OPENING.replace(b"version='1.0' xml", b"xml"), ""),
        (OPENING.partition(b"?>")[2], "1.0"),
        (b"<s:stream xmlns:s='http://etherx.jabber.org/streams' version=\"1.1\">", "1.1"),
    ],
)
def test_headers(buffer: bytes, version: str) -> None:
    assert decode_header(buffer + FEATURES) == (Header(version, buffer), len(buffer))
    assert all(decode_header(buffer[:at]) is None for at in range(len(buffer)))


@pytest.mark.parametrize(
    ("buffer", "element"),
    [
        (FEATURES, READ),
        (b"<stream:features/>", Element(xmpp.FEATURES)),
        (b" \n<stream:features></stream:features>", Element(xmpp.FEATURES)),
        (b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", Element(xmpp.TLS + "proceed")),
        (b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls' />", Element(xmpp.TLS + "failure")),
        (b"<a b='/>'></a >", Element("{jabber:client}a")),
        (b"<a xmlns=''>1 &lt; <b>&#50;</b><![CDATA[</a>]]></a>", Element("a", "1 < </a>", (Element("b", "2"),))),
    ],
)
@pytest.mark.parametrize("behind", [b"", b"</stream:stream>", b"<next/>", b"\x16\x03\x03\0\xff", b"&nothing;"])
def test_elements(buffer: bytes, element: Element, behind: bytes) -> None:
    assert decode_element(buffer + behind, HEADER) == (element, len(buffer))
    assert all(decode_element(buffer[:at], HEADER) is None for at in range(len(buffer)))


def test_what_is_in_an_element() -> None:
    assert READ.has(xmpp.TLS + "starttls")
    assert not READ.has(xmpp.TLS + "required")
    assert (READ.local, Element("a").local) == ("features", "a")


@pytest.mark.parametrize(
    "buffer",
    [
        b"220 mail.example.test ESMTP\r\n",
        b"SSH-2.0-x\r\n",
        b"\x15\x03\x03\0\x02",
        b"<html>",
        b"<stream version='1.0'>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>",
        b"<!-- hello -->",
        b"<?php ?>",
        b"<stream:stream>",  # the prefix is not declared
    ],
)
def test_other_openings_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_header(buffer)


@pytest.mark.parametrize(
    ("buffer", "why"),
    [
        (b"</stream:stream>", "the stream ends"),
        (b"<a></b>", "mismatched tag"),
        (b"<a>&other;</a>", "undefined entity"),
        (b"<!DOCTYPE a>", "no XML stream"),
        (b"<!-- x -->", "a comment"),
        (b"<?pi x?>", "a processing instruction"),
        (b"\x16\x03\x03", "no XML stream"),
        (b"<a>\xff</a>", "no XML stream"),
    ],
)
def test_other_elements_are_malformed(buffer: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        decode_element(buffer, HEADER)


@pytest.mark.parametrize(
    ("buffer", "fits"),
    [
        (b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH, True),
        (b"<a>" * (MAX_DEPTH + 1), False),
        (b"<a>" + b"<b/>" * (MAX_ELEMENTS - 2) + b"</a>", True),
        (b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1), False),
    ],
)
def test_bounds(buffer: bytes, fits: bool) -> None:
    if fits:
        assert decode_element(buffer, HEADER)
    else:
        with pytest.raises(MalformedError, match="more than"):
            decode_element(buffer, HEADER)


def test_what_is_sent() -> None:
    said = opening("jabber:client", "a'&\"<b>.example")
    assert b"""to="a'&amp;&quot;&lt;b&gt;.example\"""" in said
    assert decode_header(said) == (Header("1.0", said), len(said))
    assert b" to=" not in opening("jabber:server", "")
    header = Header("1.0", said)
    assert decode_element(xmpp.START_TLS, header) == (Element(xmpp.TLS + "starttls"), len(xmpp.START_TLS))


@given(st.one_of(st.binary(max_size=60), st.lists(pieces, max_size=12).map(b"".join)))
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    for decode in (decode_header, lambda buffer: decode_element(buffer, HEADER)):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)


def test_bound_of_the_opening_tag() -> None:
    """It is read anew before each element, and at each byte of a server that drips."""
    head, tail = OPENING[:-1] + b" x='", b"'>"
    fits = head + b"a" * (MAX_HEADER - len(head) - len(tail)) + tail
    decoded = decode_header(fits)
    assert decoded is not None
    assert decoded[1] == MAX_HEADER
    for buffer in (fits[:-2] + b"a'>", fits[:-2] + b"aaa"):
        with pytest.raises(MalformedError, match="opening tag"):
            decode_header(buffer)
