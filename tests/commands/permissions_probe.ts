/** Loaded before the program: says on standard error, when the process ends, which permissions it has then. */
addEventListener("unload", () => {
  const names = ["read", "write", "net", "sys", "run", "ffi", "import"] as const;
  const path = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`; // FFI and programs are given for paths alone
  const scopes: Partial<Record<typeof names[number], object>> = {
    ffi: { path },
    run: { command: "/proc/self/exe" },
  };
  const granted = names.filter((name) =>
    Deno.permissions.querySync({ name, ...scopes[name] }).state === "granted"
  );
  const kinds = ["hostname", "umask", "ca", "uid", "gid", "userInfo", "osRelease"].filter((kind) =>
    Deno.permissions.querySync({ name: "sys", kind } as Deno.PermissionDescriptor).state === "granted"
  );
  console.error(`permissions: ${[...granted, ...kinds].join(" ")}`);
});
