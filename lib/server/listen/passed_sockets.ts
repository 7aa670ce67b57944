/**
 * The listening sockets that a service manager passes to the server: sd_listen_fds(3) of systemd. No other process gets
 * them: a server without fronts starts none, and with fronts they are refused.
 */
import { WILDCARD_HOST } from "../../net/address.ts";
import type { ServeSettings } from "../settings/settings.ts";

/** The first file descriptor that is passed (SD_LISTEN_FDS_START). */
const FIRST_FD = 3;
/** The names of sockets: IRC, IRC over TLS, HTTP. */
const NAMES = ["irc", "ircs", "web"] as const;
const NAME_HINT = "FileDescriptorName= of the socket unit must be irc, ircs or web";

type SocketName = typeof NAMES[number];

interface PassedSocket {
  readonly name: SocketName;
  readonly fd: number;
}

/**
 * `settings` with the sockets of the environment in place of the addresses of the same kind; `why`: they cannot be
 * used. `pid`: of this process; sockets for another one are ignored.
 */
export function usePassedSockets(
  settings: ServeSettings,
  env: (name: string) => string | undefined,
  pid: number,
): ServeSettings | { why: string } {
  if (env("LISTEN_PID") !== String(pid)) return settings;
  const sockets = readPassedSockets(env("LISTEN_FDS") ?? "0", env("LISTEN_FDNAMES"));
  if ("why" in sockets) return { why: `sockets of systemd: ${sockets.why}` };
  const why = describeMisfit(settings, sockets);
  return why === undefined ? replaceAddresses(settings, sockets) : { why: `sockets of systemd: ${why}` };
}

function readPassedSockets(
  countText: string,
  nameText: string | undefined,
): PassedSocket[] | { why: string } {
  if (!/^\d{1,4}$/.test(countText)) return { why: `LISTEN_FDS=${countText} is not a number of sockets` };
  const count = Number(countText);
  if (nameText === undefined && count > 1) {
    return { why: `${count} of them have no names; ${NAME_HINT}` };
  }
  const names = count === 0 ? [] : nameText?.split(":") ?? ["irc"];
  if (names.length !== count) return { why: `LISTEN_FDS=${count}, but LISTEN_FDNAMES has ${names.length}` };
  const sockets: PassedSocket[] = [];
  for (const [at, text] of names.entries()) {
    const name = NAMES.find((each) => each === text);
    if (name === undefined) {
      return { why: `the name ${JSON.stringify(text)} is not known; ${NAME_HINT}` };
    }
    sockets.push({ name, fd: FIRST_FD + at });
  }
  return sockets;
}

/** Why the sockets do not fit the settings. */
function describeMisfit(
  { fronts, tls, web }: ServeSettings,
  sockets: readonly PassedSocket[],
): string | undefined {
  const has = (name: SocketName) => sockets.some((socket) => socket.name === name);
  if (sockets.length > 0 && fronts > 0) {
    return "not with --fronts or --cluster, where the fronts listen; disable the socket unit";
  }
  if (has("ircs") && tls === undefined) {
    return "ircs needs --tls with a certificate: --tls-cert FILE and --tls-key FILE, or --tls-self-signed";
  }
  if (has("web") && web.addresses.length === 0) {
    return "web needs --web, which says whether it is http or https";
  }
  return undefined;
}

function replaceAddresses(settings: ServeSettings, sockets: readonly PassedSocket[]): ServeSettings {
  const { web } = settings;
  const passed = <K extends "tcp" | "tls">(name: SocketName, kind: K) =>
    sockets.filter((socket) => socket.name === name)
      .map(({ fd }) => ({ kind, host: WILDCARD_HOST, port: 0, fd }));
  const [plain, secure] = [passed("irc", "tcp"), passed("ircs", "tls")];
  const kept = settings.addresses.filter(({ kind }) =>
    kind === "unix" || (kind === "tcp" ? plain : secure).length === 0
  );
  const forWeb = passed("web", web.addresses[0]?.kind ?? "tcp");
  return {
    ...settings,
    addresses: [...plain, ...secure, ...kept],
    web: forWeb.length === 0 ? web : { ...web, addresses: forWeb, isDefault: false },
  };
}
