/** `oncall notify`: the URL by which one is notified where one has no session. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { parseNotifyUrl } from "../../lib/base/values/notify_url.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure, warnOfReaders } from "../../lib/cli/standard_streams.ts";
import { readText } from "../../lib/cli/text_input.ts";
import { notifyUrl, testNotifyUrl } from "../../lib/client/oncall/oncall_requests.ts";
import { MAX_NOTIFY_URL_BYTES } from "../../lib/irc/oncall.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { requestOncall } from "./name_link.ts";

/** Sets `url`; `*` deletes it, `-` stands for standard input; undefined: shows it. */
export async function showNotifyUrl(url: string | undefined, flags: ClientFlags, io: Io): Promise<ExitCode> {
  const wanted = url === "-" ? await readUrl(io) : url;
  if (typeof wanted === "number") return wanted;
  if (wanted !== undefined && wanted !== "*") {
    const parsed = parseNotifyUrl(wanted);
    if (typeof parsed === "string") return reportFailure(io, EXIT.malformed, parsed);
  }
  return await requestOncall(io, flags, (link) => notifyUrl(link, wanted), (value, access) => {
    if (value === "") io.stderr.write(toPrintable(`chatterbox: ${access.name} has no notify URL`) + "\n");
    else if (wanted === undefined) {
      warnOfReaders(io, "the notify URL");
      io.stdout.write(`${toPrintable(value)}\n`);
    } else {
      io.stderr.write("chatterbox: the notify URL is set; oncall notify --test tries it\n");
    }
  });
}

/** The URL on standard input, or an exit code, which is reported. */
async function readUrl(io: Io): Promise<string | ExitCode> {
  const input = await readText(["-"], io, 2 * MAX_NOTIFY_URL_BYTES);
  if (input.kind === "ok") return input.text.trim();
  const why = input.kind === "none" ? "there is no URL" : input.why;
  return reportFailure(io, input.kind === "unreadable" ? EXIT.ioError : EXIT.malformed, why);
}

export async function testNotify(flags: ClientFlags, io: Io): Promise<ExitCode> {
  const show = () => io.stdout.write("the notification was taken\n");
  return await requestOncall(io, flags, testNotifyUrl, show);
}
