"""OCSP responses and signed certificate timestamps as they are stapled to a handshake, without I/O."""

import warnings
from datetime import datetime

from cryptography.x509 import ocsp

from scanner.observations.extensions import OcspStaple
from scanner.wire.reader import Reader
from scanner.wire.x509 import UNREADABLE


def decode_staple(der: bytes) -> OcspStaple:
    """What an OCSP response says (RFC 6960 §4.2.1). Never raises: what does not parse has the status `malformed`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            response = ocsp.load_der_ocsp_response(der)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return OcspStaple(status=response.response_status.name.lower())
            return OcspStaple(
                status=response.certificate_status.name.lower(),
                this_update=_time(response.this_update_utc),
                next_update=_time(response.next_update_utc),
                serial=f"{response.serial_number:X}",
            )
    except UNREADABLE:
        return OcspStaple(status="malformed")


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def count_scts(extension: bytes) -> int:
    """How many timestamps a signed_certificate_timestamp extension has (RFC 6962 §3.3). Raises MalformedError."""
    outer = Reader(extension)
    listed = Reader(outer.vector(2))
    outer.end()
    count = 0
    while listed.left:
        listed.vector(2)
        count += 1
    return count
