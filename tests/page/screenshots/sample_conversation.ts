/** What a small team writes within four days: the conversation of which pictures are made. */

/** The person that looks at the page. */
export const VIEWER = "alice";
export const LONG_NICK = "wolfeschlegelsteinhausenberger";
/** Only its operators write in it. */
export const CLOSED_ROOM = "#announcements";
export const LONG_ROOM = "#accessibility-and-internationalisation";

export type Step =
  /** The clock goes to this time of 2026-11. */
  | { readonly at: string }
  | { readonly enter: readonly string[]; readonly room?: string }
  | { readonly leave: readonly string[] }
  /** The server is killed and comes back. */
  | { readonly crash: true }
  | { readonly mode: string; readonly from: string; readonly room: string }
  | { readonly topic: string; readonly from: string; readonly room?: string }
  | {
    readonly from: string;
    readonly text: string;
    readonly room?: string;
    /** The beginning of the message that it replies to. */
    readonly replyTo?: string;
  }
  | { readonly from: string; readonly react: string; readonly to: string }
  | { readonly from: string; readonly remove: string }
  | { readonly from: string; readonly edit: string; readonly text: string };

const TEAM = ["bob", "chioma", "mei", "noa", VIEWER];

/** What the viewer has read. */
export const EARLIER: readonly Step[] = [
  { at: "17T09:02" },
  { enter: TEAM },
  { from: "bob", topic: "Harbour map 2.0 · ships on Friday · stand-up at 10" },
  {
    from: "bob",
    text: "Morning! The new tide model is on staging: https://staging.harbour.example/map?tide=2",
  },
  {
    from: "chioma",
    text:
      "I went through it with the two pilots yesterday. They like that the depth is now shown for the hour one arrives and not for the hour one looks, which was the point of the whole exercise. What they miss is a way to see at a glance that a figure is a forecast and not a measurement: both are blue, both have one digit behind the comma, and on a wet screen at five in the morning nobody reads the legend.",
  },
  { from: "alice", text: "Then forecasts get a dashed line. I can have that by noon." },
  { from: "mei", react: "👍", to: "Then forecasts" },
  { from: "bob", react: "👍", to: "Then forecasts" },
  { from: "chioma", react: "🎉", to: "Then forecasts" },
  { at: "17T11:48" },
  { from: "alice", text: "Dashed, and *grey* below the chart datum. Same for the print view." },
  { from: "chioma", text: "Exactly that. Thank you!", replyTo: "Dashed, and" },
  { at: "18T08:30" },
  { leave: ["mei"] },
  { crash: true },
  { at: "18T09:10" },
  { enter: [...TEAM, LONG_NICK] },
  {
    from: "mei",
    text: "The gauge at the old pier sends its level twice a minute now and then. Do we drop the second one?",
  },
  {
    from: "bob",
    text:
      "Keep the later one. This is all it takes:\n```\nconst latest = new Map();\nfor (const reading of readings) {\n  latest.set(reading.minute, reading); // the later one wins\n}\nreturn [...latest.values()];\n```\nand a test with two readings of one minute.",
    replyTo: "The gauge at",
  },
  { from: "mei", text: "Nice. Done in `gauges/merge.ts`." },
  { from: "mei", text: "🙌" },
  { at: "18T16:20" },
  {
    from: LONG_NICK,
    text:
      "The certificate of maps.harbour.example/archive/2026/11/17/with-a-very-long-path-that-nobody-can-break-anywhere/tiles.json runs out on the 24th.",
  },
  { from: "alice", text: "Renewed, thanks" },
  { at: "19T09:50" },
  { enter: ["mei"], room: CLOSED_ROOM },
  { from: "mei", mode: "+m", room: CLOSED_ROOM },
  { from: "mei", room: CLOSED_ROOM, text: "Holidays: the office is closed from 24 December to 3 January." },
  { at: "19T10:04" },
  { from: "chioma", text: "Stand-up in #lobby today, the other room is being painted." },
  { from: "noa", text: "בוקר טוב! סיימתי את התרגום של המפה לעברית, כולל **המקרא**." },
  { from: "alice", react: "❤️", to: "בוקר טוב" },
  { from: "bob", text: "forget that, wrong window" },
  { from: "bob", remove: "forget that" },
  {
    from: "bob",
    text: "Release notes are in https://harbour.example/notes/2.0, please read them before lunch",
  },
  {
    from: "bob",
    edit: "Release notes are",
    text: "Release notes are in https://harbour.example/notes/2.0, please read them before tomorrow",
  },
  {
    from: "alice",
    text:
      "I read them on the train. Two small things:\n- the second picture still has the old colours\n- “draught” needs a line in the glossary",
  },
  { at: "20T09:31" },
];

/** When the viewer opens the page. */
export const NOW = Date.parse("2026-11-20T09:50:00Z");

/** What is new to them. */
export const LATER: readonly Step[] = [
  { leave: [LONG_NICK, "noa"] },
  { enter: ["noa"] },
  { at: "20T09:41" },
  { from: "mei", text: "Both mended. The picture is from this morning’s tide." },
  {
    from: "chioma",
    text: "alice, can you press the button at eleven? I am on the ferry until then.",
    replyTo: "I read them",
  },
  { at: "20T09:43" },
  { from: "bob", react: "🚢", to: "alice, can you" },
  { from: "mei", react: "🚢", to: "alice, can you" },
  { at: "20T09:46" },
  { from: "bob", text: "I keep an eye on the gauges meanwhile." },
  { room: "#ops", from: "ci", text: "harbour-map 2.0.0-rc.3: 412 tests passed in 38 s" },
  { room: "#ops", from: "ci", text: "harbour-map 2.0.0-rc.3: deployed to staging" },
  { room: LONG_ROOM, from: "noa", text: "alice: the legend reads well from the right now." },
];

/** Of a direct conversation with the viewer. */
export const DIRECT: readonly (readonly [from: string, text: string])[] = [
  ["chioma", "Do you have five minutes before the release?"],
  [VIEWER, "Sure. Now, or after lunch?"],
  [
    "chioma",
    "Now is good. I want to show the pilots the print view first and would rather not do that alone 🙂",
  ],
  [VIEWER, "I bring the big sheet of paper."],
  ["chioma", "👍"],
];
