"""OCSP responses that cryptography makes, and timestamps, read back; any bytes have a status."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from scanner.observations.extensions import OcspStaple
from scanner.wire.errors import MalformedError
from scanner.wire.stapled import count_scts, decode_staple
from tests.wire.tls13_peers import certificate, p256, vector

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STATUS = {
    "good": ocsp.OCSPCertStatus.GOOD,
    "revoked": ocsp.OCSPCertStatus.REVOKED,
    "unknown": ocsp.OCSPCertStatus.UNKNOWN,
}


@cache  # a signature of ECDSA is another each time
def response(status: str, *, updated: bool = True) -> bytes:
    subject = certificate("p256")
    revoked = status == "revoked"
    builder = ocsp.OCSPResponseBuilder().add_response(
        subject,
        subject,
        hashes.SHA256(),
        STATUS[status],
        NOW,
        NOW + timedelta(days=4) if updated else None,
        NOW if revoked else None,
        x509.ReasonFlags.key_compromise if revoked else None,
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, subject).sign(p256(), hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


@pytest.mark.parametrize("status", STATUS)
@pytest.mark.parametrize("updated", [True, False])
def test_everything_of_a_response(status: str, updated: bool) -> None:
    assert decode_staple(response(status, updated=updated)) == OcspStaple(
        status=status,
        this_update="2026-03-04T05:06:07Z",
        next_update="2026-03-08T05:06:07Z" if updated else "",
        serial=f"{certificate('p256').serial_number:X}",
    )


@pytest.mark.parametrize(
    "status", [status for status in ocsp.OCSPResponseStatus if status is not ocsp.OCSPResponseStatus.SUCCESSFUL]
)
def test_error_of_a_responder(status: ocsp.OCSPResponseStatus) -> None:
    der = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    assert decode_staple(der) == OcspStaple(status=status.name.lower())


@given(st.data())
def test_a_response_that_is_cut_or_changed_has_a_status(data: st.DataObject) -> None:
    der = response("good")
    assert decode_staple(der[: data.draw(st.integers(0, len(der) - 1))]) == OcspStaple(status="malformed")
    at, byte = data.draw(st.integers(0, len(der) - 1)), data.draw(st.binary(min_size=1, max_size=1))
    assert decode_staple(der[:at] + byte + der[at + 1 :]).status


@given(st.binary(max_size=60))
def test_any_bytes_have_a_status(der: bytes) -> None:
    assert decode_staple(der) == OcspStaple(status="malformed")


@given(st.lists(st.binary(max_size=60), max_size=5), st.data())
def test_timestamps_are_counted(timestamps: list[bytes], data: st.DataObject) -> None:
    extension = vector(b"".join(vector(one, 2) for one in timestamps), 2)
    assert count_scts(extension) == len(timestamps)
    for broken in (extension + b"x", extension[: data.draw(st.integers(0, len(extension) - 1))]):
        with pytest.raises(MalformedError):
            count_scts(broken)


@given(st.binary(max_size=60))
def test_any_bytes_are_counted_or_malformed(extension: bytes) -> None:
    try:
        assert count_scts(extension) <= len(extension) // 2
    except MalformedError:
        return
