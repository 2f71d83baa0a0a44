#!/bin/sh
# Signs and pushes a shipment: `sh curl.sh shipment.json`. Needs curl and openssl.
# CROSSDOCK_URL is what `crossdock webhook show-url` prints, CROSSDOCK_WEBHOOK_SECRET what the operator gives you.
set -eu

id="msg_$(openssl rand -hex 16)"
timestamp=$(date +%s)
body=$(printf '{"type":"shipment.updated","timestamp":"%s","data":%s}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(cat "$1")")

# The key is what stands as base64 after whsec_; openssl takes it in hexadecimal, as an argument that other users of
# the machine can see while it runs.
key=$(printf '%s' "${CROSSDOCK_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
signature=$(printf '%s.%s.%s' "$id" "$timestamp" "$body" \
  | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

# The same id and signature at every try, so that it counts once; curl repeats what was not answered, 429 and 5xx.
curl --silent --show-error --fail-with-body --max-time 30 --retry 4 --retry-connrefused \
  --header "content-type: application/json" \
  --header "webhook-id: $id" \
  --header "webhook-timestamp: $timestamp" \
  --header "webhook-signature: v1,$signature" \
  --data-binary "$body" "$CROSSDOCK_URL"
echo
