/** What a container's spec asks for cannot be had: it waits with CreateContainerConfigError until it can. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
