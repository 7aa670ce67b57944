/** `POST /hook/TOKEN` at a real server. */
import { createHash, createHmac } from "node:crypto";
import { assertEquals } from "@std/assert";
import { programTest } from "../../commands/program.ts";
import { ApiTestServer, linesOfJson } from "../api/api_server.ts";

programTest(
  "hooks: what other programs tell is a message in the room, once for each delivery",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "send:#ops", "read:#ops");
    const hook = async (body: BodyInit, headers: Record<string, string> = {}, query = "") => {
      const response = await server.fetch(`/hook/${secret}${query}`, "", { method: "POST", body, headers });
      const { code, parameter } = response.status === 204
        ? { code: undefined, parameter: undefined }
        : await response.json();
      return [response.status, code, parameter];
    };
    const json = { "content-type": "application/json" };
    const done = [201, undefined, undefined];
    assertEquals(await hook('{"text":"from slack"}', json), done);
    assertEquals(await hook("disk is full"), done);
    assertEquals(
      await hook("disk is fuller", { "content-type": "application/x-www-form-urlencoded" }, "?to=%23ops"),
      done,
    );
    const alerts = { version: "4", alerts: [{ status: "firing", labels: { alertname: "Hot" } }] };
    assertEquals(await hook(JSON.stringify(alerts), json), done);
    const github = {
      ...json,
      "x-github-event": "ping",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    };
    const ping = JSON.stringify({ repository: { full_name: "octo/tea" }, zen: "Keep calm." });
    assertEquals(await hook(ping, github), done);
    assertEquals(await hook(ping, github), done);
    assertEquals(await hook("{}", { ...github, "x-github-event": "star" }), [204, undefined, undefined]);
    const stored = await linesOfJson(await server.fetch("/api/v1/messages?room=ops", secret));
    assertEquals(stored.map(({ text }) => text), [
      "from slack",
      "disk is full",
      "disk is fuller",
      "FIRING Hot",
      "octo/tea: the webhook is set up. Keep calm.",
    ]);

    for (const empty of ["", " \n"]) assertEquals(await hook(empty), [422, "not_understood", undefined]);
    assertEquals(await hook("lost", {}, "?to=#ops"), [422, "invalid", "to"]);
    assertEquals(await hook("{", json), [400, "malformed", undefined]);
    assertEquals(await hook("{}", json), [422, "not_understood", undefined]);
    assertEquals(await hook("x", { "content-type": "image/png" }), [415, "unsupported_type", undefined]);
    assertEquals(await hook("x", {}, "?to=a%20b"), [422, "invalid", "to"]);
    assertEquals(await hook("x", {}, "?to=%23tea"), [403, "missing_scope", undefined]);
  },
);

programTest("hooks: an event that GitHub sends to the hooks of two rooms is in both", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops,#tea");
  await alice.barrier();
  const { secret } = await server.token(alice, "send:*", "read:*");
  const headers = {
    "content-type": "application/json",
    "x-github-event": "ping",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  };
  const body = JSON.stringify({ repository: { full_name: "octo/tea" } });
  const ids: string[] = [];
  for (const to of ["ops", "tea", "OPS"]) {
    const response = await server.fetch(`/hook/${secret}?to=%23${to}`, "", { method: "POST", body, headers });
    assertEquals(response.status, 201);
    ids.push((await response.json()).id);
  }
  assertEquals([new Set(ids).size, ids[2]], [2, ids[0]]);
});

programTest("hooks: without a receiver the token must have just one", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await alice.barrier();
  const post = async (token: string, init: RequestInit = { body: "x" }) => {
    const response = await server.fetch(`/hook/${token}`, "", { method: "POST", ...init });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await post((await server.token(alice, "send:#ops", "people")).secret), 201);
  assertEquals(await post((await server.token(alice, "send:#ops", "send:bob")).secret), 422);
  assertEquals(await post((await server.token(alice, "send:*")).secret), 422);
  const star = { body: "{}", headers: { "content-type": "application/json", "x-github-event": "star" } };
  assertEquals(await post((await server.token(alice, "read:*")).secret, star), 403);
  assertEquals(await post("wrong", star), 401);
});

programTest("hooks: what is sent again is stored once: alerts, and what is put", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await alice.barrier();
  const { secret } = await server.token(alice, "send:#ops", "read:#ops");
  const send = async (method: string, body: string, headers: Record<string, string> = {}) => {
    const response = await server.fetch(`/hook/${secret}`, "", { method, body, headers });
    assertEquals(response.status, 201);
    return (await response.json()).id;
  };
  const alert = {
    status: "firing",
    labels: { alertname: "Hot" },
    fingerprint: "f1",
    startsAt: "2026-01-01T00:00:00Z",
  };
  const alerts = (change = {}) => {
    const body = JSON.stringify({ version: "4", alerts: [{ ...alert, ...change }] });
    return send("POST", body, { "content-type": "application/json" });
  };
  const first = await alerts();
  // The second time may be in the next hour, the third time then is, too.
  const [second, third] = [await alerts(), await alerts()];
  assertEquals(second === first || third === second, true);
  const others = [
    await alerts({ startsAt: "2026-01-01T01:00:00Z" }),
    await alerts({ status: "resolved", endsAt: "2026-01-01T00:30:00Z" }),
    await alerts({ fingerprint: "f2" }),
    await alerts({ annotations: { summary: "91 degrees" } }),
  ];
  assertEquals(new Set([third, ...others]).size, 5);
  const put = [await send("PUT", "up"), await send("PUT", "up"), await send("PUT", "down")];
  assertEquals([put[0] === put[1], put[1] === put[2]], [true, false]);
  const keyed = [await send("PUT", "up", { "idempotency-key": "k" }), await send("POST", "up")];
  assertEquals(new Set([...put, ...keyed]).size, 4);
});

programTest("hooks: no other token of the account can use up the key of a delivery", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops,#tea");
  await alice.barrier();
  const [ops, tea] = [await server.token(alice, "send:#ops"), await server.token(alice, "send:#tea")];
  const put = async () => {
    const response = await server.fetch(`/hook/${ops.secret}`, "", { method: "PUT", body: "disk full" });
    return [response.status, (await response.json()).id];
  };
  // What everybody knows of the delivery.
  for (const key of [undefined, tea.secret]) {
    const text = JSON.stringify(["#ops", "PUT", "disk full"]);
    const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
    const id = hash.update(text).digest("hex").slice(0, 32);
    assertEquals((await server.post(tea.secret, { to: "#tea", text: "mine", id })).status, 201);
  }
  const [status, id] = await put();
  assertEquals(status, 201);
  assertEquals(await put(), [201, id]);
});
