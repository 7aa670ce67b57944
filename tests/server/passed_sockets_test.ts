/** Which sockets of a service manager take the place of which addresses of a server. */
import { assertEquals } from "@std/assert";
import { usePassedSockets } from "../../lib/server/listen/passed_sockets.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { resolveFlags } from "../../lib/server/settings/settings.ts";

const PID = 42;
const TLS = ["--tls", "127.0.0.1:6697", "--tls-self-signed"];

function used(environment: Readonly<Record<string, string>>, ...args: string[]) {
  const parsed = parseFlags(SERVE_FLAGS, args);
  if (parsed.kind !== "ok") throw new Error(parsed.kind);
  const settings = resolveFlags(parsed.flags, () => "/home/x", () => "host");
  if ("why" in settings) throw new Error(settings.why);
  const env = { LISTEN_PID: String(PID), ...environment };
  const result = usePassedSockets(settings, (name) => (env as Record<string, string>)[name], PID);
  if ("why" in result) return result.why.replace(/^sockets of systemd: /, "");
  const all = [...result.addresses, ...result.web.addresses];
  return all.map((address) =>
    address.kind === "unix"
      ? "unix"
      : address.fd === undefined
      ? `${address.kind} own`
      : `${address.kind} ${address.fd}`
  );
}

Deno.test("passed sockets: each takes the place of the addresses of its kind; those for another process are ignored", () => {
  assertEquals(used({}), ["tcp own", "tcp own"]);
  assertEquals(used({ LISTEN_FDS: "1" }), ["tcp 3", "tcp own"]);
  assertEquals(used({ LISTEN_FDS: "1", LISTEN_PID: "7" }), ["tcp own", "tcp own"]);
  assertEquals(used({ LISTEN_FDS: "2", LISTEN_FDNAMES: "irc:irc" }), ["tcp 3", "tcp 4", "tcp own"]);
  assertEquals(used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "web" }), ["tcp own", "tcp 3"]);
  assertEquals(used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "ircs" }, ...TLS, "--listen", "unix:/s"), [
    "tls 3",
    "unix",
    "tcp own",
  ]);
  assertEquals(
    used({ LISTEN_FDS: "3", LISTEN_FDNAMES: "web:ircs:irc" }, ...TLS, "--web", "https://127.0.0.1:443"),
    ["tcp 5", "tls 4", "tls 3"],
  );
});

Deno.test("passed sockets: what does not fit is told with what to do", () => {
  const hint = "FileDescriptorName= of the socket unit must be irc, ircs or web";
  assertEquals(used({ LISTEN_FDS: "x" }), "LISTEN_FDS=x is not a number of sockets");
  assertEquals(used({ LISTEN_FDS: "2" }), `2 of them have no names; ${hint}`);
  assertEquals(used({ LISTEN_FDS: "2", LISTEN_FDNAMES: "irc" }), "LISTEN_FDS=2, but LISTEN_FDNAMES has 1");
  assertEquals(used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "smtp" }), `the name "smtp" is not known; ${hint}`);
  assertEquals(
    used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "ircs" }),
    "ircs needs --tls with a certificate: --tls-cert FILE and --tls-key FILE, or --tls-self-signed",
  );
  assertEquals(
    used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "web" }, "--no-web"),
    "web needs --web, which says whether it is http or https",
  );
  assertEquals(
    used({ LISTEN_FDS: "1", LISTEN_FDNAMES: "irc" }, "--fronts", "2"),
    "not with --fronts or --cluster, where the fronts listen; disable the socket unit",
  );
});
