/** The clients that are measured: how each is started at a server, and what its screen shows once it is in the lobby. */
import { programPath } from "../compare/servers.ts";

export interface ClientKind {
  readonly name: string;
  /** The program and its arguments; `home` is a folder of its own, the same for each start. */
  readonly command: (home: string, port: number) => Promise<string[]>;
  /** The prompt of the lobby, or what comes with it. */
  readonly prompt: RegExp;
  /** Typed, it ends the client. */
  readonly quit: string;
}

const NICK = "carol";

/** `join` of the source in `root`, as `deno task join` starts it. */
export function join(name: string, root: string): ClientKind {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`));
  const [, flags] = /^deno run (.*) main\.ts join$/.exec(tasks.join) ?? [];
  if (flags === undefined) throw new Error(`${root}/deno.json has no task that starts join`);
  return {
    name,
    command: (_, port) =>
      Promise.resolve([
        Deno.execPath(),
        "run",
        ...flags.split(" "),
        `--config=${root}/deno.json`,
        ...[`${root}/main.ts`, "join", NICK, "--server", `irc://127.0.0.1:${port}`],
      ]),
    prompt: /(?:^|[\r\n]) *#lobby(?: +\[[^\]\r\n]*\])?> /,
    quit: "\x15/quit\r",
  };
}

/** The peers among `names` that are installed; `tell` is told of each that is not. */
export function peers(names: readonly string[], tell: (line: string) => void): ClientKind[] {
  return names.flatMap((name) => {
    const path = programPath(name);
    if (path === undefined) tell(`${name} is not installed: left out`);
    return path === undefined ? [] : PEERS[name]!(path);
  });
}

export const PEERS: Readonly<Record<string, (path: string) => ClientKind>> = { irssi, weechat };

/** Commands at once, not two seconds apart. */
function irssi(path: string): ClientKind {
  const config = (port: number) =>
    `settings = {
  core = { real_name = "${NICK}"; user_name = "${NICK}"; nick = "${NICK}"; };
  "irc/core" = { cmd_queue_speed = "10msec"; };
  "fe-common/core" = { window_auto_change = "yes"; };
};
chatnets = { home = { type = "IRC"; nick = "${NICK}"; }; };
servers = ( { address = "127.0.0.1"; port = "${port}"; chatnet = "home"; autoconnect = "yes"; } );
channels = ( { name = "#lobby"; chatnet = "home"; autojoin = "yes"; } );
`;
  return {
    name: "irssi",
    command: async (home, port) => {
      await Deno.writeTextFile(`${home}/config`, config(port));
      return [path, "--home", home];
    },
    prompt: /\[#lobby\]/,
    quit: "\x15/quit\r",
  };
}

/** The names of WeeChat 3, and of 4. */
function weechat(path: string): ClientKind {
  const config = (port: number) =>
    `[server_default]
anti_flood_prio_high = 0
anti_flood_prio_low = 0
anti_flood = 0
[server]
home.addresses = "127.0.0.1/${port}"
home.ssl = off
home.tls = off
home.nicks = "${NICK}"
home.autoconnect = on
home.autojoin = "#lobby"
`;
  return {
    name: "weechat",
    command: async (home, port) => {
      await Deno.writeTextFile(`${home}/irc.conf`, config(port));
      return [path, "--dir", home];
    },
    prompt: /#lobby/,
    quit: "\x15/quit\r",
  };
}
