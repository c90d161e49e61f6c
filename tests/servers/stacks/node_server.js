// A TLS server of any Node from 0.10 on: node [flags] node_server.js OPTIONS.json
// OPTIONS: what tls.createServer takes, files named instead of their contents; `address` and `port` beside them.
var fs = require('fs');
var tls = require('tls');

var options = JSON.parse(fs.readFileSync(process.argv[process.argv.length - 1], 'utf8'));
['cert', 'key', 'dhparam'].forEach(function (name) {
  var value = options[name];
  if (Array.isArray(value)) {
    options[name] = value.map(function (path) { return fs.readFileSync(path); });
  } else if (value && value !== 'auto') {
    options[name] = fs.readFileSync(value);
  }
});

var server = tls.createServer(options, function (connection) {
  connection.on('error', function () {});
  connection.end('hello\n');
});
server.on('clientError', function () {});
server.on('tlsClientError', function () {});
server.listen(options.port, options.address);
