/** The input line of `join` at a real terminal: job control, the person's editor, signals, what is kept from run to run. */
import { assertEquals } from "@std/assert";
import { hasShell, parseProcesses } from "../../commands/join/job_control.ts";
import { DRAFT_PREFIX } from "../../lib/store/disk/atomic_file.ts";
import { comesTrue } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";
import { needs } from "../tools.ts";
import { Server } from "./program.ts";
import { CHATTERBOX, Pty, TELLING_PID } from "./pty.ts";
import type { TerminalSize } from "./pty.ts";

const ENTERED = /··· 1 person in #lobby: alice$/;

const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

function homeOf(server: Server): Record<string, string> {
  return { XDG_CONFIG_HOME: `${server.home}/alice`, XDG_STATE_HOME: `${server.home}/alice` };
}

function join(
  server: Server,
  env: Record<string, string> = {},
  program?: string[],
  size?: TerminalSize,
): Pty {
  return new Pty(["join", "alice", "--server", server.url], { ...homeOf(server), ...env }, program, size);
}

/** The lines at the end of the screen. */
const ends = (...expected: string[]) => (lines: string[]) =>
  lines.slice(-expected.length).join("\n") === expected.join("\n");

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

for (
  const [how, code, command] of [
    ["", 148, ["run", "-q", "-P", new URL("../../main.ts", import.meta.url).pathname]], // 128 + SIGTSTP
    [" under deno task", 147, ["task", "-q", `--config=${CONFIG}`]], // 128 + SIGSTOP
  ] as const
) {
  Deno.test({
    name: `join at a terminal${how}: Ctrl-Z gives the terminal to the shell, and fg brings the line back`,
    ...needs("script", "bash", "ps"),
    async fn() {
      await using server = await Server.start();
      // A shell with job control, as a person has one; what is typed while the job is stopped goes to it.
      const modes = 'case "$(stty -a)" in *-icanon*|*-echo\\ *) echo "[raw]";; *) echo "[cooked]";; esac';
      const script =
        `unset INIT_CWD; set -m; "$@"; echo "[stopped $?]"; ${modes}; read -r word; echo "[$word]"; fg`;
      const shell = ["bash", "--norc", "-c", script, "bash"];
      await using alice = join(server, {}, [...shell, Deno.execPath(), ...command], {
        columns: 80,
        rows: 40,
      });
      await alice.line(ENTERED);
      alice.press("half a line");
      await alice.shows(ends("#lobby> half a line"));
      alice.press("\x1a");
      await alice.line(`[stopped ${code}]`);
      await alice.line("[cooked]");
      alice.press("typed to the shell\n");
      await alice.line("[typed to the shell]");
      await alice.shows(ends("#lobby> half a line"));
      alice.press(", whole\r");
      await alice.line(/alice {2}half a line, whole$/);
      alice.press("\x04");
      assertEquals(await alice.end(), { code: 0, restored: true });
    },
  });
}

pureTest("job control: a shell is there where the group has a parent outside of it on its terminal", () => {
  const rows = parseProcesses(`
      1     0     1 ?
     50     1    50 ?
    100    50   100 pts/1
    200   100   200 pts/1
    201   200   200 pts/1
    300    50   300 pts/2
    301   300   300 pts/2
    400   100   400 ?
    no process
  `);
  assertEquals(rows.length, 8);
  const seen = [200, 201, 300, 301, 400, 999].map((pid) => [pid, hasShell(rows, pid)]);
  assertEquals(seen, [[200, true], [201, true], [300, false], [301, false], [400, false], [999, false]]);
});

Deno.test({
  name:
    "join at a terminal: what was typed is found in the next run with Up and Ctrl-R, but for passphrases; drafts are, too",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    {
      await using alice = join(server, {}, TELLING_PID);
      await alice.line(ENTERED);
      alice.press("deploy done\r");
      await alice.line(/alice {2}deploy done$/);
      alice.press("/oper alice secret\r");
      await alice.line(/!!! .*/);
      alice.press("lunch?\rhalf a line");
      await alice.line(/alice {2}lunch\?$/);
      const drafts = `${server.home}/alice/chatterbox/drafts`;
      await comesTrue(
        "the draft on disk",
        () => readAll(drafts).then((text) => text.includes("half a line")),
      );
      await alice.signal("SIGKILL"); // raw mode stays on
      await alice.shows((lines) => lines.some((line) => line.includes("[code 137]")));
    }
    await using alice = join(server);
    await alice.shows(ends("#lobby> half a line"));
    alice.press("\x1b[A");
    await alice.shows(ends("#lobby> lunch?"));
    alice.press("\x1b[A");
    await alice.shows(ends("#lobby> deploy done"));
    alice.press("\x12lun");
    await alice.shows(ends("search «lun»: lunch?"));
    alice.press("\x07\x1b[B\x1b[B");
    await alice.shows(ends("#lobby> half a line"));
    alice.press("\x15\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
    assertEquals(await readAll(`${server.home}/alice/chatterbox/history`), '"deploy done"\n"lunch?"\n');
  },
});

