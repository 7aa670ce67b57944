/**
 * The text of an iCalendar file (RFC 5545 §3.1 to §3.6) as components with the lines they stand in. ical.js
 * (https://github.com/kewisch/ical.js) reads the content lines and their values.
 */
import ICAL from "ical.js";
import { utf8Length } from "../../../base/bytes.ts";
import { toPrintable } from "../../../base/printable_text.ts";
import { MAX_CALENDAR_BYTES } from "../../../irc/oncall.ts";

/** VALARM in VEVENT in VCALENDAR are three. */
export const MAX_COMPONENT_DEPTH = 4;
/** Characters of the file that an error quotes. */
const MAX_QUOTE_CHARS = 60;

export interface Component {
  /** Upper case: `VEVENT`. */
  readonly name: string;
  /** Line of its BEGIN, from 1. */
  readonly line: number;
  readonly lines: ContentLine[];
  readonly components: Component[];
}

interface ContentLine {
  readonly line: number;
  /** Upper case: `DTSTART`. */
  readonly name: string;
  /** The whole line, unfolded. */
  readonly text: string;
}

export interface Property {
  readonly line: number;
  readonly name: string;
  /** By lower-case name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The type of the values, as in jCal (RFC 7265 §3.4.1): `date-time`, `text`. */
  readonly type: string;
  readonly values: readonly unknown[];
  /** What stands in the file. */
  readonly text: string;
}

/** @throws {TypeError} always: `why`, with the line. */
export function refuse(line: number, why: string): never {
  throw new TypeError(`line ${line}: ${why}`);
}

/** `text` of a file between quotes, shortened, with nothing in it that could act on a terminal. */
export function quote(text: string): string {
  const shown = toPrintable(text.slice(0, MAX_QUOTE_CHARS + 1));
  return JSON.stringify(shown.length > MAX_QUOTE_CHARS ? `${shown.slice(0, MAX_QUOTE_CHARS)}…` : shown);
}

/** The VCALENDAR of a file. @throws {TypeError} The text is no iCalendar file, or too large. */
export function readCalendarSource(text: string): Component {
  const bytes = utf8Length(text);
  if (bytes > MAX_CALENDAR_BYTES) {
    throw new TypeError(`the file has ${bytes} bytes, and at most ${MAX_CALENDAR_BYTES} are read`);
  }
  const root: Component = { name: "", line: 0, lines: [], components: [] };
  const open = [root];
  for (const line of unfold(text)) {
    const inner = open.at(-1)!;
    if (line.name === "BEGIN") open.push(begin(inner, line, open.length));
    else if (line.name === "END") end(open, line);
    else if (inner === root) {
      refuse(line.line, `${quote(line.text)} is not in a VCALENDAR: no iCalendar file`);
    } else inner.lines.push(line);
  }
  if (open.length > 1) refuse(open.at(-1)!.line, `${quote(open.at(-1)!.name)} has no END`);
  const [calendar, second] = root.components;
  if (calendar === undefined) throw new TypeError("the file has no VCALENDAR: no iCalendar file");
  if (second !== undefined) refuse(second.line, "the file has a second VCALENDAR, and one is read");
  return calendar;
}

function begin(parent: Component, { text, line }: ContentLine, depth: number): Component {
  const name = componentName(text);
  if ((name === "VCALENDAR") !== (depth === 1)) refuse(line, `${quote(name)} does not stand in a VCALENDAR`);
  if (depth > MAX_COMPONENT_DEPTH) refuse(line, `more than ${MAX_COMPONENT_DEPTH} components in each other`);
  const component: Component = { name, line, lines: [], components: [] };
  parent.components.push(component);
  return component;
}

function end(open: Component[], { text, line }: ContentLine): void {
  const name = componentName(text);
  if (open.length === 1 || open.at(-1)!.name !== name) refuse(line, `END of ${quote(name)} has no BEGIN`);
  open.pop();
}

function componentName(text: string): string {
  return text.slice(text.indexOf(":") + 1).trim().toUpperCase();
}

/** RFC 5545 §3.1: a line that begins with a space or tab continues the one before. */
function unfold(text: string): ContentLine[] {
  const parts: { line: number; text: string[] }[] = [];
  for (const [index, physical] of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).entries()) {
    if (physical === "") continue;
    if (!/^[ \t]/.test(physical)) parts.push({ line: index + 1, text: [physical] });
    else if (parts.length === 0) refuse(index + 1, "the file begins with a space");
    else parts.at(-1)!.text.push(physical.slice(1));
  }
  return parts.map(({ line, text }) => {
    const whole = text.join("");
    const [, name] = /^([A-Za-z0-9-]+)[;:]/.exec(whole) ?? [];
    if (name === undefined) refuse(line, `${quote(whole)} is no line of an iCalendar file`);
    return { line, name: name.toUpperCase(), text: whole };
  });
}

/** All properties of a name. @throws {TypeError} One of them cannot be read. */
export function listProperties(component: Component, name: string): Property[] {
  return component.lines.filter((line) => line.name === name).map(readProperty);
}

/** The property of a name that stands there once at most. @throws {TypeError} */
export function findProperty(component: Component, name: string): Property | undefined {
  const [first, second] = component.lines.filter((line) => line.name === name);
  if (second !== undefined) refuse(second.line, `a second ${name}`);
  return first && readProperty(first);
}

/** The text of a property, without spaces around it; undefined: there is none, or it is empty. */
export function findText(component: Component, name: string): string | undefined {
  const value = findProperty(component, name)?.values[0];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function readProperty({ line, name, text }: ContentLine): Property {
  try {
    const [, parameters, type, ...values] = ICAL.parse.property(text, ICAL.design.icalendar);
    return { line, name, parameters, type, values, text };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`line ${line}: ${quote(text)} cannot be read (${quote(why)})`, {
      cause,
    });
  }
}
