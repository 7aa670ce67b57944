/** `GET /api/v1/people` and `GET /api/v1/rooms`. */
import { makeUserRecord, queryChannels, queryOnlineUsers } from "../../client/query/presence.ts";
import type { PresenceOutcome } from "../../client/query/presence.ts";
import { permits } from "../../irc/token_scopes.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { jsonResponse, readBearerToken, requireScope } from "./api_call.ts";
import type { ApiCall } from "./api_call.ts";
import { ApiProblem, missingScope, unknownName } from "./problem.ts";

/** `{people: [{name, host, since, idle, away, rooms}]}`, by name. */
export async function listPeople(call: ApiCall): Promise<Response> {
  return await observe(call, async ({ link, scopes }) => {
    requireScope(scopes, { kind: "people" });
    return jsonResponse({ people: rowsOf(await queryOnlineUsers(link)).map(makeUserRecord) });
  });
}

/** `{rooms: [{name, members, topic}]}`, the largest first. */
export async function listRooms(call: ApiCall): Promise<Response> {
  return await observe(call, async ({ link, scopes }) => {
    if (!scopes.some(({ kind }) => kind === "people" || kind === "read")) throw missingScope("people");
    const rooms = rowsOf(await queryChannels(link)).filter(({ name }) => maySeeRoom(scopes, name));
    return jsonResponse({ rooms });
  });
}

/** With `people` or `read:*` a token sees all rooms that the account sees, otherwise those that it may read. */
function maySeeRoom(scopes: readonly TokenScope[], name: string): boolean {
  return permits(scopes, { kind: "people" }) || permits(scopes, { kind: "read", target: name });
}

async function observe(
  { server, request, url, from }: ApiCall,
  use: Parameters<typeof server.sessions.use<Response>>[1],
): Promise<Response> {
  const token = readBearerToken(request);
  const [name] = url.searchParams.keys();
  if (name !== undefined) throw unknownName(name, []);
  return await server.sessions.use({ token, from, role: "observer" }, use);
}

function rowsOf<T>(outcome: PresenceOutcome<T>): T[] {
  if (outcome.kind === "ok") return outcome.rows;
  throw new ApiProblem(
    "unavailable",
    outcome.kind === "lost" ? outcome.text : "the server did not answer in time",
  );
}
