/** `POST /hook/TOKEN`: sends a room what another program tells. */
import { createHash } from "node:crypto";
import { casefold } from "../../irc/names/casemap.ts";
import { MAX_BODY_BYTES } from "../../net/web/http_body.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { isSenderId } from "../../irc/vendor_extensions.ts";
import { isReceiverName, mediaType, PRIVATE_HEADERS, readBodyText } from "../api/api_call.ts";
import type { ApiCall } from "../api/api_call.ts";
import { makeSenderId, postWithToken, readIdempotencyKey } from "../api/message_post.ts";
import { ApiProblem, invalidValue, missingScope } from "../api/problem.ts";
import { readHookBody } from "./hook_body.ts";

/** Hexadecimal digits of the key of a delivery. */
const KEY_DIGITS = 32;

/** `token`: the last part of the path. */
export async function postHook(call: ApiCall, token: string): Promise<Response> {
  const { request, url } = call;
  const to = readReceiver(url);
  const delivery = readDeliveryId(request);
  const key = readIdempotencyKey(request);
  const text = await readText(request);
  if (text === "") return await answerNothing(call, token);
  return await postWithToken(call, token, (scopes) => {
    const receiver = to ?? findOnlyReceiver(scopes);
    const id = delivery === undefined ? key ?? makeSenderId() : makeDeliveryKey(delivery, receiver);
    return { to: receiver, text, id, wait: undefined };
  });
}

/** The event is not told; the sender learns whether its token is valid all the same. */
async function answerNothing({ server: { sessions }, from }: ApiCall, token: string): Promise<Response> {
  return await sessions.use({ token, from, role: "observer" }, ({ scopes }) => {
    if (!scopes.some(({ kind }) => kind === "send")) throw missingScope("send:*");
    return Promise.resolve(new Response(null, { status: 204, headers: PRIVATE_HEADERS }));
  });
}

function readReceiver({ searchParams }: URL): string | undefined {
  const to = searchParams.get("to") ?? undefined;
  if (to === undefined || isReceiverName(to)) return to;
  throw invalidValue("to", "is not a name of a user or #room (in a URL # is written %23)");
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

/** GitHub gives an event the same id for each hook that it is sent to, such as those of a repository and its owner. */
function makeDeliveryKey(delivery: string, receiver: string): string {
  return createHash("sha256").update(`${delivery} ${casefold(receiver)}`).digest("hex").slice(0, KEY_DIGITS);
}

async function readText(request: Request): Promise<string> {
  const body = readHookBody({
    mediaType: mediaType(request),
    text: await readBodyText(request, MAX_BODY_BYTES),
    githubEvent: request.headers.get("x-github-event") ?? undefined,
  });
  switch (body.kind) {
    case "ok":
      return body.text;
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
