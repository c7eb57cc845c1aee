import pkg from '../../../package.json' with { type: 'json' };

/** The release of this program, `0.1.0`. */
export const version: string = pkg.version;
