/** Nothing is refused: the default of 0.17, and what to name when no other plug-in is wanted. */
import type { AdmissionPlugin } from './plugin.ts';

export const alwaysAdmit: AdmissionPlugin = {
  name: 'AlwaysAdmit',
  admit() {},
};
