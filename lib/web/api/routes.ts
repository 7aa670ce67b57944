/** The routes of the HTTP API and of hooks (docs/api/openapi.json describes them). */
import type { ApiCall } from "./api_call.ts";
import { jsonResponse } from "./api_call.ts";
import { listMessages } from "./message_list.ts";
import { postMessage } from "./message_post.ts";
import { followMessages, wantsStream } from "./message_stream.ts";
import { listPeople, listRooms } from "./presence_list.ts";

export interface ApiRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly run: (call: ApiCall) => Promise<Response>;
}

export const API_ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/v1/messages",
    run: (call) => wantsStream(call) ? followMessages(call) : listMessages(call),
  },
  { method: "POST", path: "/api/v1/messages", run: postMessage },
  { method: "GET", path: "/api/v1/people", run: listPeople },
  { method: "GET", path: "/api/v1/rooms", run: listRooms },
  { method: "GET", path: "/api/v1/openapi.json", run: describeApi },
];

async function describeApi(): Promise<Response> {
  const { default: description } = await import("../../../docs/api/openapi.json", { with: { type: "json" } });
  return jsonResponse(description, 200, { "cache-control": "no-cache" });
}
