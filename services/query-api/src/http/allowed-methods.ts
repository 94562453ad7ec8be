interface Route {
  readonly method: string;
  /** Pattern, such as `/recommendations/:id`. */
  readonly url: string;
}

/**
 * Methods that routes take on a path; none where no route knows it. The router itself tells a wrong
 * method from a wrong path only by asking it once per method it has ever heard of.
 */
export function allowedMethods(routes: readonly Route[], path: string): readonly string[] {
  const methods = routes.filter(({ url }) => matches(url, path)).map(({ method }) => method);
  return [...new Set(methods)].toSorted();
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) =>
      part.startsWith(":") ? given[index] !== "" : part === given[index],
    )
  );
}
