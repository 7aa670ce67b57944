/** mIRC formatting (https://modern.ircdocs.horse/formatting) as runs of one style. Pure. */
import type { TextStyle } from "./segment.ts";

export interface StyledRun {
  readonly text: string;
  readonly style: TextStyle;
}

export const PLAIN: TextStyle = {};

const TOGGLES: Readonly<Record<string, "bold" | "italic" | "strike" | "underline" | "monospace">> = {
  "\x02": "bold",
  "\x11": "monospace",
  "\x1d": "italic",
  "\x1e": "strike",
  "\x1f": "underline",
};
const RESET = "\x0f";
const COLOUR = "\x03";
/** The number that stands for the reader's own colours. */
const DEFAULT_COLOUR = 99;

/** A code with its digits. Reverse and hexadecimal colours have no effect on a page. */
const CODE_PATTERN =
  /\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?|\x04(?:[\da-f]{6}(?:,[\da-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/giu;

/** The runs of `line`, none of them empty, without the codes. */
export function splitFormatting(line: string): StyledRun[] {
  const runs: StyledRun[] = [];
  let style = PLAIN;
  let start = 0;
  for (const match of line.matchAll(CODE_PATTERN)) {
    if (match.index > start) runs.push({ text: line.slice(start, match.index), style });
    start = match.index + match[0].length;
    style = applyCode(style, match[0].charAt(0), match[1], match[2]);
  }
  if (start < line.length) runs.push({ text: line.slice(start), style });
  return runs;
}

function applyCode(
  style: TextStyle,
  code: string,
  colour: string | undefined,
  background: string | undefined,
): TextStyle {
  if (code === RESET) return PLAIN;
  if (code === COLOUR) return applyColours(style, colour, background);
  const toggled = TOGGLES[code];
  if (toggled === undefined) return style;
  const { [toggled]: isOn, ...rest } = style;
  return isOn ? rest : { ...rest, [toggled]: true };
}

/** Without a number both colours end. */
function applyColours(style: TextStyle, colour?: string, background?: string): TextStyle {
  const { colour: _, background: before, ...rest } = style;
  if (colour === undefined) return rest;
  const [front, back] = [readColour(colour), background === undefined ? before : readColour(background)];
  return {
    ...rest,
    ...front !== undefined && { colour: front },
    ...back !== undefined && { background: back },
  };
}

function readColour(digits: string): number | undefined {
  return Number(digits) === DEFAULT_COLOUR ? undefined : Number(digits);
}
