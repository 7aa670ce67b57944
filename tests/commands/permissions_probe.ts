/** Loaded before the program: says on standard error, when the process ends, which permissions it has then. */
addEventListener("unload", () => {
  const names = ["read", "write", "net", "sys", "run", "ffi", "import"] as const;
  const granted = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  const host = Deno.permissions.querySync({ name: "sys", kind: "hostname" }).state === "granted"
    ? ["hostname"]
    : [];
  console.error(`permissions: ${[...granted, ...host].join(" ")}`);
});
