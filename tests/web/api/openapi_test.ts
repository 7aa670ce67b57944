/**
 * docs/api/openapi.json is what the server does: each path and method of it is there and no other, each status that it
 * lists is seen, and each answer has the headers and the schema that it says.
 */
import { Ajv2020 } from "ajv/dist/2020";
import type { AnySchema } from "ajv/dist/2020";
import ajvFormats from "ajv-formats";
import { assert, assertEquals } from "@std/assert";
import { API_PATHS } from "../../../lib/web/api_routes.ts";
import { API_ROUTES } from "../../../lib/web/api/routes.ts";
import { MAX_TOKEN_STREAM_COUNT } from "../../../lib/web/api/api_call.ts";
import { PROBLEM_STATUS } from "../../../lib/web/api/problem.ts";
import description from "../../../docs/api/openapi.json" with { type: "json" };
import { programTest } from "../../commands/program.ts";
import { pureTest } from "../../support/test.ts";
import { ApiTestServer } from "./api_server.ts";
import type { EventReader } from "./event_reader.ts";

/** An object of the description, of which the tests look at some members. */
// deno-lint-ignore no-explicit-any
type Described = any;

const ID = "https://chatterbox.example/openapi";
const PATHS: Readonly<Record<string, Described>> = description.paths;

/** Statuses that are described and that no request of this test can bring about. */
const NOT_SEEN: readonly string[] = [
  "GET /api/v1/messages 503",
  "GET /api/v1/people 429",
  "GET /api/v1/people 503",
  "GET /api/v1/rooms 429",
  "GET /api/v1/rooms 503",
  "POST /api/v1/messages 429",
  "POST /api/v1/messages 503",
  "POST /hook/{token} 429",
  "POST /hook/{token} 503",
  "PUT /hook/{token} 429",
  "PUT /hook/{token} 503",
];

/** The members of `object`, with a reference followed. */
function follow(object: Described): Described {
  const path: string | undefined = object?.$ref;
  if (path === undefined) return object;
  return path.slice(2).split("/").reduce((at: Described, name) => at[name], description);
}

