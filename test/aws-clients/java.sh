#!/bin/sh
# Usage: java.sh CLASSES JARS
set -eu
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
keytool -importcert -noprompt -alias sandbox -file "$AWS_CA_BUNDLE" -keystore "$store/ca.p12" -storepass changeit >/dev/null 2>&1
java -XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore="$store/ca.p12" -Djavax.net.ssl.trustStorePassword=changeit \
  -cp "$1:$2/*" Client
