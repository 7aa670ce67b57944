/** How full the store is, for operators: told before it refuses to store anything. */
import { formatSize } from "../base/values/size.ts";
import type { StoreStatus } from "./key_value_store.ts";

/** Share of the quota from which on operators are told. */
export const QUOTA_WARNING_SHARE = 0.6;
/** Share of the database that is in use, below which defragmenting it is worth more than a higher quota. */
const FRAGMENTED_SHARE = 0.5;

/** What operators are told of it; undefined: nothing. */
export function describeQuota(status: StoreStatus): string | undefined {
  const { alarms, bytes, bytesInUse, quotaBytes } = status;
  const other = alarms.filter((alarm) => alarm !== "NOSPACE");
  if (other.length > 0) return `etcd raises the alarm ${other.join(", ")}; see etcdctl alarm list`;
  const isFull = alarms.includes("NOSPACE");
  if (!isFull && bytes < QUOTA_WARNING_SHARE * quotaBytes) return undefined;
  const percent = Math.floor(100 * bytes / quotaBytes);
  const sizes = `its database has ${formatSize(bytes)} of ${formatSize(quotaBytes)} (${percent} %), ` +
    `of which ${formatSize(bytesInUse)} are in use`;
  const remedy = bytesInUse < FRAGMENTED_SHARE * bytes
    ? "run etcdctl defrag on one member after the other"
    : "raise its --quota-backend-bytes, or keep less history";
  return isFull
    ? `etcd is full and stores nothing: ${sizes}; ${remedy}, then etcdctl alarm disarm`
    : `etcd is filling up: ${sizes}; ${remedy}`;
}
