#!/bin/bash
# Makes the certificates of the TLS tests and writes them as Swift; they are valid for a hundred years.
# Usage: scripts/make-test-certificates.sh > Tests/WebSocketTransportTests/Support/Certificates.swift
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

make_key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }

make_authority() { # NAME
    make_key "$1"
    openssl req -new -x509 -key "$1.key" -out "$1.pem" -days 36500 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}

make_leaf() { # NAME AUTHORITY SUBJECT_ALT_NAME START END
    make_key "$1"
    openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
    mkdir -p "$1.db"
    : > "$1.db/index"
    cat > "$1.cnf" <<EOF
[ca]
default_ca = it
[it]
new_certs_dir = $1.db
database = $1.db/index
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
subjectAltName = $3
EOF
    openssl ca -batch -notext -config "$1.cnf" -keyfile "$2.key" -cert "$2.pem" -in "$1.csr" -out "$1.pem" \
        -startdate "$4" -enddate "$5"
}

print() { # DOC NAME FILE
    printf '\n    /// %s\n    static let %s = """\n' "$1" "$2"
    sed 's/^/        /' "$3"
    printf '        """\n'
}

{
    make_authority trusted
    make_authority stranger
    make_leaf good trusted DNS:localhost,IP:127.0.0.1 20200101000000Z 21200101000000Z
    make_leaf elsewhere trusted DNS:elsewhere.example 20200101000000Z 21200101000000Z
    make_leaf expired trusted DNS:localhost,IP:127.0.0.1 20200101000000Z 20200201000000Z
    make_leaf untrusted stranger DNS:localhost,IP:127.0.0.1 20200101000000Z 21200101000000Z
} >&2

echo "/// Made by scripts/make-test-certificates.sh; the keys protect nothing but these tests."
echo "enum Certificates {"
{
    print "The authority that the tests trust." trusted trusted.pem
    print "For localhost, of the trusted authority." good good.pem
    print "The key of \`good\`." goodKey good.key
    print "Of the trusted authority, for another name." elsewhere elsewhere.pem
    print "The key of \`elsewhere\`." elsewhereKey elsewhere.key
    print "Of the trusted authority, over since 2020." expired expired.pem
    print "The key of \`expired\`." expiredKey expired.key
    print "For localhost, of an authority that nobody trusts." untrusted untrusted.pem
    print "The key of \`untrusted\`." untrustedKey untrusted.key
} | tail -n +2
echo "}"
