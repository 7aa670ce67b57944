import { assertEquals } from "@std/assert";
import { WebClientAdmission } from "../../lib/server/listen/web_client_admission.ts";
import { pureTest } from "../support/test.ts";

const ORIGIN = { host: "192.0.2.7", endpoint: "", secure: true };
const GET = { method: "GET", target: "/", minor: 1, headers: new Map([["host", "x"]]) } as const;

pureTest("each request of a banned address is refused, also on a connection that was there before", () => {
  const refused: string[] = [];
  let ban: string | undefined;
  const host = {
    now: () => 0,
    findBan: () => ban,
    admit: () => ({ kind: "exempt" } as const),
    noteForwarding() {},
    countRefused: (_why: string, kind: string) => void refused.push(kind),
  };
  const admission = new WebClientAdmission(host, ORIGIN, { kind: "exempt" }, undefined);
  assertEquals(admission.admitRequest(GET), undefined);
  ban = "You are banned";
  assertEquals(admission.admitRequest(GET), { status: 403, text: ban });
  assertEquals(refused, ["banned"]);
  ban = undefined;
  assertEquals(admission.admitRequest(GET), undefined);
});
