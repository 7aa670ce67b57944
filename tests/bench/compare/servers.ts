/** The servers that are compared: how each is started, with its limits out of the way. */

export interface ServerKind {
  readonly name: string;
  /** Connections that register at one time, where the server wants fewer or more than others. */
  readonly atOnce: number;
  /** The program and its arguments; `dir` is empty, and the server's own for one run. */
  readonly command: (dir: string, port: number) => Promise<string[]>;
}

const BENCH = `${import.meta.dirname}/..`;
export const ROOT = `${BENCH}/../..`;
export const LOAD = `${BENCH}/load.ts`;
const RELAY = `${BENCH}/relay.ts`;
/** Where Debian puts servers, and what is not on everybody's PATH. */
const SERVER_DIRS = ["/usr/sbin", "/usr/local/sbin"];

/** Ours: from the source, or the compiled `binary`. */
export function chatterbox(binary: string | undefined, ...flags: string[]): string[] {
  return binary === undefined ? [Deno.execPath(), "run", "-q", ...flags, "-P", `${ROOT}/main.ts`] : [binary];
}

/** As `deno task start` has it; a binary brings it along. */
const SERVE_FLAG = "--v8-flags=--max-semi-space-size=4";

/** `flags`: more of `serve`, which then are part of its name. */
export function ours(binary: string | undefined, ...flags: string[]): ServerKind {
  return {
    name: ["chatterbox", ...flags].join(" "),
    atOnce: 64,
    command: (dir, port) =>
      Promise.resolve([
        ...chatterbox(binary, SERVE_FLAG),
        ...["serve", "--listen", `127.0.0.1:${port}`, "--no-web", "--data-dir", `${dir}/data`, ...flags],
      ]),
  };
}

export const RELAY_SERVER: ServerKind = {
  name: "relay",
  atOnce: 64,
  command: (_, port) =>
    Promise.resolve([Deno.execPath(), "run", "-q", "--no-config", "--allow-net", RELAY, String(port)]),
};

/** The peers that are installed; `tell` is told of each that is not. */
export function peers(tell: (line: string) => void): ServerKind[] {
  const found = [];
  for (const [name, make] of [["ngircd", ngircd], ["inspircd", inspircd]] as const) {
    const path = programPath(name);
    if (path === undefined) tell(`${name} is not installed: left out`);
    else found.push(make(path));
  }
  return found;
}

/** Where `name` is installed. */
export function programPath(name: string): string | undefined {
  const dirs = [...(Deno.env.get("PATH") ?? "").split(":").filter((dir) => dir !== ""), ...SERVER_DIRS];
  return dirs.map((dir) => `${dir}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Its queue of connections that wait to be accepted is 10 long. 0 is "no limit"; PAM and look-ups would ask elsewhere. */
function ngircd(path: string): ServerKind {
  const config = (port: number) => `
[Global]
Name = peer.bench.test
Info = a peer
AdminInfo1 = bench
AdminEMail = bench@bench.test
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = welcome
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 20
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
`;
  return {
    name: "ngircd",
    atOnce: 8,
    async command(dir, port) {
      await Deno.writeTextFile(`${dir}/ngircd.conf`, config(port));
      return [path, "--nodaemon", "--config", `${dir}/ngircd.conf`];
    },
  };
}

/** What a receiver with capabilities negotiates; without these modules it has none. */
const INSPIRCD_MODULES = ["cap", "ircv3_batch", "ircv3_ctctags", "ircv3_echomessage", "ircv3_servertime"];
/** Nobody, and nobody's group, on every system: InspIRCd does not run as root. */
const NOBODY = "65534";

/** It completes registrations once a second: many have to be under way. */
function inspircd(path: string): ServerKind {
  const config = (dir: string, port: number) => `
<config format="xml">
${INSPIRCD_MODULES.map((name) => `<module name="${name}">`).join("\n")}
<server name="peer.bench.test" description="a peer" network="Bench" id="1BE">
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="${port}" type="clients">
<power diepass="-" restartpass="-">
<connect name="all" allow="*" limit="100000" localmax="100000" globalmax="100000" maxconnwarn="no" maxchans="100"
  timeout="120" pingfreq="1h" fakelag="no" threshold="1000000000" commandrate="1000000000"
  recvq="1048576" softsendq="67108864" hardsendq="67108864" resolvehostnames="no" useident="no">
<cidr ipv4clone="32" ipv6clone="128">
<dns server="127.0.0.1" timeout="1">
<files motd="${dir}/motd.txt">
<pid file="${dir}/inspircd.pid">
<options defaultmodes="nt">
<performance softlimit="100000" somaxconn="4096" clonesonconnect="yes" quietbursts="yes">
<limits maxnick="30" maxchan="64">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="${dir}/inspircd.log">
`;
  return {
    name: "inspircd",
    atOnce: 2000,
    async command(dir, port) {
      await Deno.writeTextFile(`${dir}/motd.txt`, "welcome\n");
      await Deno.writeTextFile(`${dir}/inspircd.conf`, config(dir, port));
      const command = [path, "--nofork", "--config", `${dir}/inspircd.conf`];
      if (Deno.uid() !== 0) return command;
      await Deno.chmod(dir, 0o777);
      return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--", ...command];
    },
  };
}
