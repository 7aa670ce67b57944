/** The person's editor ($VISUAL or $EDITOR, else vi), in which the input line can be written (Ctrl-X Ctrl-E). */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import { writeNewFile } from "../../lib/store/disk/atomic_file.ts";
import { MAX_INPUT_UNITS } from "../../lib/tui/terminal/line/line_editor.ts";
import type { OutsideEdit } from "../../lib/tui/ui.ts";
import { CHILD_ENVIRONMENT, isProgram, mayRun } from "../support/program_search.ts";

/** Where neither variable is set, as POSIX has it. */
const DEFAULT_EDITOR = "vi";

/** A larger file is not read. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The file in which the line is written. Editors choose colours by its name. */
const FILE_NAME = "message.txt";

/**
 * Opens `text` in the editor, as a file of mode 0600 in a private temporary folder that is removed afterwards. The text
 * returned is the saved file without the line ends behind its last line. A signal that ends this program ends the editor;
 * `noteSaved` gets what it has saved until then. A file that cannot be taken then stays.
 */
export async function editOutside(
  text: string,
  noteSaved: (text: string) => void,
  { env, signal, onSignal }: Io,
): Promise<OutsideEdit> {
  if (!mayRun("sh")) return { why: "no editor: this program was started without the permission to run one" };
  const editor = env("VISUAL") ?? env("EDITOR") ??
    (await isProgram(DEFAULT_EDITOR) ? DEFAULT_EDITOR : undefined);
  if (editor === undefined) {
    return { why: `no editor: ${DEFAULT_EDITOR} is not installed; set VISUAL or EDITOR to one` };
  }
  let folder: string | undefined;
  let child: Deno.ChildProcess | undefined;
  let isStopped = false;
  /** A signal ends this program before the editor has ended. */
  const stop = () => {
    isStopped = true;
    try {
      child?.kill("SIGTERM");
    } catch {
      // it has ended
    }
    if (folder === undefined) return;
    const saved = child === undefined ? { text } : readEdited(`${folder}/${FILE_NAME}`);
    if (!("text" in saved)) return;
    if (saved.text !== text) noteSaved(saved.text);
    Deno.removeSync(folder, { recursive: true });
  };
  signal.addEventListener("abort", stop);
  const offHangUp = onSignal("SIGHUP", stop);
  try {
    folder = await Deno.makeTempDir({ prefix: "chatterbox-" }); // mode 0700
    const path = `${folder}/${FILE_NAME}`;
    writeNewFile(path, text === "" ? "" : `${text}\n`);
    child = new Deno.Command("sh", {
      args: ["-c", `exec ${editor} "$1"`, "sh", path],
      env: CHILD_ENVIRONMENT,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const { success, code } = await child.status;
    if (!success) return { why: toPrintable(`the line is as it was: ${editor} has ended with ${code}`) };
    return readEdited(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { why: toPrintable(`the line is as it was: ${why}`) };
  } finally {
    signal.removeEventListener("abort", stop);
    offHangUp();
    if (folder !== undefined && !isStopped) await Deno.remove(folder, { recursive: true }).catch(() => {}); // removed already
  }
}

function readEdited(path: string): OutsideEdit {
  const read = readProgramFile(path, MAX_FILE_BYTES);
  if (read.kind === "bad") return { why: toPrintable(`the line is as it was: the saved text: ${read.why}`) };
  const text = read.text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  return text.length <= MAX_INPUT_UNITS
    ? { text }
    : { why: `the line is as it was: the saved text has more than ${MAX_INPUT_UNITS} characters` };
}
