"""No SSH host key is one of the pinned keys.

Clients that know the host refuse any other key, so that jobs fail; and if the key was not changed by its owner,
somebody else's server is answering, and gets to see passwords and files.

How to fix:
- planned change: distribute the new key before (`ssh-keyscan`, compared with `ssh-keygen -l` on the server itself),
  offer both for a while (`HostKey` twice in `sshd_config`), then drop the old one and its pin
- a host that was set up again: put the old keys back into `/etc/ssh/`
- the fingerprint of a key: `ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub`; correct `certificate.pins` in the
  inventory if the change was meant

Source: site: `certificate.pins` of the inventory; RFC 4251 §4.1 (host keys have to be known beforehand)
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict, worst
from scanner.observations.ssh import Ssh, SshHostKey
from scanner.rules._asked import told

SEVERITY = Severity.HIGH


def judge(service: Service, seen: Ssh | None, *, every: bool = False) -> Judgement:
    """One match suffices: it proves whose server it is. `every`: each of its keys has to be pinned."""
    pins = {pin for pin in service.certificate.pins if pin.startswith("SHA256:")}
    if not pins:
        return Judgement(Verdict.NOT_APPLICABLE, "no host key is declared")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "the host keys are not known")
    parts = [_judge_key(key, pins) for key in seen.host_keys]
    missing = Judgement(Verdict.UNKNOWN, f"not all host keys could be had: {told(seen.reasons)}", tuple(seen.reasons))
    parts += [missing] if seen.reasons else []
    if not parts:
        return Judgement(Verdict.UNKNOWN, f"no host key was seen in SSH {seen.version}", ("version",))
    passed = [one for one in parts if one.verdict is Verdict.PASS]
    if passed and not every:
        return worst(passed)
    # a pinned key may be among those that could not be had
    open_ = [one for one in parts if one.verdict is Verdict.UNKNOWN]
    return worst(open_ if open_ and not every else parts)


def _judge_key(key: SshHostKey, pins: set[str]) -> Judgement:
    if key.fingerprint not in pins:
        message = f"the {key.type} host key {key.fingerprint} is none of the declared pins ({len(pins)})"
        return Judgement(Verdict.FAIL, message, (key.type,))
    return Judgement(Verdict.PASS, f"the {key.type} host key is pinned: {key.fingerprint}", (key.type,))
