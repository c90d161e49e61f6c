"""LDAP (RFC 4511) with StartTLS: a root DSE and no entries. Only the anonymous bind succeeds."""

import ssl

from scanner.demo.servers import Conversation, Talk
from scanner.wire import ldap, ldap_server
from scanner.wire.ldap import LdapMessage, ResultCode

ROOT_DSE = {
    "supportedLDAPVersion": (b"3",),
    "supportedExtension": (ldap.START_TLS.encode(),),
    "namingContexts": (b"dc=demo,dc=test",),
    "vendorName": (b"tlsassay demo",),
}


def directory(context: ssl.SSLContext, *, bind_in_clear: bool) -> Talk:
    """LDAP with StartTLS; `bind_in_clear`: a simple bind's password is looked at before TLS as well."""

    def bind(client: Conversation, request: LdapMessage) -> bytes:
        if request.password is None:
            return ldap_server.bind_response(request.message_id, ResultCode.AUTH_METHOD_NOT_SUPPORTED)
        if request.password and not (client.encrypted or bind_in_clear):
            why = "TLS confidentiality required"
            return ldap_server.bind_response(request.message_id, ResultCode.CONFIDENTIALITY_REQUIRED, why)
        known = not request.name and not request.password
        code = ResultCode.SUCCESS if known else ResultCode.INVALID_CREDENTIALS
        return ldap_server.bind_response(request.message_id, code)

    def extend(client: Conversation, request: LdapMessage) -> None:
        if request.request_name != ldap.START_TLS:
            client.send(ldap_server.extended_response(request.message_id, ResultCode.PROTOCOL_ERROR))
        elif client.encrypted:
            client.send(ldap_server.extended_response(request.message_id, ResultCode.OPERATIONS_ERROR))
        else:
            client.send(ldap_server.extended_response(request.message_id, ResultCode.SUCCESS))
            client.start_tls(context)

    def talk(client: Conversation) -> None:
        while True:
            request = client.receive_message(ldap.decode)
            match request.kind:
                case "bind request":
                    client.send(bind(client, request))
                case "extended request":
                    extend(client, request)
                case "search request":
                    client.send(_search(request))
                case _:
                    return

    return talk


def _search(request: LdapMessage) -> bytes:
    if request.name:
        return ldap_server.search_done(request.message_id, ResultCode.NO_SUCH_OBJECT)
    entry = ldap_server.search_entry(request.message_id, "", ROOT_DSE)
    return entry + ldap_server.search_done(request.message_id, ResultCode.SUCCESS)
