import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.Map;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/**
 * java [-D…] Rmi.java serve ADDRESS PORT plain|tls OBJECT_PORT plain|tls NAME…: a registry, and an object by these names.
 * java Rmi.java ask ROOT.pem USER PASSWORD ADDRESS [PORT plain|tls]…: a line for each name in these registries.
 */
public class Rmi {
    public interface Provisioning extends Remote {
        String greet() throws RemoteException;
    }

    static class Context implements Provisioning {
        public String greet() {
            return "hello";
        }
    }

    static final Context kept = new Context();

    public static void main(String[] words) throws Exception {
        if (words[0].equals("serve")) {
            serve(words);
        } else {
            ask(words);
        }
    }

    static void serve(String[] words) throws Exception {
        InetAddress address = InetAddress.getByName(words[1]);
        boolean tls = words[3].equals("tls");
        Registry registry = LocateRegistry.createRegistry(
            Integer.parseInt(words[2]), tls ? new SslRMIClientSocketFactory() : null, listener(address, tls));
        boolean objectTls = words[5].equals("tls");
        Remote stub = UnicastRemoteObject.exportObject(
            kept, Integer.parseInt(words[4]), objectTls ? new SslRMIClientSocketFactory() : null,
            listener(address, objectTls));
        for (int at = 6; at < words.length; at++) {
            registry.bind(words[at], stub);
        }
        Thread.currentThread().join();
    }

    static RMIServerSocketFactory listener(InetAddress address, boolean tls) {
        return port -> tls
            ? SSLServerSocketFactory.getDefault().createServerSocket(port, 50, address)
            : new ServerSocket(port, 50, address);
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
        for (int at = 5; at < words.length; at += 2) {
            ask(words[4], Integer.parseInt(words[at]), words[at + 1].equals("tls"), new String[] {words[2], words[3]});
        }
    }

    static void ask(String address, int port, boolean tls, String[] credentials) throws Exception {
        Registry registry = LocateRegistry.getRegistry(address, port, tls ? new SslRMIClientSocketFactory() : null);
        for (String name : registry.list()) {
            Remote stub = registry.lookup(name);
            String transport = stub.toString().contains("SslRMIClientSocketFactory") ? "tls" : "plaintext";
            if (stub instanceof Provisioning object) {
                System.out.println(port + " " + name + " " + transport + " " + object.greet());
                continue;
            }
            String logins = login(address, port, tls, null) + " " + login(address, port, tls, credentials);
            System.out.println(port + " " + name + " " + transport + " " + logins);
        }
    }

    static String login(String address, int port, boolean tls, String[] credentials) throws Exception {
        Map<String, Object> how = new HashMap<>();
        if (tls) {
            how.put("com.sun.jndi.rmi.factory.socket", new SslRMIClientSocketFactory());
        }
        if (credentials != null) {
            how.put("jmx.remote.credentials", credentials);
        }
        String url = "service:jmx:rmi:///jndi/rmi://" + address + ":" + port + "/jmxrmi";
        try {
            JMXConnectorFactory.connect(new JMXServiceURL(url), how).close();
            return "taken";
        } catch (SecurityException error) {
            return "refused";
        }
    }
}
