/** `POST /hook/TOKEN`: sends a room what another program tells. */
import { MAX_BODY_BYTES } from "../../net/web/http_body.ts";
import type { TokenScope } from "../../irc/token_scopes.ts";
import { isSenderId } from "../../irc/vendor_extensions.ts";
import { isReceiverName, mediaType, PRIVATE_HEADERS, readBodyText } from "../api/api_call.ts";
import type { ApiCall } from "../api/api_call.ts";
import { makeSenderId, postWithToken, readIdempotencyKey } from "../api/message_post.ts";
import { ApiProblem, invalidValue, missingScope } from "../api/problem.ts";
import { readHookBody } from "./hook_body.ts";

/** `token`: the last part of the path. */
export async function postHook(call: ApiCall, token: string): Promise<Response> {
  const { request, url } = call;
  const to = readReceiver(url);
  const key = readDeliveryId(request);
  const text = await readText(request);
  if (text === "") return await answerNothing(call, token);
  const message = { text, id: key ?? makeSenderId(), wait: undefined };
  return await postWithToken(call, token, message, to === undefined ? findOnlyReceiver : () => to);
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
function readDeliveryId(request: Request): string | undefined {
  const delivery = request.headers.get("x-github-delivery");
  if (delivery !== null && isSenderId(delivery)) return delivery;
  return readIdempotencyKey(request);
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
