"""LDAP over implicit TLS; registered at 636, described by no RFC."""

from scanner.model import ReachTls
from scanner.protocols import Inside, Protocol, ldap

PROTOCOL = Protocol(
    port=636,
    reach_tls=ReachTls.IMPLICIT,
    inside=Inside(
        look=ldap.look,
        reproduce="LDAPTLS_REQCERT=never ldapsearch -x -H ldaps://{numeric}:{port} -s base -b '' +",
    ),
    twins=("ldap",),
)
