/** Data folders kept in `samples/`: packing, unpacking, and the form of the answers. */
const FOLDER = `${import.meta.dirname}/samples`;
/** Files that are stored with gzip. */
const PACKED = ["log.ring", "state.sqlite"];
const PLAIN = ["cloak.key"];

/** The path of a file of the sample called `name`. */
export function samplePath(name: string, file: string): string {
  return `${FOLDER}/${name}/${file}`;
}

/** Names of the samples of whole data folders. */
export function sampleNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    .sort();
}

/** Packs the data folder `data` of a stopped server as the sample called `name`. */
export async function packSample(name: string, data: string): Promise<void> {
  await Deno.mkdir(`${FOLDER}/${name}`, { recursive: true });
  for (const file of PLAIN) await Deno.copyFile(`${data}/${file}`, samplePath(name, file));
  for (const file of PACKED) {
    const packed = streamOf(await Deno.readFile(`${data}/${file}`)).pipeThrough(
      new CompressionStream("gzip"),
    );
    await Deno.writeFile(samplePath(name, `${file}.gz`), packed);
  }
}

/** Unpacks the sample called `name` as the data folder `data`. */
export async function unpackSample(name: string, data: string): Promise<void> {
  await Deno.mkdir(data, { recursive: true, mode: 0o700 });
  for (const file of PLAIN) {
    await Deno.writeFile(`${data}/${file}`, await Deno.readFile(samplePath(name, file)), { mode: 0o600 });
  }
  for (const file of PACKED) {
    const packed = await Deno.readFile(samplePath(name, `${file}.gz`));
    await Deno.writeFile(`${data}/${file}`, streamOf(packed).pipeThrough(new DecompressionStream("gzip")));
  }
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream();
}

/** Each question, then the lines of its answer, indented. */
export function formatAnswers(answers: ReadonlyMap<string, readonly string[]>): string {
  const blocks = [...answers].map(([question, lines]) =>
    [question, ...lines.map((line) => `    ${visible(line)}`)].join("\n")
  );
  return blocks.join("\n") + "\n";
}

/** `line` with an escape sequence for each control character. */
function visible(line: string): string {
  return line.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