/** Checks values by the schemas of the description, and answers against it. */
class DescriptionCheck {
  readonly seen = new Set<string>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor() {
    (ajvFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#ajv.addSchema({ ...description, $id: ID } as AnySchema);
  }

  /** Checks `value` by the schema at `pointer` of the description. */
  value(pointer: string, value: unknown): void {
    const validate = this.#ajv.getSchema(`${ID}#${pointer}`) ??
      this.#ajv.compile({ $ref: `${ID}#${pointer}` });
    assert(validate(value), `${JSON.stringify(value)}: ${this.#ajv.errorsText(validate.errors)}`);
  }

  /** Checks the answer to a request for `path` as the description has it, and reads its body. */
  async answer(method: string, path: string, response: Response): Promise<void> {
    const { status, headers } = response;
    const what = `${method} ${path} ${status}`;
    const found = PATHS[path][method.toLowerCase()].responses[status];
    assert(found !== undefined, `${what} is not described: ${await response.clone().text()}`);
    this.seen.add(what);
    const described = follow(found);
    for (const [name, header] of Object.entries<Described>(described.headers ?? {})) {
      assert(headers.has(name) || header.required !== true, `${what} has no header ${name}`);
    }
    const text = await response.text();
    if (described.content === undefined) return assertEquals(text, "", what);
    const [type = ""] = (headers.get("content-type") ?? "").split(";");
    assert(type in described.content, `${what}: ${type}`);
    const pointer = `${pointerOf(found, path, method, status)}/content/${escape(type)}/schema`;
    const values = type === "application/x-ndjson" ? text.trim().split("\n") : [text];
    for (const value of values) if (value !== "") this.value(pointer, JSON.parse(value));
  }

  /** Checks the events of a stream up to `live`. */
  async events(reader: EventReader): Promise<void> {
    this.seen.add("GET /api/v1/messages 200");
    const pointer = `/paths/${escape("/api/v1/messages")}/get/responses/200/content/${
      escape("text/event-stream")
    }/schema`;
    for (let event = ""; event !== "live";) {
      const next = await reader.next();
      event = next.event;
      this.value(pointer, next.data);
    }
  }
}

function pointerOf(found: Described, path: string, method: string, status: number): string {
  return found.$ref === undefined
    ? `/paths/${escape(path)}/${method.toLowerCase()}/responses/${status}`
    : found.$ref.slice(1);
}

/** RFC 6901, in a fragment. */
function escape(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}

pureTest("openapi: the routes and the codes of problems are those of the description", () => {
  const described = Object.entries(PATHS).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const routes = API_ROUTES.map(({ method, path }) => `${method} ${path}`);
  assertEquals(described.sort(), [...routes, "POST /hook/{token}", "PUT /hook/{token}"].sort());
  const paths = Object.entries(API_PATHS).flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path.replace(":token", "{token}")}`)
  );
  assertEquals(paths.sort(), described);
  assertEquals(description.components.schemas.Problem.properties.code.enum, Object.keys(PROBLEM_STATUS));
});

programTest("openapi: each path, status, header and schema is what the server answers", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send(
    "JOIN #ops\r\nTOPIC #ops :on call\r\nPRIVMSG #ops :deploy\r\nPRIVMSG #ops :\x01ACTION waves\x01",
  );
  await alice.barrier();
  const { secret } = await server.token(alice, "send:#ops", "read:*", "people", "send:nick");
  const few = (await server.token(alice, "metrics")).secret;
  const check = new DescriptionCheck();

  const messages = async (query: string, token = secret) => {
    await check.answer("GET", "/api/v1/messages", await server.fetch(`/api/v1/messages?${query}`, token));
  };
  await messages("room=ops&limit=1");
  await messages("room=ops&since=1h&limit=1");
  await messages("search=deploy");
  await messages("room=ops&after=zzz-other@0");
  await messages("room=ops", "");
  await messages("room=ops", few);
  await messages("room=nowhere");
  await messages("room=ops&limit=x");
  const post = async (body: string, type = "application/json", token = secret, query = "") => {
    const init = { method: "POST", body, headers: { "content-type": type } };
    await check.answer(
      "POST",
      "/api/v1/messages",
      await server.fetch(`/api/v1/messages${query}`, token, init),
    );
  };
  const message = { to: "#ops", text: "x", wait: "durable", id: "k" };
  await post(JSON.stringify(message));
  await post(JSON.stringify({ ...message, id: "long", text: "line\n".repeat(200) }));
  await post("x", "text/plain", secret, "?to=%23ops");
  await post("{");
  await post(JSON.stringify(message), "application/json", "");
  await post(JSON.stringify(message), "application/json", few);
  await post(JSON.stringify({ ...message, to: "nick", id: "other" }));
  await post(JSON.stringify({ ...message, text: "y" }));
  await post("x".repeat(70_000), "text/plain", secret, "?to=%23ops");
  await post("x", "image/png");
  await post("{}");
  for (const path of ["/api/v1/people", "/api/v1/rooms"]) {
    await check.answer("GET", path, await server.fetch(path, secret));
    await check.answer("GET", path, await server.fetch(path, "wrong"));
    await check.answer("GET", path, await server.fetch(path, few));
    await check.answer("GET", path, await server.fetch(`${path}?x=1`, secret));
  }
  await check.answer("GET", "/api/v1/openapi.json", await server.fetch("/api/v1/openapi.json", ""));
  const hook = async (
    body: string,
    token = secret,
    headers: Record<string, string> = {},
    query = "?to=%23ops",
  ) => {
    for (const method of ["POST", "PUT"]) {
      const answer = await server.fetch(`/hook/${token}${query}`, "", { method, body, headers });
      await check.answer(method, "/hook/{token}", answer);
    }
  };
  const json = { "content-type": "application/json" };
  await hook("x");
  await hook("{}", secret, { ...json, "x-github-event": "star" });
  await hook("{", secret, json);
  await hook("x", "wrong");
  await hook("x", few);
  await hook("x", secret, {}, "?to=nick");
  await hook("y", secret, { "idempotency-key": "k" });
  await hook("x".repeat(1024 * 1024 + 1));
  await hook("x", secret, { "content-type": "image/png" });
  await hook("{}", secret, json);

  const streams: EventReader[] = [];
  for (let nth = 0; nth < MAX_TOKEN_STREAM_COUNT; nth++) {
    streams.push(await server.open("/api/v1/messages?room=ops&limit=5", secret));
    await check.events(streams[nth]!);
  }
  await messages("room=ops&follow=1");
  for (const stream of streams) stream.close();

  const described = Object.entries(PATHS).flatMap(([path, methods]) =>
    Object.entries<Described>(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`)
    )
  );
  assertEquals(described.filter((what) => !check.seen.has(what)).sort(), NOT_SEEN);
});
