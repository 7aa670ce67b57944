/** `POST /hook/TOKEN` and PUT: sends a room what another program tells. */
import { MAX_BODY_BYTES } from "../../net/web/http_body.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { isSenderId } from "../../irc/sender_id.ts";
import { isReceiverName, mediaType, PRIVATE_HEADERS, readBodyText } from "../api/api_call.ts";
import type { ApiCall } from "../api/api_call.ts";
import { makeSenderId, postWithToken, readIdempotencyKey } from "../api/message_post.ts";
import { ApiProblem, invalidValue, missingScope } from "../api/problem.ts";
import { identifyAlerts, makeDeliveryKey } from "./delivery_key.ts";
import { readHookBody } from "./hook_body.ts";
import type { HookText } from "./hook_body.ts";

/**
 * Sends what the body tells. `token`: the last part of the path. A delivery that is sent again is stored once: one with
 * a key or the id of a delivery, alerts with fingerprints, and whatever is sent by PUT.
 */
export async function sendHook(call: ApiCall, token: string): Promise<Response> {
  const { request, url, server: { sessions, now }, from } = call;
  const to = readReceiver(url);
  const delivery = readDeliveryId(request);
  const key = readIdempotencyKey(request);
  const scopes = await sessions.check({ token, from, role: "observer" }); // before the body is read
  const { text, body = {} } = await readBody(request);
  if (text === "" && request.headers.has("x-github-event")) return answerNothing(scopes);
  if (text === "") throw new ApiProblem("not_understood", NO_TEXT);
  return await postWithToken(call, token, (scopes) => {
    const receiver = to ?? findOnlyReceiver(scopes);
    const identity = identifyAlerts(body, now()) ?? (request.method === "PUT" ? "PUT" : undefined);
    const id = delivery !== undefined
      ? makeDeliveryKey(token, receiver, delivery)
      : key ?? (identity === undefined ? makeSenderId() : makeDeliveryKey(token, receiver, identity, text));
    return { to: receiver, text, id, wait: undefined };
  });
}

const NO_TEXT = 'the body has no text: send {"text": "…"}, or text/plain that is not empty';

/** The event is not told. */
function answerNothing(scopes: readonly TokenScope[]): Response {
  if (!scopes.some(({ kind }) => kind === "send")) throw missingScope("send:*");
  return new Response(null, { status: 204, headers: PRIVATE_HEADERS });
}

function readReceiver({ searchParams }: URL): string | undefined {
  const to = searchParams.get("to") ?? undefined;
  if (to === undefined || isReceiverName(to)) return to;
  const what = to === ""
    ? "is empty; what follows # in a URL is not sent, so"
    : "is not a name of a user or #room;";
  throw invalidValue("to", `${what} write #room as %23room`);
}

/** The receiver in the token's only scope for sending. */
function findOnlyReceiver(scopes: readonly TokenScope[]): string {
  const targets = scopes.flatMap((scope) => scope.kind === "send" ? scope.target : []);
  const [target] = targets;
  if (targets.length === 1 && target !== undefined && target !== "*") return target;
  throw invalidValue("to", "is missing, and the token has no scope for a single receiver");
}

/** GitHub sends a delivery again with the same id. */
function readDeliveryId({ headers }: Request): string | undefined {
  const delivery = headers.get("x-github-delivery");
  return delivery !== null && isSenderId(delivery) ? delivery : undefined;
}

async function readBody(request: Request): Promise<HookText & { kind: "ok" }> {
  const body = readHookBody({
    mediaType: mediaType(request),
    text: await readBodyText(request, MAX_BODY_BYTES),
    githubEvent: request.headers.get("x-github-event") ?? undefined,
  });
  switch (body.kind) {
    case "ok":
      return body;
    case "not_json":
      throw new ApiProblem("malformed", "the body is not JSON");
    case "unknown":
      throw new ApiProblem(
        "not_understood",
        'send {"text": "…"}, text/plain, or an event of Alertmanager, Grafana or GitHub',
      );
    case "unsupported_type":
      throw new ApiProblem("unsupported_type", "send application/json, text/plain or a form");
  }
}
