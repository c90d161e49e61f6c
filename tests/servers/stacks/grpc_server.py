"""A gRPC server (BoringSSL) without services: python grpc_server.py ADDRESS PORT CERTIFICATE KEY."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

address, port, certificate, key = sys.argv[1:]
server = grpc.server(ThreadPoolExecutor(1))
pair = (Path(key).read_bytes(), Path(certificate).read_bytes())
server.add_secure_port(f"{address}:{port}", grpc.ssl_server_credentials([pair]))
server.start()
server.wait_for_termination()
