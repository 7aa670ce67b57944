/** What is measured: for each test the load generator's arguments and the figures that are shown. */

export interface Figure {
  /** Name in the load generator's JSON. */
  readonly field: string;
  readonly title: string;
  readonly better: "more" | "less";
}

export interface Trial {
  readonly name: string;
  readonly about: string;
  readonly args: readonly string[];
  readonly figures: readonly Figure[];
  /** Takes minutes with some servers, or is one of a row: runs only when asked for by name. */
  readonly onRequest?: boolean;
}

const more = (field: string, title: string): Figure => ({ field, title, better: "more" });
const less = (field: string, title: string): Figure => ({ field, title, better: "less" });

const FANOUT = [
  more("deliveriesPerS", "deliveries/s"),
  less("serverCpuSPerMillion", "CPU s/million"),
  less("p50Ms", "p50 ms"),
  less("p99Ms", "p99 ms"),
];
const LOAD = [less("serverLoad", "server load"), ...FANOUT.slice(1)];
const RATE = [less("p50Ms", "p50 ms"), less("p99Ms", "p99 ms"), less("maxMs", "max ms")];
const CONNS = [
  more("registrationsPerS", "registrations/s"),
  less("rssBytesEach", "bytes each"),
  less("serverCpuUsEach", "CPU µs each"),
];
const DM = [more("roundTripsPerS", "round trips/s"), less("p50Ms", "p50 ms"), less("p99Ms", "p99 ms")];
const HISTORY = [more("requestsPerS", "pages/s"), less("p50Ms", "p50 ms"), less("p99Ms", "p99 ms")];
const FAIRNESS = [
  less("p99AloneMs", "p99 alone ms"),
  less("p99FloodMs", "p99 flood ms"),
  less("floodRatio", "flood / alone"),
  more("floodLinesPerS", "flood lines/s"),
  less("p99StuckMs", "p99 stuck ms"),
  less("stuckRatio", "stuck / alone"),
];

const fanout = (receivers: number, ...more: string[]) => [
  "fanout",
  `--receivers=${receivers}`,
  "--senders=10",
  ...more,
];

export const TRIALS: readonly Trial[] = [
  { name: "fan100", about: "100 receivers, 10 senders", args: fanout(100), figures: FANOUT },
  { name: "fan1000", about: "1000 receivers, 10 senders", args: fanout(1000), figures: FANOUT },
  ...[300, 3000, 5000].map((receivers) => ({
    name: `fan${receivers}`,
    about: `${receivers} receivers, 10 senders`,
    args: fanout(receivers),
    figures: FANOUT,
    onRequest: true,
  })),
  {
    name: "tagged100",
    about: "fan100 to receivers with IRCv3 tags",
    args: fanout(100, "--caps=server-time message-tags echo-message batch"),
    figures: FANOUT,
  },
  {
    name: "rate1000",
    about: "1000 receivers, 100 messages/s",
    args: fanout(1000, "--rate=100"),
    figures: RATE,
  },
  ...[1, 20].map((thousands) => ({
    name: `messages${thousands}k`,
    about: `10 receivers, ${thousands},000 messages/s`,
    args: ["fanout", "--receivers=10", "--senders=10", `--rate=${thousands}000`],
    figures: LOAD,
    onRequest: true,
  })),
  { name: "conns10k", about: "10,000 connections", args: ["conns", "--connections=10000"], figures: CONNS },
  ...[1, 5, 15].map((thousands) => ({
    name: `conns${thousands}k`,
    about: `${thousands},000 connections`,
    args: ["conns", `--connections=${thousands}000`],
    figures: CONNS,
    onRequest: true,
  })),
  {
    name: "join2k",
    about: "2000 connections enter one room",
    args: ["conns", "--connections=2000", "--join"],
    figures: CONNS,
  },
  { name: "dm1", about: "1 pair, there and back", args: ["dm", "--pairs=1"], figures: DM },
  { name: "dm100", about: "100 pairs, there and back", args: ["dm", "--pairs=100"], figures: DM },
  { name: "history", about: "pages of 100 messages", args: ["history"], figures: HISTORY },
  ...([["mixed100", 50], ["mixed2k", 2000]] as const).map(([name, pages]) => ({
    name,
    about: `fan100, beside it ${pages} pages of history/s`,
    args: fanout(100, `--with-history=${pages}`),
    figures: [
      FANOUT[0]!,
      more("history.requestsPerS", "pages/s"),
      less("history.p50Ms", "page p50 ms"),
      less("history.p99Ms", "page p99 ms"),
    ],
    onRequest: pages > 50,
  })),
  {
    name: "fairness",
    about: "200 receivers, 50 messages/s: alone, beside a flood, with one who does not read",
    args: ["fairness", "--receivers=200", "--rate=50"],
    figures: FAIRNESS,
  },
];
