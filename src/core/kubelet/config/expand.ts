/** `$(VAR)` in commands, arguments and values of variables (kubernetes third_party/forked/golang/expansion). Pure. */

/** Unknown names stay as they are written, `$$` is a dollar sign. */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string) => {
    if (what === '$') return '$';
    return variables.get(name) ?? whole;
  });
}
