#!/bin/sh
# Certificates of an etcd for three machines: an authority of its own, and one certificate for each machine, with which
# etcd and ChatterBox show each other that they belong together. Run it once, in an empty folder; keep ca.key there.
set -e
umask 077
new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"
openssl req -x509 $new_key -days 3650 -subj "/CN=authority of the chat's etcd" -keyout ca.key -out ca.pem
for machine in chat1=10.0.0.1 chat2=10.0.0.2 chat3=10.0.0.3; do
  name=${machine%=*}
  openssl req $new_key -subj "/O=chat" -keyout "$name.key" -out "$name.csr"
  # etcd compares the address from which a machine connects with these.
  printf 'subjectAltName=DNS:%s,IP:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" "${machine#*=}" >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile "$name.ext" \
    -out "$name.pem"
  rm "$name.csr" "$name.ext"
done
chmod 644 ./*.pem
