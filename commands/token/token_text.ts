/** Tokens in words, in a table, and as JSON. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import type { ListedToken, NewToken, TokenDetails } from "../../lib/client/accounts/account_tokens.ts";
import { formatTokenScope } from "../../lib/irc/token_scopes.ts";
import type { TokenScope } from "../../lib/irc/token_scopes.ts";

/** What the holder of a new token may do, and until when. */
export function describeNewToken(token: NewToken, account: string, utc: boolean): string {
  const may = token.scopes.map(describeScope).join(", ");
  return toPrintable(`token ${token.id} of ${account}: ${may}; ${describeExpiry(token, utc)}`);
}

function describeScope(scope: TokenScope): string {
  switch (scope.kind) {
    case "send":
      return scope.target === "*" ? "sends to all rooms and users" : `sends to ${scope.target}`;
    case "read":
      return scope.target === "*" ? "reads all that the account may read" : `reads ${scope.target}`;
    case "people":
      return "sees who is online";
    case "metrics":
      return "reads the metrics of the server";
  }
}

function describeExpiry({ expiresAt }: TokenDetails, utc: boolean): string {
  return expiresAt === undefined ? "does not expire" : `expires ${formatTime(expiresAt, utc)}`;
}

export function formatNewTokenJson(token: NewToken, account: string): string {
  return formatJsonLine({ ...tokenRecord(token), account, token: token.secret });
}

export function formatTokensJson(tokens: readonly ListedToken[]): string {
  return tokens.map((token) =>
    formatJsonLine({
      ...tokenRecord(token),
      created: formatJsonTime(token.createdAt),
      label: token.label,
    })
  ).join("");
}

function tokenRecord({ id, scopes, expiresAt }: TokenDetails): Record<string, unknown> {
  return { id, scopes: scopes.map(formatTokenScope), expires: formatJsonTime(expiresAt) };
}

function formatJsonTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

export async function formatTokens(
  tokens: readonly ListedToken[],
  palette: Palette,
  utc: boolean,
): Promise<string> {
  const cells = tokens.map(({ id, createdAt, expiresAt, scopes, label }): TableCell[] => [
    { text: toPrintable(id), paint: palette.name },
    { text: createdAt === undefined ? "?" : formatTime(createdAt, utc) },
    { text: expiresAt === undefined ? "never" : formatTime(expiresAt, utc) },
    { text: toPrintable(scopes.map(formatTokenScope).join(" ")), paint: palette.channel },
    { text: toPrintable(label), paint: palette.dim },
  ]);
  return await formatTable(["ID", "CREATED", "EXPIRES", "SCOPES", "LABEL"], cells, palette.dim);
}
