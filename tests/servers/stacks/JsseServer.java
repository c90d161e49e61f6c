import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import javax.net.ssl.*;

/** A TLS server of JSSE: java [-D…] JsseServer.java ADDRESS PORT PROTOCOLS SUITES [CERTIFICATE.pem KEY.pem]…; `*`: all. */
public class JsseServer {
    public static void main(String[] words) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int at = 4; at < words.length; at += 2) {
            store.setKeyEntry("key" + at, key(words[at + 1]), new char[0], chain(words[at]));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("NewSunX509");
        keys.init(new KeyStoreBuilderParameters(
            KeyStore.Builder.newInstance(store, new KeyStore.PasswordProtection(new char[0]))));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(Integer.parseInt(words[1]), 50, InetAddress.getByName(words[0]));
        listener.setEnabledProtocols(words[2].split(","));
        listener.setEnabledCipherSuites(
            words[3].equals("*") ? listener.getSupportedCipherSuites() : words[3].split(","));
        while (true) {
            SSLSocket connection = (SSLSocket) listener.accept();
            Thread thread = new Thread(() -> talk(connection));
            thread.setDaemon(true);
            thread.start();
        }
    }

    static void talk(SSLSocket connection) {
        try (connection) {
            connection.setSoTimeout(10000);
            connection.startHandshake();
            connection.getOutputStream().write("hello\n".getBytes());
        } catch (IOException error) {
            // the other side was declined, or has gone
        }
    }

    static java.security.cert.Certificate[] chain(String path) throws Exception {
        try (InputStream pem = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(pem)
                .toArray(new java.security.cert.Certificate[0]);
        }
    }

    static PrivateKey key(String path) throws Exception {
        String pem = Files.readString(Path.of(path)).replaceAll("-----[A-Z ]+-----|\\s", "");
        KeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (InvalidKeySpecException error) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }
}
