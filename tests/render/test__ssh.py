from scanner.observations.ssh import BothWays, Ssh, SshHostKey
from scanner.render._facts import Fact, merged
from scanner.render._ssh import facts, lists

KEY = SshHostKey(
    type="rsa", bits=1024, fingerprint="SHA256:x", public_key="ssh-rsa AAAA", algorithm="rsa-sha2-256",
    key_exchange="curve25519-sha256",
)  # fmt: skip
SOUND = Ssh(
    banner="SSH-2.0-x",
    version="2.0",
    ssh1=False,
    key_exchange=("curve25519-sha256",),
    host_key_algorithms=("ssh-ed25519",),
    ciphers=BothWays(to_server=("aes128-ctr",), to_client=("aes128-ctr",)),
    macs=BothWays(to_server=("hmac-sha2-256", "hmac-sha1"), to_client=("hmac-sha2-256", "hmac-sha1")),
    compression=BothWays(to_server=("none",), to_client=("none",)),
    strict_key_exchange=True,
    host_keys=(KEY,),
)


def test_a_sound_server() -> None:
    assert merged(facts(SOUND)) == [
        Fact("Version", "2.0", "said"),
        Fact("Strict key exchange", "yes", "yes"),
        Fact("Terrapin", "not possible", "no"),
        Fact("Host key rsa", "1024 bits, SHA256:x, signed rsa-sha2-256 over curve25519-sha256"),
    ]
    shown = dict(lists(SOUND))
    assert list(shown) == ["Key exchange", "Host keys", "Ciphers", "MACs", "Compression"]
    marked = [name for names in shown.values() for name, mark in names.names if mark]
    assert marked == []  # not even hmac-sha1, which is no reason to mark a name, nor `none` to compress
    assert all(not names.said for names in shown.values())


def test_what_is_weak_is_marked_and_said() -> None:
    old = Ssh(
        banner="SSH-1.99-x",
        version="1.99",
        ssh1=True,
        key_exchange=("diffie-hellman-group1-sha1", "curve25519-sha256"),
        ciphers=BothWays(to_server=("3des-cbc",), to_client=("aes128-ctr",)),
        terrapin=("chacha20-poly1305@openssh.com",),
        reasons={"dsa": "reset"},
        not_asked=("ssh-rsa-cert-v01@openssh.com",),
    )
    said = {fact.name: (fact.text, fact.state) for fact in facts(old)}
    assert said["Version"] == ("1.99: SSH-1 as well", "odd")
    assert said["Strict key exchange"] == ("no", "no")
    assert said["Terrapin"] == ("possible with chacha20-poly1305@openssh.com", "odd")
    assert said["Host key dsa"] == ("not known: reset", "open")
    shown = dict(lists(old))
    assert shown["Key exchange"].names == (("diffie-hellman-group1-sha1", "old"), ("curve25519-sha256", ""))
    assert shown["Key exchange"].said
    assert (shown["Ciphers to the server"].names, shown["Ciphers to the client"].names) == (
        (("3des-cbc", "old"),),
        (("aes128-ctr", ""),),
    )
    assert shown["Not asked for"].names == (("ssh-rsa-cert-v01@openssh.com", ""),)


def test_of_ssh_1_alone_nothing_else_is_known() -> None:
    seen = Ssh(banner="SSH-1.5-x", version="1.5", ssh1=True)
    assert list(facts(seen)) == [Fact("Version", "1.5", "odd")]
    assert lists(seen) == []
