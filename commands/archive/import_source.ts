/** The file that `chatterbox archive import` reads twice: a pipe is copied to a temporary file first. */
import { diskErrorText } from "../../lib/store/disk/disk_file.ts";
import { PLATFORM_DISK, removeIfPossible } from "../../lib/store/disk/disk.ts";
import { toArchiveFault } from "./archive_access.ts";
import { ArchiveFault } from "./archive_fault.ts";
import type { ArchiveWork } from "./archive_work.ts";
import { type ExportLine, parseExportLine } from "./jsonl_format.ts";
import { formatSize } from "../../lib/base/values/size.ts";

/** Name of standard input on the command line, and paths that lead there. */
const STANDARD_INPUT = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
/** Characters of a line; those of an export have some kilobytes. */
const MAX_LINE_CHARS = 4 * 1024 * 1024;

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export class ImportSource {
  /** As messages call it. */
  readonly name: string;
  readonly #path: string;
  readonly #isTemporary: boolean;

  private constructor(name: string, path: string, isTemporary: boolean) {
    [this.name, this.#path, this.#isTemporary] = [name, path, isTemporary];
  }

  /** Opens `file`; what is no regular file is copied to `${archivePath}.import`. Throws an {@link ArchiveFault}. */
  static async open(file: string, archivePath: string, work: ArchiveWork): Promise<ImportSource> {
    const isInput = STANDARD_INPUT.includes(file);
    const name = isInput ? "standard input" : file;
    const pipe = isInput ? work.io.stdin.readable : await openPipe(file, work);
    if (pipe === undefined) return new ImportSource(name, file, false);
    const source = new ImportSource(name, `${archivePath}.import`, true);
    source.close(); // of an import that was killed
    try {
      await copyPipe(pipe, source.#path, work);
    } catch (error) {
      source.close();
      throw toArchiveFault(source.#path, error);
    }
    return source;
  }

  /** Its lines. Throws an {@link ArchiveFault} with the number of one that is malformed. */
  async *lines(): AsyncGenerator<ExportLine> {
    let number = 0;
    for await (const text of this.#textLines()) {
      number++;
      try {
        yield parseExportLine(text);
      } catch (error) {
        throw this.fault(`line ${number}: ${(error as Error).message}`);
      }
    }
  }

  /** That the file is not as it should be. */
  fault(why: string): ArchiveFault {
    return new ArchiveFault("unsound", `${this.name}: ${why}; nothing was imported`);
  }

  /** Removes the temporary file. */
  close(): void {
    if (this.#isTemporary) removeIfPossible(PLATFORM_DISK, this.#path);
  }

  async *#textLines(): AsyncGenerator<string> {
    let rest = "";
    try {
      const file = await Deno.open(this.#path);
      for await (const chunk of file.readable.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        yield* lines;
        if (rest.length > MAX_LINE_CHARS) throw this.fault("it has a line that is too long for an export");
      }
    } catch (error) {
      throw toArchiveFault(this.#path, error);
    }
    if (rest !== "") yield rest;
  }
}

/** The bytes of the pipe at `path`; undefined: it is a regular file. */
async function openPipe(path: string, work: ArchiveWork): Promise<Bytes | undefined> {
  try {
    const { isFile, isDirectory, isFifo } = await Deno.stat(path);
    if (isFile) return undefined;
    if (isDirectory) throw new ArchiveFault("io", `${path} is a folder, not an export`);
    if (isFifo === false) throw new ArchiveFault("io", `${path} is neither a file nor a pipe`);
    return (await untilStopped(Deno.open(path), work)).readable; // it waits for a writer
  } catch (error) {
    if (error instanceof ArchiveFault) throw error;
    if (error instanceof Deno.errors.NotFound) throw new ArchiveFault("io", `${path}: there is no such file`);
    if (error instanceof Deno.errors.NotCapable) {
      throw new ArchiveFault(
        "io",
        `${path} cannot be read; chatterbox archive import - reads standard input`,
      );
    }
    throw new ArchiveFault("io", `${path}: ${diskErrorText(error)}`);
  }
}

async function copyPipe(pipe: Bytes, to: string, work: ArchiveWork): Promise<void> {
  using file = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  const reader = pipe.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { value, done } = await untilStopped(reader.read(), work);
      if (done) return;
      for (let at = 0; at < value.length;) at += await file.write(value.subarray(at));
      bytes += value.length;
      await work.step(() => `reading: ${formatSize(bytes)}`);
    }
  } finally {
    reader.releaseLock();
  }
}

/** `waited`, unless a signal comes first: then an {@link ArchiveFault}. */
async function untilStopped<T>(waited: Promise<T>, { signal }: ArchiveWork): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new ArchiveFault("stopped", "interrupted"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([waited, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    waited.catch(() => {}); // it may end after the signal
    stopped.promise.catch(() => {});
  }
}
