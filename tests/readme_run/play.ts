/** Runs the examples of a page as its readers would: what others say in an example is said. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Pty } from "../commands/pty.ts";
import { comesTrue } from "../support/guard.ts";
import { formOf, hasInOrder, ROW_TIME } from "./examples.ts";
import type { Block, Example } from "./examples.ts";
import { NOT_RUN } from "./not_run.ts";
import { OTHER_HOME, promptRoom } from "./sandbox.ts";
import type { Sandbox } from "./sandbox.ts";

/** People of the examples: a command that names one of them finds them in the chat. */
const PEOPLE = /\b(alice|bob|carol|dave)\b/g;
/** In rooms that an example names with nobody in them. */
const HOST = "dave";
/** Commands that want a server of ours. */
const OURS = /\b(?:chatterbox|curl)\b/;
const SERVE = /\bchatterbox serve\b/;
const STOP = /\bchatterbox admin stop\b/;
const QUIT = "/quit";
/** The prompt, and what is typed there. */
const TYPED = /^((?:\[.*\] )?[#@]\S+(?: \[[^\]]*\])?>) ([^█]+)$/;
/** A view begins. */
const RULE = /^── ([#@]\S+) /;
const JOIN = /^chatterbox join\b(?: (\w+))?/;
/** Commands that want the data folder for themselves. */
const WITHOUT_SERVER = /^chatterbox archive (?:repair|import)\b/;
/** The server makes the archive soon after it listens. */
const READS_ARCHIVE = /^chatterbox archive (?:check|export)\b/;
/** A search, and the person that it finds. */
const FOUND = /^chatterbox logs -s '(\w+)\*? from:(\w+)/;
/** Waits until a person has read a message: until the conversation is shown to them. */
const WAITS_FOR_READER = /^chatterbox send (\w+) .* --wait read\b/;
/** Waits until people have answered. */
const ASKS = /\bchatterbox ask\b/;
/** Follows one room. */
const SINGLE_ROOM = /\blogs '(#\w+)' -f\b/;
/** Runs hooks of the page. */
const GIT_PUSH = /\bgit\b.* push\b/;
/** Those who answer in a room. */
const ANSWERERS = ["bob", "carol"];
/** They want accounts, and a list of people on call. */
const ON_CALL = /\bchatterbox (?:page|ack|oncall)\b/;
/** The calendar of docs/oncall.md. */
const CALENDAR_FILE = "rota.ics";
/** A key is brought to another machine. */
const KEY_IMPORT = /^chatterbox key import\b/;
const GOES_ON = /(?<= )(?:--tail|-f|--follow|--watch)\b|\bfollow=1\b|\bkey share\b/;
const EXAMPLE_HOST = /ircs:\/\/[\w.]*\bexample\b[\w.]*/;

/** Why `command` is not run; undefined: it is. */
export function whyNotRun(command: string): string | undefined {
  return NOT_RUN.find(([words]) => words.test(command))?.[1];
}

/** Runs the commands of `block`, each in the state that those before it left. */
export async function playBlock(sandbox: Sandbox, block: Block): Promise<void> {
  const screens: (() => Promise<unknown>)[] = [];
  for (const [at, example] of block.entries()) {
    if (whyNotRun(example.command) !== undefined) continue;
    try {
      if (example.output !== undefined && JOIN.test(example.command)) {
        const others = block.filter((_, index) => index !== at).map(({ command }) => command);
        screens.push(await playChat(sandbox, example, [...sandbox.played, ...others].join("\n")));
      } else await playCommand(sandbox, example);
      sandbox.played.push(example.command);
    } catch (error) {
      throw new Error(`${example.place}: ${example.command}`, { cause: error });
    }
  }
  for (const isShown of screens) await isShown();
}

async function playCommand(sandbox: Sandbox, { command, output }: Example): Promise<void> {
  if (SERVE.test(command)) return await playServer(sandbox, command, output);
  const all = textOf(sandbox, command);
  if (WITHOUT_SERVER.test(command)) await stopServer(sandbox);
  else if (OURS.test(all)) await sandbox.server();
  const prepared = await prepare(sandbox, command, output === undefined);
  if (JOIN.test(command)) {
    const [, person = "tester"] = JOIN.exec(command)!;
    const terminal = `${person} by ${command}`;
    await sandbox.terminal(terminal, prepared);
    return assertEquals(await sandbox.leave(terminal), 0, "exit code");
  }
  if (GOES_ON.test(command)) {
    const [, pattern = "hello"] = / -g '([^']+)'/.exec(command) ?? [];
    const room = SINGLE_ROOM.exec(command)?.[1] ?? "#lobby";
    const code = await sandbox.runUntilOutput(
      prepared,
      () => sandbox.run(`chatterbox send '${room}' '${pattern}'`),
    );
    return assert(code === 0 || code === 130, `exit code ${code}`);
  }
  const running = sandbox.run(prepared);
  if (ASKS.test(all)) await answerQuestion(sandbox, all);
  const { code, lines } = await running;
  const fails = output?.some((line) => line.startsWith("chatterbox: ")) === true &&
    !/echo \$\?/.test(command);
  assertEquals(code !== 0, fails, `exit code ${code}, ${lines.join("\n")}`);
  if (output !== undefined) assertLines(lines, output);
  if (STOP.test(command)) await sandbox.serverEnds();
  await undo(sandbox, command);
}

async function playServer(sandbox: Sandbox, command: string, output: readonly string[] = []): Promise<void> {
  const line = command.replace(/ +#.*$/, "");
  const isPlain = /^chatterbox serve(?: *<\/dev\/null *&)?$/.test(line);
  if (isPlain && output.length === 0) return await sandbox.server();
  const server = await sandbox.startServer(line, isPlain || sandbox.hasStopped);
  assert(hasInOrder(server.lines, output.map(formOf)), `not as shown: ${server.lines.join("\n")}`);
}

/** The command, and the files of the page that it runs: by name, or as hooks that an earlier command has installed. */
function textOf({ files, played }: Sandbox, command: string): string {
  const isHook = (name: string) => GIT_PUSH.test(command) && played.join(" ").includes(` ${name} `);
  const scripts = files.filter(({ language, name }) =>
    language === "bash" && (command.includes(`./${name}`) || isHook(name))
  );
  return [command, ...scripts.map(({ text }) => text.replace(/\\\n/g, ""))].join("\n");
}

/** What the example needs: its server, its files, and the people that it names. */
async function prepare(sandbox: Sandbox, command: string, findsPeople: boolean): Promise<string> {
  if (/\bbackup\/log\.ring\b/.test(command)) {
    await sandbox.run("mkdir -p backup && cp .local/state/chatterbox/log.ring backup/");
  }
  const all = textOf(sandbox, command);
  if (findsPeople && /\bchatterbox (?:send|run|ask|logs '#|logs -f '#|admin|key)/.test(all)) {
    await gather(sandbox, all);
  }
  const [, reader] = WAITS_FOR_READER.exec(command) ?? [];
  if (findsPeople && reader !== undefined) {
    await openConversation(sandbox, reader, / --from (\w+)/.exec(command)?.[1] ?? "tester");
  }
  if (ON_CALL.test(command)) await setUpOnCall(sandbox, command);
  if (READS_ARCHIVE.test(command)) {
    await comesTrue("an archive", async () => (await sandbox.run("chatterbox archive check")).code === 0);
  }
  const [, backup] = / --data-dir (monday)\b/.exec(command) ?? [];
  if (backup !== undefined) await sandbox.run(`chatterbox backup ${backup}`);
  const [, words, speaker] = FOUND.exec(command) ?? [];
  if (findsPeople && words !== undefined && speaker !== undefined) await say(sandbox, speaker, words);
  const there = KEY_IMPORT.test(command) ? `HOME="$HOME/${OTHER_HOME}" ${command}` : command;
  return EXAMPLE_HOST.test(there) ? there.replace(EXAMPLE_HOST, await sandbox.tlsServer()) : there;
}

/**
 * Has the people that `command` names be in the chat, and in the rooms that it names; in these at least one person is. For
 * a command of the administrator it is enough that a person has been there, and so has an account.
 */
async function gather(sandbox: Sandbox, command: string): Promise<void> {
  const words = command.replace(/ +#[^']*$/, "").replace(/"[^"]*"/g, "");
  const rooms = [...words.matchAll(/'(#\w+)'/g)].map(([, room = ""]) => room);
  const people = [...words.matchAll(PEOPLE)].map(([person]) => person);
  const hosts = ASKS.test(command) ? ANSWERERS : [HOST];
  const visitors = people.length === 0 && rooms.length > 0 ? hosts : people;
  for (const person of visitors) {
    if (/\bchatterbox admin\b/.test(words) && rooms.length === 0 && sandbox.hasBeenThere(person)) continue;
    const terminal = await sandbox.terminal(person);
    for (const room of rooms) await enter(terminal, room);
  }
}

/**
 * A page that does not begin with it has accounts, a room and a list that the login name owns; each has the calendar of
 * docs/oncall.md.
 */
async function setUpOnCall(sandbox: Sandbox, command: string): Promise<void> {
  if (command.includes(CALENDAR_FILE)) {
    const page = await Deno.readTextFile(new URL("../../docs/oncall.md", import.meta.url));
    const [calendar = ""] = /^BEGIN:VCALENDAR$[^]*?^END:VCALENDAR$/m.exec(page) ?? [];
    await Deno.writeTextFile(`${sandbox.home}/${CALENDAR_FILE}`, `${calendar}\n`);
  }
  if (sandbox.played.some((played) => ON_CALL.test(played) || /^chatterbox register alice\b/.test(played))) {
    return;
  }
  const steps = [
    ...["tester", "alice", "bob", "carol"].map((name) => `chatterbox register ${name}`),
    "chatterbox join tester '#db' '#web' </dev/null",
    "chatterbox oncall set db alice",
  ];
  for (const step of steps) assertEquals((await sandbox.run(step)).code, 0, step);
}

/** Those who are asked choose the first option, as many as `command` waits for. */
async function answerQuestion(sandbox: Sandbox, command: string): Promise<void> {
  const [, addressees = "", words = ""] = /\bchatterbox ask ([^"]*)"([^"]*)"/.exec(command) ?? [];
  const question = words.replace(/\$(\w+)/g, (word, name) => sandbox.env[name] ?? word).replace(/\$.*$/, "");
  const named = [...addressees.matchAll(PEOPLE)].map(([person]) => person);
  const people = named.length === 0 ? ANSWERERS : named;
  for (const person of / --(?:all|quorum)\b/.test(command) ? people : people.slice(0, 1)) {
    const terminal = await sandbox.terminal(person);
    await terminal.shows((lines) => lines.join("\n").includes(`asks: ${question}`), `${person} is asked`);
    terminal.press("/answer 1\r");
  }
}

/** Examples stand beside each other: a ban of one of them does not hold in the next. */
async function undo(sandbox: Sandbox, command: string): Promise<void> {
  const [, person] = /\bchatterbox admin ban (\w+)/.exec(command) ?? [];
  if (person === undefined) return;
  await sandbox.closeTerminal(person);
  await sandbox.run(`chatterbox admin unban ${person}`);
}

function assertLines(lines: readonly string[], shown: readonly string[]): void {
  const forms = shown.map(formOf);
  const isSame = lines.length === forms.length && forms.every((form, at) => form.test(lines[at]!.trimEnd()));
  if (!isSame) assertEquals(lines, shown, "not of the form shown");
}

/**
 * A `join` and its screen: what is typed is typed, and each person says what they say there. What other commands bring
 * about comes with them: `others` are those of the page up to this block, and those of the block. A line is typed when all
 * above it has come; the returned function waits for all of it.
 */
async function playChat(sandbox: Sandbox, { command, output = [] }: Example, others: string) {
  await sandbox.server();
  const [, self = "tester"] = JOIN.exec(command)!;
  const shown = output.filter((line) => !isTyping(line));
  // What is typed is not said a second time where it is shown.
  const elsewhere = [others, ...output.filter(isTyping)].join("\n");
  await gatherMembers(sandbox, self, output);
  const terminal = await sandbox.terminal(self, command);
  const showsAll = (wanted: readonly string[]) =>
    terminal.shows((lines) => hasInOrder(lines, wanted.map(formOf)), `what ${command} shows`);
  const prompts = (line: string) =>
    terminal.shows((lines) => formOf(line).test((lines.at(-1) ?? "").trimEnd()), line);
  for (const [at, line] of output.entries()) {
    const [, prompt = line, text] = TYPED.exec(line) ?? [];
    if (!isTyping(line)) await playLine(sandbox, self, line, elsewhere);
    if (text === undefined) continue;
    await showsAll(output.slice(0, at).filter((above) => !isTyping(above) && !comesFrom(others, above)));
    await prompts(prompt);
    await gatherMembers(sandbox, self, output.slice(at + 1));
    if (text !== QUIT) terminal.press(`${text}\r`);
    else assertEquals(await sandbox.leave(self), 0, "exit code");
  }
  return async () => {
    if (output.some((line) => line.endsWith(`> ${QUIT}`))) return; // all was shown before
    await showsAll(shown);
    await writeUnread(sandbox, self, output.at(-1) ?? "", others);
    for (const line of output.filter((line) => line.includes("█"))) await prompts(line);
  };
}

/** Has people write the direct messages that the prompt at the end counts, `#ops [@bob 1!]> █`, unless commands do it. */
async function writeUnread(sandbox: Sandbox, self: string, prompt: string, others: string): Promise<void> {
  if (!prompt.includes("█")) return;
  for (const [, sender = "", count] of prompt.matchAll(/@(\w+) (\d+)!/g)) {
    if (others.includes(` --from ${sender}`)) continue;
    const terminal = await sandbox.terminal(sender);
    for (let nth = 0; nth < Number(count); nth++) terminal.press(`/msg ${self} psst\r`);
  }
}

/** Has the members be in a room that the next lines, up to the next typed one, show: `··· 2 people in #ops: alice, ci`. */
async function gatherMembers(sandbox: Sandbox, self: string, output: readonly string[]): Promise<void> {
  const end = output.findIndex(isTyping);
  for (const line of end === -1 ? output : output.slice(0, end)) {
    const [, room, names] = / ··· \d+ (?:person|people) in (#\S+): (.*)$/.exec(line) ?? [];
    if (room === undefined || names === undefined) continue;
    for (const name of names.split(", ")) {
      if (name !== self) await enter(await sandbox.terminal(name), room);
    }
  }
}

/** The line on which one types: `#lobby> █`. */
function isTyping(line: string): boolean {
  return /^(?:\[.*\] )?[#@]\S+(?: \[[^\]]*\])?>(?: |$)/.test(line);
}

interface Said {
  /** Undefined: the current one. */
  readonly room: string | undefined;
  readonly who: string;
  readonly text: string;
  readonly isDirect: boolean;
  /** What `who` types. */
  readonly keys: string;
}

/** What a line without its time shows of a message; undefined: it shows something else. */
function parseSaid(body: string): Said | undefined {
  const [, from, to, direct] = /^\[(\w+) -> (\w+)\] (.*)$/.exec(body) ?? [];
  if (from !== undefined && direct !== undefined) {
    return { room: undefined, who: from, text: direct, isDirect: true, keys: `/msg ${to} ${direct}` };
  }
  const [, room, speaker, text] = /^(?:(#\S+) )?(\w+) {2}(.*)$/.exec(body) ?? [];
  if (speaker !== undefined && text !== undefined) {
    return { room, who: speaker, text, isDirect: false, keys: text };
  }
  const [, where, actor, act] = /^(?:(#\S+) )?\* (\w+) (.*)$/.exec(body) ?? [];
  if (actor === undefined || act === undefined) return undefined;
  return { room: where, who: actor, text: act, isDirect: false, keys: `/me ${act}` };
}

/** Whether one of the commands brings about what `line` shows. */
function comesFrom(commands: string, line: string): boolean {
  const said = parseSaid(bodyOf(line));
  return said !== undefined && commands.includes(said.text);
}

/** Without its time and its mark of a mention. */
function bodyOf(line: string): string {
  return line.replace(ROW_TIME, "").replace(">>> ", "");
}

/** Has the person of `line` do what it shows, unless it comes from `elsewhere`. */
async function playLine(sandbox: Sandbox, self: string, line: string, elsewhere: string): Promise<void> {
  const body = bodyOf(line);
  const own = await sandbox.terminal(self);
  const current = () => own.shows((lines) => promptRoom(lines) !== undefined).then(promptRoom);
  const [, view] = RULE.exec(line) ?? [];
  if (view !== undefined) await own.shows((lines) => promptRoom(lines) === view, `the prompt of ${view}`);
  const [, entering] = /^··· (\w+) came$/.exec(body) ?? [];
  if (entering !== undefined) return await enter(await sandbox.terminal(entering), (await current())!);
  const said = parseSaid(body);
  if (said === undefined || elsewhere.includes(said.text)) return;
  const { room = await current() ?? "#lobby", who, text, isDirect, keys } = said;
  const theirs = await sandbox.terminal(who);
  const isInConversation = room.startsWith("@");
  if (!isDirect && !isInConversation) await enter(theirs, room);
  theirs.press(isInConversation && !isDirect ? `/msg ${self} ${text}\r` : `${keys}\r`);
  const form = formOf(line);
  await own.shows((lines) => lines.some((shown) => form.test(shown.trimEnd())), line);
}

/** Ends the page's server, if it runs. */
async function stopServer(sandbox: Sandbox): Promise<void> {
  if (sandbox.hasStopped) return;
  await sandbox.server();
  await sandbox.run("chatterbox admin stop");
  await sandbox.serverEnds();
}

/** Has `person` say `text` in the lobby. */
async function say(sandbox: Sandbox, person: string, text: string): Promise<void> {
  const terminal = await sandbox.terminal(person);
  await enter(terminal, "#lobby");
  terminal.press(`${text}\r`);
  await terminal.shows((lines) => lines.some((line) => line.includes(text)), `${person} says ${text}`);
}

/** Has `person` look at the conversation with `other`. */
async function openConversation(sandbox: Sandbox, person: string, other: string): Promise<void> {
  const terminal = await sandbox.terminal(person);
  terminal.press(`/msg ${other}\r`);
  await terminal.shows((lines) => promptRoom(lines) === `@${other}`, `the prompt of @${other}`);
}

/** Has the person at `terminal` be in `room`, and type there. */
async function enter(terminal: Pty, room: string): Promise<void> {
  const current = promptRoom(await terminal.shows((lines) => promptRoom(lines) !== undefined));
  if (current === room) return;
  terminal.press(`/join ${room}\r`);
  await terminal.shows((lines) => promptRoom(lines) === room, `the prompt of ${room}`);
}
