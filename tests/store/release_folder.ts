/** Files that released versions have written, kept in `releases/VERSION/`: a backup, an outbox and a cursor. */
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";

const FOLDER = `${import.meta.dirname}/releases`;
/** Files of a backup that are stored with gzip; the others are as they are. */
const PACKED = ["log.ring", "state.sqlite", "archive.sqlite"];

/** The name under which the messages of the sample wait, and their server. */
export const OUTBOX_OWNER = {
  name: "alice",
  address: { kind: "tcp", host: "127.0.0.1", port: 6667 },
} as const;

/** What waits in the outbox of each sample. */
export const UNSENT: readonly UnsentMessage[] = [
  { id: "first-1", target: "#lobby", text: "waits: grüße, 茶", manner: "said", at: 1_796_040_000_000 },
  {
    id: "second-2",
    target: "bob",
    text: "two\nlines",
    manner: "did",
    at: 1_796_040_001_000,
    replyTo: "1a-x3k9",
  },
];

/** What was said in #lobby; the cursor is behind the first of them. */
export const SAID = ["before the cursor", "after the cursor"] as const;

export function releaseNames(): string[] {
  return Array.from(Deno.readDirSync(FOLDER), ({ name }) => name).sort();
}

export function releasePath(name: string, file: string): string {
  return `${FOLDER}/${name}/${file}`;
}

/** Keeps the folder `backup` as that of the release `name`. */
export async function packBackup(name: string, backup: string): Promise<void> {
  await Deno.mkdir(releasePath(name, "backup"), { recursive: true });
  for (const { name: file } of Deno.readDirSync(backup)) {
    const bytes = await Deno.readFile(`${backup}/${file}`);
    if (!PACKED.includes(file)) await Deno.writeFile(releasePath(name, `backup/${file}`), bytes);
    else {await Deno.writeFile(
        releasePath(name, `backup/${file}.gz`),
        through(bytes, new CompressionStream("gzip")),
      );}
  }
}

/** Makes the folder `backup` of that of the release `name`. */
export async function unpackBackup(name: string, backup: string): Promise<void> {
  await Deno.mkdir(backup, { mode: 0o700 });
  for (const { name: file } of Deno.readDirSync(releasePath(name, "backup"))) {
    const bytes = await Deno.readFile(releasePath(name, `backup/${file}`));
    const content = file.endsWith(".gz") ? through(bytes, new DecompressionStream("gzip")) : bytes;
    await Deno.writeFile(`${backup}/${file.replace(/\.gz$/, "")}`, content, { mode: 0o600 });
  }
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

/** Copies the files of a folder, which has folders. */
export async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o700 });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.writeFile(`${to}/${name}`, await Deno.readFile(`${from}/${name}`), { mode: 0o600 });
  }
}
