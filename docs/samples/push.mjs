// Signs and pushes a shipment: `node push.mjs shipment.json`. Node 18 or later, nothing else.
// CROSSDOCK_URL is what `crossdock webhook show-url` prints, CROSSDOCK_WEBHOOK_SECRET what the operator gives you.
import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 5;

// Push until it is taken; every try has the same id, so that it counts once.
async function push(url, secret, shipment) {
  const body = JSON.stringify({ type: "shipment.updated", timestamp: new Date().toISOString(), data: shipment });
  const id = `msg_${randomUUID()}`;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const answer = await fetch(url, {
      method: "POST",
      headers: signed(secret, id, body),
      body,
      signal: AbortSignal.timeout(30_000),
    }).catch(() => null); // no answer: whether it arrived is not known, so it is sent again
    if (answer?.ok) return answer.text();
    if (answer && answer.status !== 429 && answer.status < 500) {
      throw new Error(`refused with ${answer.status}: ${await answer.text()}`);
    }
    await sleep(1000 * 2 ** attempt);
  }
  throw new Error("not taken: push it again later, with the same id");
}

// The headers, with the time of this try.
function signed(secret, id, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}

const { CROSSDOCK_URL, CROSSDOCK_WEBHOOK_SECRET } = process.env;
const shipment = JSON.parse(await readFile(process.argv[2], "utf8"));
console.log(await push(CROSSDOCK_URL, CROSSDOCK_WEBHOOK_SECRET, shipment));
