/** The input line with the rows around it. Pure. */
import type { Palette } from "../../cli/standard_streams.ts";
import { cutText } from "../terminal/cut_text.ts";
import type { InputView } from "../terminal/line/line_input.ts";
import type { InputBlock } from "../terminal/screen.ts";
import type { StyledSpan } from "../view/styled_line.ts";

/** `unsent`: messages above the line. `below`: rows below it, unless `view` has a hint. */
export function makeInputBlock(
  { prompt, line, hint }: InputView,
  unsent: readonly (readonly StyledSpan[])[],
  below: readonly string[],
  { columns, dim }: Pick<Palette, "dim"> & { readonly columns: number },
): InputBlock {
  if (unsent.length === 0 && below.length === 0 && hint === undefined) return { prompt, line };
  const toRow = (text: string) => dim(cutText(text, columns - 1));
  const above = unsent.map((spans) => toRow(spans.map(({ text }) => text).join("").replace(/\n\s*/g, " ")));
  return { prompt, line, above, below: (hint === undefined ? below : [hint]).map(toRow) };
}
