export const allRoles = ['apiserver', 'scheduler', 'controllers', 'node'] as const;
export type Role = (typeof allRoles)[number];

/** `apiserver,node`; throws on an unknown role, naming those there are. */
export function parseRoles(text: string): ReadonlySet<Role> {
  const roles = text.split(',').map((word) => word.trim());
  const unknown = roles.filter((role) => !(allRoles as readonly string[]).includes(role));
  if (unknown.length > 0) throw new Error(`unknown role ${unknown.join(', ')}: the roles are ${allRoles.join(', ')}`);
  return new Set(roles as Role[]);
}
