/** A file that a bench writes at its end. */

/** Why the file cannot be written, as a sentence; undefined: it can. A file that is there stays as it is. */
export function findWriteFault(path: string): string | undefined {
  try {
    Deno.openSync(path, { write: true, createNew: true }).close();
    Deno.removeSync(path);
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists
      ? findChangeFault(path)
      : describeWriteFault(path, error);
  }
}

function findChangeFault(path: string): string | undefined {
  try {
    Deno.openSync(path, { append: true }).close();
    return undefined;
  } catch (error) {
    return describeWriteFault(path, error);
  }
}

export function describeWriteFault(path: string, error: unknown): string {
  return `cannot write ${path}: ${reasonOf(error)}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
