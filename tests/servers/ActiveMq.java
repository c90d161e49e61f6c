import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.jms.Connection;
import javax.jms.JMSSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.SimpleAuthenticationPlugin;

/**
 * java -cp … [-D…] ActiveMq.java serve [USER PASSWORD] URI…: a broker in memory; without a user it asks for no login.
 * java -cp … ActiveMq.java ask ROOT.pem USER PASSWORD URI…: what comes of a login as nobody and of one as the user.
 */
public class ActiveMq {
    public static void main(String[] words) throws Exception {
        if (words[0].equals("serve")) {
            serve(words);
        } else {
            ask(words);
        }
    }

    static void serve(String[] words) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        int at = 1;
        if (!words[at].contains("://")) {
            AuthenticationUser user = new AuthenticationUser(words[at++], words[at++], "users");
            broker.setPlugins(new BrokerPlugin[] {new SimpleAuthenticationPlugin(List.of(user))});
        }
        for (; at < words.length; at++) {
            broker.addConnector(words[at]);
        }
        broker.start();
        broker.waitUntilStopped();
    }

    static void ask(String[] words) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(Path.of(words[1]))) {
            trusted.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLContext.setDefault(context);
        for (int at = 4; at < words.length; at++) {
            System.out.println(login(words[at], "nobody", "") + " " + login(words[at], words[2], words[3]));
        }
        System.exit(0);
    }

    static String login(String uri, String user, String password) throws Exception {
        Connection connection = new ActiveMQConnectionFactory(uri).createConnection(user, password);
        try {
            connection.start();
            return "taken";
        } catch (JMSSecurityException error) {
            return "refused";
        } finally {
            connection.close();
        }
    }
}
