// Which of these groups a server takes in TLS 1.3: node client.js PORT GROUP…, a line "GROUP yes|no" each.
var tls = require('tls');
var port = Number(process.argv[2]);

function ask(groups) {
  if (!groups.length) { return; }
  var group = groups[0];
  var done = function (answer) {
    console.log(group + ' ' + answer);
    connection.destroy();
    ask(groups.slice(1));
  };
  var connection = tls.connect({
    host: '127.0.0.1', port: port, servername: 'mail.example.test', rejectUnauthorized: false,
    ecdhCurve: group, minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'
  });
  connection.once('secureConnect', function () { done('yes'); });
  connection.once('error', function (error) {
    if (error.code === 'ECONNREFUSED') { throw error; }
    done('no');
  });
}

ask(process.argv.slice(3));
