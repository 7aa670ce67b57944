/** Headings in the help of `serve`, for flags that stand in several tables. */
export const FLAG_GROUP = {
  accounts: "Accounts",
  history: "History",
  shown: "What clients and the log show",
  unix: "Unix socket",
} as const;