Deno.test({
  name: "join at a terminal: Ctrl-X Ctrl-E opens $EDITOR on a private file, and takes what it saves",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const editor = `${server.home}/editor`;
    const script = `#!/bin/sh
stty -a | grep -q ' icanon' && echo "[cooked]"
ls -ld "$1" "\${1%/*}" | cut -c1-10
echo "[$(cat "$1")]"
read -r line
printf '%s\\nand a second line\\n' "$line" >"$1"
echo "$1" >'${server.home}/path'
`;
    await Deno.writeTextFile(editor, script, { mode: 0o700 });
    await using alice = join(server, { EDITOR: editor, VISUAL: "" });
    await alice.line(ENTERED);
    alice.press("draft\x18\x05");
    await alice.line("[draft]");
    const lines = await alice.line("[cooked]");
    assertEquals(lines.filter((line) => /^[-d]rw/.test(line)).sort(), ["-rw-------", "drwx------"].sort());
    alice.press("written there\n");
    await alice.shows(ends("#lobby> written there", "        and a second line"));
    alice.press("\x7f!\r");
    await alice.line(/alice {2}written there$/);
    const path = (await Deno.readTextFile(`${server.home}/path`)).trim();
    assertEquals(await Deno.stat(path.slice(0, path.lastIndexOf("/"))).catch(() => "gone"), "gone");
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

Deno.test({
  name: "join at a terminal: where neither VISUAL nor EDITOR is set, vi is the editor, if it is installed",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const programs = `${server.home}/programs`;
    await Deno.mkdir(programs);
    await Deno.symlink("/bin/sh", `${programs}/sh`);
    const inPrograms = ["sh", "-c", 'PATH="$1"; export PATH; shift; "$@"', "sh", programs, ...CHATTERBOX];
    await using alice = join(server, { EDITOR: "", VISUAL: "" }, inPrograms);
    await alice.line(ENTERED);
    alice.press("draft\x18\x05");
    await alice.shows(ends("#lobby> draft", "no editor: vi is not installed; set VISUAL or EDITOR to one"));
    await Deno.writeTextFile(`${programs}/vi`, '#!/bin/sh\necho "by vi" >"$1"\n', { mode: 0o700 });
    alice.press("\x18\x05");
    await alice.shows(ends("#lobby> by vi"));
    alice.press("\x15\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

for (const signal of ["SIGHUP", "SIGTERM"] as const) {
  Deno.test({
    name: `join at a terminal: what the editor has saved is the draft after ${signal}`,
    ...needs("script"),
    async fn() {
      await using server = await Server.start();
      const editor = `${server.home}/editor`;
      const script = `#!/bin/sh\necho "saved there" >"$1"\necho "[saved]"\nexec sleep 60\n`;
      await Deno.writeTextFile(editor, script, { mode: 0o700 });
      await using alice = join(server, { EDITOR: editor, VISUAL: "" }, TELLING_PID);
      await alice.line(ENTERED);
      alice.press("typed\x18\x05");
      await alice.line("[saved]");
      await alice.signal(signal);
      await alice.shows((lines) => lines.some((line) => line.startsWith("[code ")));
      assertEquals(await readAll(`${server.home}/alice/chatterbox/drafts`), '{"#lobby":"saved there"}\n');
    },
  });
}

Deno.test({
  name:
    "join at a terminal: a paste of several lines is sent once the person says so, and never as a command",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = join(server, {}, undefined, { columns: 120, rows: 30 });
    await alice.line(ENTERED);
    alice.press(paste("/quit\n/quit\n"));
    await alice.shows(
      ends(
        "2 lines pasted for #lobby: Enter sends one message · L line by line · E to the line · Esc discards",
      ),
    );
    alice.press("\x1b");
    await alice.shows(ends("#lobby>"));
    alice.press(paste("/quit\n/part\n"));
    await alice.line(/^2 lines pasted for #lobby: /);
    alice.press("l");
    await alice.line(/alice {2}\/part$/);
    await alice.shows(ends("#lobby>"));
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

Deno.test({
  name: "join at a terminal: an error that nothing expects gives the terminal back",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const bug = new URL("./program_join_bug.ts", import.meta.url).pathname;
    const program = [
      Deno.execPath(),
      "run",
      "-q",
      "-P",
      `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
      bug,
    ];
    await using alice = join(server, {}, program);
    await alice.line(ENTERED);
    assertEquals(await alice.end(), { code: 70, restored: true });
    assertEquals(alice.raw.lastIndexOf("\x1b[?2004l") > alice.raw.lastIndexOf("\x1b[?2004h"), true);
  },
});

/** The text of all files below `folder`, but for those that are being written. */
async function readAll(folder: string): Promise<string> {
  let text = "";
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.startsWith(DRAFT_PREFIX)) continue;
      const path = `${folder}/${name}`;
      text += isDirectory ? await readAll(path) : await Deno.readTextFile(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text;
}

Deno.test({
  name:
    "join at a terminal: what is typed before it has the terminal stands in the line, is told, and is sent with Enter",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    // The shell that starts it has the terminal until then.
    const late = ["sh", "-c", 'echo "[shell]"; read -r word; echo "[$word]"; exec "$@"', "sh", ...CHATTERBOX];
    await using alice = join(server, {}, late, { columns: 80, rows: 20 });
    await alice.line("[shell]");
    alice.press("go\nhello all\n");
    await alice.line("[go]");
    await alice.shows((lines) =>
      lines.some((line) => line === "#lobby> hello all") &&
      lines.some((line) => line === "typed before the chat was here: Enter sends it")
    );
    alice.press("\r");
    await alice.line(/alice {2}hello all$/);
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});
